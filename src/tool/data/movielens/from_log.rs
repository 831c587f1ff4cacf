//! In: a log in the four-event format. Out: `movies.csv`, `ratings.csv` and `tags.csv` with what of it MovieLens
//! has a place for; the rest is counted as lost, and no rating is made up for an interaction without one.
//!
//! Interactions are streamed. Items are held, since later events may add to them.

use crate::data::logs::fault::{FaultKind, Faults, LogError, Result};
use crate::data::logs::read::{Location, LogReader};
use crate::data::logs::record::{Field, Interaction, Record, Value, find};
use crate::data::movielens::ids::plain_id;
use crate::data::movielens::to_log::TAG;
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
pub fn log_to_movielens(
    reader: &mut LogReader,
    folder: &Path,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported> {
    std::fs::create_dir_all(folder).map_err(|cause| LogError::io(folder, cause))?;
    let mut export = Export::create(folder)?;
    while let Some(entry) = reader.read(faults)? {
        progress(reader.bytes_read(), reader.bytes());
        match entry.record {
            Record::Item(item) => {
                if let Some(id) = number(&item.item, "item", entry.location, reader, faults)? {
                    export.item(id, item.fields);
                }
            }
            Record::Interaction(interaction) => {
                export.interaction(&interaction, entry.location, reader, faults)?;
            }
            Record::User(_) => export.exported.lose("users"),
            Record::Ranking(_) => export.exported.lose("rankings"),
        }
    }
    export.finish(folder)
}

/// An item's fields that `movies.csv` has columns for.
type Film = BTreeMap<String, Value>;

/// A folder as it is written.
struct Export {
    ratings: CsvFile,
    tags: CsvFile,
    films: BTreeMap<u64, Film>,
    rated: HashSet<(u64, u64)>,
    exported: Exported,
}

impl Export {
    fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            ratings: CsvFile::create(folder, "ratings.csv", &["userId", "movieId", "rating", "timestamp"])?,
            tags: CsvFile::create(folder, "tags.csv", &["userId", "movieId", "tag", "timestamp"])?,
            films: BTreeMap::new(),
            rated: HashSet::new(),
            exported: Exported::default(),
        })
    }

    fn item(&mut self, id: u64, fields: Vec<Field>) {
        let film = self.films.entry(id).or_default();
        for Field { name, value } in fields {
            if !CARRIED.contains(&name.as_str()) {
                self.exported.lose(&format!("item field {name}"));
            } else if name != "tags" {
                film.insert(name, value);
            }
        }
    }

    fn interaction(
        &mut self,
        interaction: &Interaction,
        location: Location,
        reader: &LogReader,
        faults: &mut Faults,
    ) -> Result<()> {
        let Interaction { item, user, kind, fields, timestamp, .. } = interaction;
        let stars = find(fields, "rating").and_then(Field::number);
        let tag = if kind == TAG { find(fields, "tag").and_then(Field::text) } else { None };
        if stars.is_none() && tag.is_none() {
            self.exported.lose(&format!("interactions of type {kind}"));
            return Ok(());
        }
        let Some(user) = user else {
            let what = "is missing; a rating needs its user".to_owned();
            return faults.report(reader.fault(location, FaultKind::Missing, "user", what));
        };
        let Some(user) = number(user, "user", location, reader, faults)? else { return Ok(()) };
        let Some(item) = number(item, "item", location, reader, faults)? else { return Ok(()) };
        let seconds = timestamp.div_euclid(1000).to_string();
        if let Some(tag) = tag {
            self.exported.tags += 1;
            return self.tags.write(&[&user.to_string(), &item.to_string(), tag, &seconds]);
        }
        let Some(stars) = stars else { return Ok(()) };
        if !self.rated.insert((user, item)) {
            let what = format!("user {user} rated item {item} before; the first rating counts");
            return faults.report(reader.fault(location, FaultKind::Duplicate, "item", what));
        }
        self.exported.ratings += 1;
        self.ratings.write(&[&user.to_string(), &item.to_string(), &format!("{stars:?}"), &seconds])
    }

    fn finish(mut self, folder: &Path) -> Result<Exported> {
        let mut movies = CsvFile::create(folder, "movies.csv", &["movieId", "title", "genres"])?;
        for (id, film) in self.films {
            movies.write(&[&id.to_string(), &title(&film), &genres(&film)])?;
            self.exported.items += 1;
        }
        movies.finish()?;
        self.ratings.finish()?;
        self.tags.finish()?;
        Ok(self.exported)
    }
}

fn number(
    id: &str,
    field: &str,
    location: Location,
    reader: &LogReader,
    faults: &mut Faults,
) -> Result<Option<u64>> {
    let number = plain_id(id);
    if number.is_none() {
        let what = format!("{id:?} is no plain decimal number, as MovieLens's ids are");
        faults.report(reader.fault(location, FaultKind::WrongType, field, what))?;
    }
    Ok(number)
}

/// "Title (1995)".
fn title(film: &Film) -> String {
    let title = match film.get("title") {
        Some(Value::Text(title)) => title.as_str(),
        _ => "",
    };
    match film.get("year") {
        Some(&Value::Number(year)) if (1000.0..10_000.0).contains(&year) => format!("{title} ({year:.0})"),
        _ => title.to_owned(),
    }
}

fn genres(film: &Film) -> String {
    match film.get("genres") {
        Some(Value::Texts(genres)) if !genres.is_empty() => genres.join("|"),
        Some(Value::Text(genre)) => genre.clone(),
        _ => "(no genres listed)".to_owned(),
    }
}

/// A CSV file that gets its name when it is complete.
struct CsvFile {
    path: PathBuf,
    part: PathBuf,
    writer: Writer<File>,
}

impl CsvFile {
    fn create(folder: &Path, name: &str, header: &[&str]) -> Result<Self> {
        let (path, part) = (folder.join(name), folder.join(format!("{name}.part")));
        let file = File::create(&part).map_err(|cause| LogError::io(&part, cause))?;
        let mut table = Self { path, part, writer: Writer::from_writer(file) };
        table.write(header)?;
        Ok(table)
    }

    fn write(&mut self, row: &[&str]) -> Result<()> {
        self.writer.write_record(row).map_err(|cause| LogError::io(&self.part, cause.into()))
    }

    fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush().and_then(|()| std::fs::rename(&self.part, &self.path));
        flushed.map_err(|cause| LogError::io(&self.path, cause))
    }
}
