//! Enters: `ratings.csv`, `movies.csv` and `tags.csv` of a MovieLens folder.
//! Leaves: typed rows; ratings one at a time, as they are the bulk.
//! Never: exposes a tag whose author the caller's filter has not admitted, or accepts a rating twice.

use std::collections::HashSet;
use std::path::Path;

use super::error::{Error, ErrorKind, Result};
use super::split::Split;
use super::table::{Column, Table};
use super::title::{Title, parse_title};

/// One line of `ratings.csv`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// Who rated.
    pub user: u64,
    /// What was rated.
    pub item: u64,
    /// Stars: 0.5 to 5 in steps of 0.5 in MovieLens; any finite number is read.
    pub rating: f32,
    /// Seconds since 1970-01-01 UTC.
    pub timestamp: i64,
}

/// One line of `movies.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movie {
    /// The item's id.
    pub item: u64,
    /// Title in reading order, without the year: "The Shawshank Redemption".
    pub title: String,
    /// Year of release, where the title ends in one.
    pub year: Option<u16>,
    /// Genre names in file order; empty for "(no genres listed)".
    pub genres: Vec<String>,
}

/// One line of `tags.csv` by an admitted user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Who wrote it.
    pub user: u64,
    /// The item it describes.
    pub item: u64,
    /// Free text as written.
    pub text: String,
    /// Seconds since 1970-01-01 UTC.
    pub timestamp: i64,
}

/// Streams `ratings.csv`; ends after the first error.
pub struct Ratings {
    table: Table,
    columns: [Column; 4],
    rated: HashSet<(u64, u64)>,
    failed: bool,
}

impl Ratings {
    /// Opens a ratings file and finds its columns (`userId`, `movieId`, `rating`, `timestamp`).
    ///
    /// # Errors
    /// The file cannot be opened, or a column is missing.
    pub fn open(path: &Path) -> Result<Self> {
        let mut table = Table::open(path)?;
        let columns = [
            table.column(&["userId", "user_id"])?,
            table.column(&["movieId", "movie_id", "item_id"])?,
            table.column(&["rating"])?,
            table.column(&["timestamp"])?,
        ];
        Ok(Self { table, columns, rated: HashSet::new(), failed: false })
    }

    fn read(&mut self) -> Result<Option<Rating>> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let [user, item, stars, timestamp] = &self.columns;
        let row = Rating {
            user: self.table.id(user)?,
            item: self.table.id(item)?,
            rating: self.table.value(stars, "a number of stars")?,
            timestamp: self.table.value(timestamp, "a time in whole seconds")?,
        };
        if !row.rating.is_finite() {
            return Err(self.table.refuse(stars, "a finite number of stars"));
        }
        if !self.rated.insert((row.user, row.item)) {
            let reason = format!("user {} rated item {} before", row.user, row.item);
            return Err(Error::new(ErrorKind::Duplicate, self.table.place(), reason));
        }
        Ok(Some(row))
    }
}

impl Iterator for Ratings {
    type Item = Result<Rating>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.read();
        self.failed = row.is_err();
        row.transpose()
    }
}

/// Reads `movies.csv` of a folder, in file order.
///
/// # Errors
/// The file cannot be read, a column (`movieId`, `title`, `genres`) is missing, or an id is not one.
pub fn movies(folder: &Path) -> Result<Vec<Movie>> {
    let mut table = Table::open(&folder.join("movies.csv"))?;
    let item = table.column(&["movieId", "movie_id", "item_id"])?;
    let (title, genres) = (table.column(&["title"])?, table.column(&["genres"])?);
    let mut rows = Vec::new();
    while table.advance()? {
        let Title { text, year } = parse_title(table.text(&title));
        let names = table.text(&genres).split('|').map(str::trim);
        rows.push(Movie {
            item: table.id(&item)?,
            title: text,
            year,
            genres: names
                .filter(|name| !name.is_empty() && *name != "(no genres listed)")
                .map(str::to_owned)
                .collect(),
        });
    }
    Ok(rows)
}

/// Reads the tags of a folder whose authors `admit` accepts, in file order.
///
/// # Errors
/// The file cannot be read, a column (`userId`, `movieId`, `tag`, `timestamp`) is missing, or a field
/// does not parse, whoever wrote the line.
pub fn tags(folder: &Path, admit: impl Fn(u64) -> bool) -> Result<Vec<Tag>> {
    let mut table = Table::open(&folder.join("tags.csv"))?;
    let user = table.column(&["userId", "user_id"])?;
    let item = table.column(&["movieId", "movie_id", "item_id"])?;
    let (text, timestamp) = (table.column(&["tag"])?, table.column(&["timestamp"])?);
    let mut rows = Vec::new();
    while table.advance()? {
        let tag = Tag {
            user: table.id(&user)?,
            item: table.id(&item)?,
            text: table.text(&text).to_owned(),
            timestamp: table.value(&timestamp, "a time in whole seconds")?,
        };
        if admit(tag.user) {
            rows.push(tag);
        }
    }
    Ok(rows)
}

/// The tags that the protocol allows: those of train users, on any item. A tag by someone who is
/// evaluated would give away that person's opinion.
///
/// # Errors
/// As [`tags`].
pub fn train_tags(folder: &Path) -> Result<Vec<Tag>> {
    tags(folder, |user| Split::of(user) == Split::Train)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::generate::ratings::{self, Shape};

    /// A folder that is removed when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("replay-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn ratings(&self, text: &str) -> Result<Vec<Rating>> {
            let path = self.0.join("ratings.csv");
            fs::write(&path, text).unwrap();
            Ratings::open(&path)?.collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_the_fixture_writes_reads_back() {
        let (folder, shape) = (Folder::new("fixture"), Shape::default());
        ratings::write(&folder.0, &shape).unwrap();
        let ratings: Vec<Rating> =
            Ratings::open(&folder.0.join("ratings.csv")).unwrap().map(|row| row.unwrap()).collect();
        assert_eq!(ratings, ratings::ratings(&shape));
        assert_eq!(movies(&folder.0).unwrap(), ratings::movies(&shape));
        let all = ratings::tags(&shape);
        assert_eq!(tags(&folder.0, |_| true).unwrap(), all);
        let train = train_tags(&folder.0).unwrap();
        assert!(!train.is_empty() && train.len() < all.len());
        assert!(train.iter().all(|tag| Split::of(tag.user) == Split::Train));
    }

    #[test]
    fn columns_are_found_by_name() {
        let folder = Folder::new("columns");
        let rows = folder.ratings("timestamp,rating,item_id,user_id\n9,3.5,7,5\n").unwrap();
        assert_eq!(rows, [Rating { user: 5, item: 7, rating: 3.5, timestamp: 9 }]);
    }

    #[test]
    fn refusals_name_file_line_and_field() {
        let folder = Folder::new("refusals");
        let head = "userId,movieId,rating,timestamp\n1,2,3.5,4\n";
        let cases = [
            ("1,3,x,4\n", ErrorKind::BadValue, "line 3 field rating"),
            ("1,3,inf,4\n", ErrorKind::BadValue, "line 3 field rating"),
            ("1,03,3,4\n", ErrorKind::BadValue, "line 3 field movieId"),
            ("-1,3,3,4\n", ErrorKind::BadValue, "line 3 field userId"),
            (",3,3,4\n", ErrorKind::BadValue, "line 3 field userId"),
            ("1,3,3,4.5\n", ErrorKind::BadValue, "line 3 field timestamp"),
            ("1,3,3,5\n1,2,3,4\n", ErrorKind::Duplicate, "line 4"),
            ("1,3,3\n", ErrorKind::Malformed, "line 3"),
        ];
        for (rows, kind, place) in cases {
            let error = folder.ratings(&format!("{head}{rows}")).expect_err(rows);
            assert_eq!(error.kind(), kind, "{rows}");
            assert!(error.place().ends_with(&format!("ratings.csv {place}")), "{error}");
        }
        let error = folder.ratings("userId,movieId,rating\n").expect_err("no timestamp");
        assert_eq!(error.kind(), ErrorKind::MissingColumn);
        assert!(error.to_string().contains("timestamp"));
        let error = movies(&folder.0).expect_err("no movies");
        assert_eq!(error.kind(), ErrorKind::Io);
    }
}
