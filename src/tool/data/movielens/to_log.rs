//! In: `movies.csv`, `ratings.csv` and, if it is there, `tags.csv` of a MovieLens folder.
//! Out: `item` events, then an `interaction` for each rating and each tag, in file order. Tags of validation and
//! test users are left out: they would give away those users' opinions.

use crate::data::logs::fault::{Fault, Faults, Result};
use crate::data::logs::record::{Field, Interaction, Item, Record};
use crate::data::logs::write::LogWriter;
use crate::data::movielens::csv_rows::CsvRows;
use crate::data::movielens::title::parse_title;
use crate::data::rating::event_type;
use crate::data::split::Split;
use ranklet::limits;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

const USER: &[&str] = &["userId", "user_id"];
const ITEM: &[&str] = &["movieId", "movie_id", "item_id"];

/// The interaction type under which a tag that a user wrote is logged; its text is the field `tag`.
pub const TAG: &str = "tag";

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Items.
    pub items: u64,
    /// Ratings, as interactions of the types of [`event_type`].
    pub ratings: u64,
    /// Tags by train users.
    pub tags: u64,
    /// Tags by others, left out.
    pub tags_left_out: u64,
}

/// How often each tag was written, by item.
type TagCounts = BTreeMap<u64, BTreeMap<String, u32>>;

/// Writes a folder as a log. Items carry `title`, `year`, `genres` and, as `tags`, the up to
/// `limits::TAGS` that train users wrote most (lower case, then alphabetically). `progress` is told
/// how many bytes of how many were read.
///
/// # Errors
/// A file cannot be read or written, a column is missing, or `faults` is strict and a row is malformed.
pub fn movielens_to_log(
    folder: &Path,
    log: &mut LogWriter,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Imported> {
    each_record(folder, &mut |record| log.write(&record), faults, progress)
}

/// As [`movielens_to_log`], its records one at a time.
///
/// # Errors
/// As [`movielens_to_log`], and what `write` gives.
pub fn each_record(
    folder: &Path,
    write: &mut dyn FnMut(Record) -> Result<()>,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Imported> {
    let [movies, ratings, tags] = ["movies.csv", "ratings.csv", "tags.csv"].map(|name| folder.join(name));
    let total = size(&movies) + size(&ratings) + 2 * size(&tags);
    let mut progress = Progress { tell: progress, done: 0, total };
    let mut imported = Imported::default();
    let counts = tag_counts(&tags, &mut progress)?;
    each_film(&movies, counts, faults, |film, bytes| {
        progress.at(bytes);
        imported.items += 1;
        write(film)
    })?;
    progress.done += size(&movies);
    each_rating(&ratings, faults, |rating, bytes| {
        progress.at(bytes);
        imported.ratings += 1;
        write(rating)
    })?;
    progress.done += size(&ratings);
    if tags.is_file() {
        each_tag(&tags, faults, |tag, bytes| {
            progress.at(bytes);
            if !tag.train {
                imported.tags_left_out += 1;
                return Ok(());
            }
            imported.tags += 1;
            write(tag.record())
        })?;
    }
    Ok(imported)
}

/// How many bytes of all files were read.
struct Progress<'a> {
    tell: &'a mut dyn FnMut(u64, u64),
    /// Bytes of the files before this one.
    done: u64,
    total: u64,
}

impl Progress<'_> {
    fn at(&mut self, bytes: u64) {
        (self.tell)(self.done + bytes, self.total);
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// How often train users wrote each tag. Faults are reported when the file is read for the second time.
fn tag_counts(tags: &Path, progress: &mut Progress<'_>) -> Result<TagCounts> {
    let mut counts = TagCounts::new();
    if !tags.is_file() {
        return Ok(counts);
    }
    each_tag(tags, &mut Faults::new(false), |tag, bytes| {
        progress.at(bytes);
        if tag.train {
            *counts.entry(tag.item).or_default().entry(tag.text.trim().to_lowercase()).or_default() += 1;
        }
        Ok(())
    })?;
    progress.done += size(tags);
    Ok(counts)
}

fn each_film(
    path: &Path,
    mut counts: TagCounts,
    faults: &mut Faults,
    mut each: impl FnMut(Record, u64) -> Result<()>,
) -> Result<()> {
    let mut rows = CsvRows::open(path, &[ITEM, &["title"], &["genres"]])?;
    let mut described = HashSet::new();
    while rows.advance(faults)? {
        match rows.id(0) {
            Ok(item) if described.insert(item) => {
                each(film(item, rows.text(1), rows.text(2), counts.remove(&item)), rows.bytes())?;
            }
            Ok(item) => faults.report(rows.duplicate(0, format!("film {item} was listed before")))?,
            Err(fault) => faults.report(fault)?,
        }
    }
    Ok(())
}

fn film(item: u64, title: &str, genres: &str, tags: Option<BTreeMap<String, u32>>) -> Record {
    let title = parse_title(title);
    let mut fields = vec![Field::new("title", title.text.as_str())];
    if let Some(year) = title.year {
        fields.push(Field::new("year", f64::from(year)));
    }
    let genres =
        genres.split('|').map(str::trim).filter(|name| !name.is_empty() && *name != "(no genres listed)");
    fields.push(Field::new("genres", genres.map(str::to_owned).collect::<Vec<_>>()));
    if let Some(tags) = tags {
        let mut tags: Vec<(String, u32)> = tags.into_iter().collect();
        tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let tags = tags.into_iter().map(|(text, _)| text).take(limits::TAGS);
        fields.push(Field::new("tags", tags.collect::<Vec<_>>()));
    }
    Record::Item(Item { item: item.to_string(), fields, ..Item::default() })
}

fn each_rating(
    path: &Path,
    faults: &mut Faults,
    mut each: impl FnMut(Record, u64) -> Result<()>,
) -> Result<()> {
    let mut rows = CsvRows::open(path, &[USER, ITEM, &["rating"], &["timestamp"]])?;
    let mut rated = HashSet::new();
    while rows.advance(faults)? {
        match rating(&rows, &mut rated) {
            Ok(record) => each(record, rows.bytes())?,
            Err(fault) => faults.report(fault)?,
        }
    }
    Ok(())
}

fn rating(rows: &CsvRows, rated: &mut HashSet<(u64, u64)>) -> std::result::Result<Record, Fault> {
    let (user, item) = (rows.id(0)?, rows.id(1)?);
    let stars: f32 = rows.value(2, "a number of stars")?;
    if !stars.is_finite() {
        return Err(rows.fault(2, format!("{stars} is not a finite number of stars")));
    }
    let timestamp = seconds(rows)?;
    if !rated.insert((user, item)) {
        return Err(rows.duplicate(1, format!("user {user} rated item {item} before")));
    }
    Ok(Record::Interaction(Interaction {
        id: Some(format!("rating:{user}:{item}")),
        item: item.to_string(),
        timestamp,
        user: Some(user.to_string()),
        kind: event_type(stars).to_owned(),
        fields: vec![Field::new("rating", f64::from(stars))],
        ..Interaction::default()
    }))
}

/// The fourth column, in milliseconds.
fn seconds(rows: &CsvRows) -> std::result::Result<i64, Fault> {
    let seconds: i64 = rows.value(3, "a time in whole seconds")?;
    // To the end of the year 5138, as in a log.
    if !(0..100_000_000_000).contains(&seconds) {
        return Err(rows.fault(3, format!("{seconds} is not a time in seconds since 1970")));
    }
    Ok(seconds * 1000)
}

struct Tag<'a> {
    user: u64,
    item: u64,
    text: &'a str,
    timestamp: i64,
    train: bool,
}

impl Tag<'_> {
    fn record(&self) -> Record {
        Record::Interaction(Interaction {
            item: self.item.to_string(),
            timestamp: self.timestamp,
            user: Some(self.user.to_string()),
            kind: TAG.to_owned(),
            fields: vec![Field::new("tag", self.text)],
            ..Interaction::default()
        })
    }
}

fn each_tag(
    path: &Path,
    faults: &mut Faults,
    mut each: impl FnMut(&Tag<'_>, u64) -> Result<()>,
) -> Result<()> {
    let mut rows = CsvRows::open(path, &[USER, ITEM, &["tag"], &["timestamp"]])?;
    while rows.advance(faults)? {
        let tag = || {
            let user = rows.id(0)?;
            let train = Split::of(user) == Split::Train;
            Ok(Tag { user, item: rows.id(1)?, text: rows.text(2), timestamp: seconds(&rows)?, train })
        };
        match tag() {
            Ok(tag) => each(&tag, rows.bytes())?,
            Err(fault) => faults.report(fault)?,
        }
    }
    Ok(())
}
