//! Enters: a log in the four-event format.
//! Leaves: `movies.csv`, `ratings.csv` and `tags.csv` with what of it MovieLens has a place for.
//! Never: invents a rating; interactions without one are counted as lost.
//!
//! Interactions are streamed. Items are held, since later events may add to them.

use super::TAG;
use super::rows::plain_id;
use crate::logs::read::{LogReader, Place};
use crate::logs::record::{Field, Interaction, Record, Value, find};
use crate::logs::{Error, FaultKind, Faults, Result};
use csv::Writer;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What was written, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines of `movies.csv`.
    pub items: u64,
    /// Lines of `ratings.csv`.
    pub ratings: u64,
    /// Lines of `tags.csv`.
    pub tags: u64,
    /// What MovieLens has no place for, by name: `rankings`, `users`, `clicks` …
    pub lost: BTreeMap<String, u64>,
}

impl Exported {
    fn lose(&mut self, what: &str) {
        // Names come from the log; beyond a hundred they are counted together.
        let full = self.lost.len() >= 100 && !self.lost.contains_key(what);
        *self.lost.entry(if full { "others".to_owned() } else { what.to_owned() }).or_default() += 1;
    }
}

/// Fields of an item that become columns of `movies.csv`, or, as `tags`, come from the tags that
/// users wrote.
const CARRIED: [&str; 4] = ["title", "year", "genres", "tags"];

/// Writes a log as a MovieLens folder. Ids must be plain decimal numbers. The first rating of an item
/// by a user counts; times are cut to seconds.
///
/// # Errors
/// A file cannot be read or written, or `faults` is strict and something is malformed.
pub fn to_movielens(
    reader: &mut LogReader,
    folder: &Path,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported> {
    std::fs::create_dir_all(folder).map_err(|cause| Error::io(folder, cause))?;
    let mut ratings = Table::create(folder, "ratings.csv", &["userId", "movieId", "rating", "timestamp"])?;
    let mut tags = Table::create(folder, "tags.csv", &["userId", "movieId", "tag", "timestamp"])?;
    let mut films: BTreeMap<u64, BTreeMap<String, Value>> = BTreeMap::new();
    let mut rated = HashSet::new();
    let mut exported = Exported::default();
    while let Some(entry) = reader.read(faults)? {
        progress(reader.bytes_read(), reader.bytes());
        match entry.record {
            Record::Item(item) => {
                let Some(id) = number(&item.item, "item", entry.place, reader, faults)? else { continue };
                let film = films.entry(id).or_default();
                for Field { name, value } in item.fields {
                    if !CARRIED.contains(&name.as_str()) {
                        exported.lose(&format!("item field {name}"));
                    } else if name != "tags" {
                        film.insert(name, value);
                    }
                }
            }
            Record::Interaction(interaction) => {
                let row = Row { interaction: &interaction, place: entry.place };
                row.write(&mut ratings, &mut tags, &mut rated, &mut exported, reader, faults)?;
            }
            Record::User(_) => exported.lose("users"),
            Record::Ranking(_) => exported.lose("rankings"),
        }
    }
    let mut movies = Table::create(folder, "movies.csv", &["movieId", "title", "genres"])?;
    for (id, film) in films {
        movies.write(&[&id.to_string(), &title(&film), &genres(&film)])?;
        exported.items += 1;
    }
    movies.finish()?;
    ratings.finish()?;
    tags.finish()?;
    Ok(exported)
}

/// An interaction and its place.
struct Row<'a> {
    interaction: &'a Interaction,
    place: Place,
}

impl Row<'_> {
    fn write(
        &self,
        ratings: &mut Table,
        tags: &mut Table,
        rated: &mut HashSet<(u64, u64)>,
        exported: &mut Exported,
        reader: &LogReader,
        faults: &mut Faults,
    ) -> Result<()> {
        let Interaction { item, user, kind, fields, timestamp, .. } = self.interaction;
        let stars = find(fields, "rating").and_then(Field::number);
        let tag = if kind == TAG { find(fields, "tag").and_then(Field::text) } else { None };
        if stars.is_none() && tag.is_none() {
            exported.lose(&format!("interactions of type {kind}"));
            return Ok(());
        }
        let Some(user) = user else {
            let what = "is missing; a rating needs its user".to_owned();
            return faults.report(reader.fault(self.place, FaultKind::Missing, "user", what));
        };
        let Some(user) = number(user, "user", self.place, reader, faults)? else { return Ok(()) };
        let Some(item) = number(item, "item", self.place, reader, faults)? else { return Ok(()) };
        let seconds = timestamp.div_euclid(1000).to_string();
        if let Some(tag) = tag {
            exported.tags += 1;
            return tags.write(&[&user.to_string(), &item.to_string(), tag, &seconds]);
        }
        let Some(stars) = stars else { return Ok(()) };
        if !rated.insert((user, item)) {
            let what = format!("user {user} rated item {item} before; the first rating counts");
            return faults.report(reader.fault(self.place, FaultKind::Duplicate, "item", what));
        }
        exported.ratings += 1;
        ratings.write(&[&user.to_string(), &item.to_string(), &format!("{stars:?}"), &seconds])
    }
}

fn number(
    id: &str,
    field: &str,
    place: Place,
    reader: &LogReader,
    faults: &mut Faults,
) -> Result<Option<u64>> {
    let number = plain_id(id);
    if number.is_none() {
        let what = format!("{id:?} is no plain decimal number, as MovieLens's ids are");
        faults.report(reader.fault(place, FaultKind::WrongType, field, what))?;
    }
    Ok(number)
}

/// "Title (1995)".
fn title(film: &BTreeMap<String, Value>) -> String {
    let title = match film.get("title") {
        Some(Value::Text(title)) => title.as_str(),
        _ => "",
    };
    match film.get("year") {
        Some(&Value::Number(year)) if (1000.0..10_000.0).contains(&year) => format!("{title} ({year:.0})"),
        _ => title.to_owned(),
    }
}

fn genres(film: &BTreeMap<String, Value>) -> String {
    match film.get("genres") {
        Some(Value::Texts(genres)) if !genres.is_empty() => genres.join("|"),
        Some(Value::Text(genre)) => genre.clone(),
        _ => "(no genres listed)".to_owned(),
    }
}

/// A CSV file that gets its name when it is complete.
struct Table {
    path: PathBuf,
    part: PathBuf,
    writer: Writer<File>,
}

impl Table {
    fn create(folder: &Path, name: &str, header: &[&str]) -> Result<Self> {
        let (path, part) = (folder.join(name), folder.join(format!("{name}.part")));
        let file = File::create(&part).map_err(|cause| Error::io(&part, cause))?;
        let mut table = Self { path, part, writer: Writer::from_writer(file) };
        table.write(header)?;
        Ok(table)
    }

    fn write(&mut self, row: &[&str]) -> Result<()> {
        self.writer.write_record(row).map_err(|cause| Error::io(&self.part, cause.into()))
    }

    fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush().and_then(|()| std::fs::rename(&self.part, &self.path));
        flushed.map_err(|cause| Error::io(&self.path, cause))
    }
}
