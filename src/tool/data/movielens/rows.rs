//! In: `ratings.csv`, `movies.csv` and `tags.csv` of a MovieLens folder. Out: typed rows; ratings one at a time,
//! as they are the bulk. The strict reader: it stops at the first malformed row, and a rating that is there
//! twice is one. [`super::csv_rows`] is the reader that counts faults instead.

use crate::data::error::{DataError, Result};
use crate::data::movielens::table::{CsvColumn, CsvTable};
use crate::data::movielens::title::{Title, parse_title};
use crate::data::rating::Rating;
use crate::data::split::Split;
use std::collections::HashSet;
use std::path::Path;

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
    table: CsvTable,
    columns: [CsvColumn; 4],
    rated: HashSet<(u64, u64)>,
    failed: bool,
}

impl Ratings {
    /// Opens a ratings file and finds its columns (`userId`, `movieId`, `rating`, `timestamp`).
    ///
    /// # Errors
    /// The file cannot be opened, or a column is missing.
    pub fn open(path: &Path) -> Result<Self> {
        let mut table = CsvTable::open(path)?;
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
            return Err(DataError::new(self.table.location(), reason));
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
    let mut table = CsvTable::open(&folder.join("movies.csv"))?;
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
    let mut table = CsvTable::open(&folder.join("tags.csv"))?;
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
    use super::*;
    use crate::generate::ratings::{self, Shape};
    use crate::test_folder::Folder;

    fn read(folder: &Folder, text: &str) -> Result<Vec<Rating>> {
        Ratings::open(&folder.file("ratings.csv", text))?.collect()
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
        let rows = read(&folder, "timestamp,rating,item_id,user_id\n9,3.5,7,5\n").unwrap();
        assert_eq!(rows, [Rating { user: 5, item: 7, rating: 3.5, timestamp: 9 }]);
    }

    #[test]
    fn refusals_name_file_line_and_field() {
        let folder = Folder::new("refusals");
        let head = "userId,movieId,rating,timestamp\n1,2,3.5,4\n";
        let cases = [
            ("1,3,x,4\n", "line 3 field rating: \"x\" is not a number of stars"),
            ("1,3,inf,4\n", "line 3 field rating: \"inf\" is not a finite number of stars"),
            ("1,03,3,4\n", "line 3 field movieId: \"03\" is not an unsigned decimal id"),
            ("-1,3,3,4\n", "line 3 field userId: \"-1\" is not an unsigned decimal id"),
            (",3,3,4\n", "line 3 field userId: \"\" is not an unsigned decimal id"),
            ("1,3,3,4.5\n", "line 3 field timestamp: \"4.5\" is not a time in whole seconds"),
            ("1,3,3,5\n1,2,3,4\n", "line 4: user 1 rated item 2 before"),
            ("1,3,3\n", "line 3: CSV error: record 2 (line: 3, byte: "),
        ];
        for (rows, expected) in cases {
            let error = read(&folder, &format!("{head}{rows}")).expect_err(rows);
            assert!(error.to_string().contains(&format!("ratings.csv {expected}")), "{error}");
        }
        let error = read(&folder, "userId,movieId,rating\n").expect_err("no timestamp");
        assert!(error.to_string().contains("there is no column timestamp"), "{error}");
        let error = movies(&folder.0).expect_err("no movies");
        assert!(error.to_string().contains("movies.csv: No such file"), "{error}");
    }
}
