//! In: a MovieLens folder, or a log in the four-event format. Out: [`Gathered`]: histories of ratings and a
//! catalogue, as training and evaluation read them. Both pass through the same records, one at a time, so that a
//! log that was made of a folder gathers to what the folder gathers to. Exposures are not read: they are no opinion.

use crate::data::catalogue::{Catalogue, ItemMetadata};
use crate::data::hash::fnv;
use crate::data::history::Histories;
use crate::data::logs::facts::{LatestFields, LoggedItem};
use crate::data::logs::fault::{Fault, FaultKind, Faults, LogError, Result};
use crate::data::logs::read::LogReader;
use crate::data::logs::record::{Field, Interaction, Item, Record, find};
use crate::data::logs::split::SplitBy;
use crate::data::movielens::ids::plain_id;
use crate::data::movielens::to_log::each_record;
use crate::data::rating::Rating;
use crate::data::signals::{Signal, StrongestSignal};
use crate::data::split::Split;
use std::collections::BTreeMap;
use std::path::Path;

/// Stars that an interaction without a rating stands for: liked, liked a little, picked, refused.
const LIKED: f32 = 5.0;
const CLICKED: f32 = 4.0;
const PICKED: f32 = 3.5;
const REFUSED: f32 = 1.0;

/// Which interaction types say what of an item. The field `rating` of an interaction, in stars from 0.5
/// to 5, comes before its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalKinds {
    /// It was liked.
    pub likes: Vec<String>,
    /// It was picked, and perhaps liked. Where a log has no likes at all, picks are what is learnt.
    pub picks: Vec<String>,
    /// It was refused.
    pub refusals: Vec<String>,
}

impl Default for SignalKinds {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            likes: names(&["like", "save", "share", "purchase"]),
            picks: names(&["click", "dwell", "watch", "neutral"]),
            refusals: names(&["dislike", "hide", "low_rating"]),
        }
    }
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Which interactions say what.
    pub signals: SignalKinds,
    /// By user: everything is read. By time: what happened from the first of its times on is left out.
    pub split: SplitBy,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Every user's ratings in order of time, in stars.
    pub histories: Histories,
    /// What is known of items without any rating.
    pub catalogue: Catalogue,
    /// The ids of items and users that are no plain decimal numbers, by the numbers that they go by here.
    names: BTreeMap<u64, String>,
    /// Opinions read.
    pub opinions: u64,
    /// Whether picks count as likes, since there is no like.
    pub picks_are_likes: bool,
    /// Interactions that say nothing of liking, and those of the time left out, by type.
    pub passed_over: BTreeMap<String, u64>,
}

impl Gathered {
    /// An item's id as it was written.
    #[must_use]
    pub fn id_of(&self, item: u64) -> String {
        self.names.get(&item).cloned().unwrap_or_else(|| item.to_string())
    }
}

/// The reading in progress.
struct Gathering<'a> {
    reading: &'a Reading,
    /// First moment that is left out.
    until: i64,
    items: BTreeMap<u64, LatestFields>,
    opinions: BTreeMap<(u64, u64), StrongestSignal>,
    gathered: Gathered,
}

/// Reads a folder with `ratings.csv`, or a log: a file, plain or `.gz`, or a folder of them.
///
/// # Errors
/// A file cannot be read, a column is missing, or `faults` is strict and a line is malformed.
pub fn gather(
    path: &Path,
    reading: &Reading,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Gathered> {
    let until = match reading.split {
        SplitBy::User => i64::MAX,
        SplitBy::Time { validation, test } => validation.unwrap_or(test),
    };
    let (items, opinions, gathered) = Default::default();
    let mut gathering = Gathering { reading, until, items, opinions, gathered };
    if path.join("ratings.csv").is_file() {
        // A row of a folder is malformed or becomes a record that is not.
        let mut unplaced = Vec::new();
        each_record(
            path,
            &mut |record| {
                let fault = |kind, field: &str, what| Fault {
                    kind,
                    file: path.display().to_string(),
                    line: 0,
                    field: field.to_owned(),
                    what,
                };
                unplaced.extend(gathering.add(record, &fault));
                Ok(())
            },
            faults,
            progress,
        )?;
        unplaced.into_iter().try_for_each(|fault| faults.report(fault))?;
    } else {
        let mut reader = LogReader::open(path)?;
        while let Some(entry) = reader.read(faults)? {
            progress(reader.bytes_read(), reader.bytes());
            let fault = |kind, field: &str, what| reader.fault(entry.location, kind, field, what);
            if let Some(fault) = gathering.add(entry.record, &fault) {
                faults.report(fault)?;
            }
        }
    }
    gathering.finish(path)
}

/// Makes a fault at the record's place.
type At<'a> = &'a dyn Fn(FaultKind, &str, String) -> Fault;

impl Gathering<'_> {
    fn add(&mut self, record: Record, at: At) -> Option<Fault> {
        match record {
            Record::Item(item) => self.item(item, at),
            Record::Interaction(interaction) => self.interaction(&interaction, at),
            Record::User(_) | Record::Ranking(_) => None,
        }
    }

    fn item(&mut self, Item { item, fields, timestamp, .. }: Item, at: At) -> Option<Fault> {
        if timestamp.is_some_and(|time| time >= self.until) {
            return None;
        }
        let number = match self.number(&item, "item", at) {
            Ok(number) => number,
            Err(fault) => return Some(fault),
        };
        self.items.entry(number).or_default().add(timestamp, fields);
        None
    }

    fn interaction(&mut self, interaction: &Interaction, at: At) -> Option<Fault> {
        let Interaction { item, user, session, kind, fields, timestamp, .. } = interaction;
        let stars = find(fields, "rating").and_then(Field::number).map(|stars| stars as f32);
        let signals = &self.reading.signals;
        let says = |kinds: &[String]| kinds.iter().any(|known| known == kind);
        let signal = match stars.filter(|stars| stars.is_finite()) {
            Some(stars) => Signal::Stars(stars),
            None if says(&signals.refusals) => Signal::Refused,
            None if says(&signals.likes) => Signal::Liked,
            None if says(&signals.picks) => Signal::Picked,
            None => {
                self.pass_over(kind);
                return None;
            }
        };
        if *timestamp >= self.until {
            self.pass_over("later than --split-at");
            return None;
        }
        let who = user.clone().or_else(|| session.as_ref().map(|session| format!("session:{session}")));
        let Some(who) = who else {
            let what = "is missing; an opinion needs its user or session".to_owned();
            return Some(at(FaultKind::Missing, "user", what));
        };
        let numbers =
            self.number(&who, "user", at).and_then(|user| Ok((user, self.number(item, "item", at)?)));
        let (user, item) = match numbers {
            Ok(numbers) => numbers,
            Err(fault) => return Some(fault),
        };
        let known = self.opinions.entry((user, item)).and_modify(|known| known.add(signal, *timestamp));
        known.or_insert(StrongestSignal::new(signal, *timestamp));
        None
    }

    fn pass_over(&mut self, kind: &str) {
        // Names come from the log; beyond a hundred they are counted together.
        let known = &mut self.gathered.passed_over;
        let full = known.len() >= 100 && !known.contains_key(kind);
        *known.entry(if full { "others".to_owned() } else { kind.to_owned() }).or_default() += 1;
    }

    /// The number that an id goes by: a plain decimal is its own. Any other is dealt the split that its
    /// text is dealt everywhere else.
    fn number(&mut self, id: &str, field: &str, at: At) -> std::result::Result<u64, Fault> {
        if let Some(number) = plain_id(id) {
            return match self.gathered.names.get(&number) {
                None => Ok(number),
                Some(other) => {
                    Err(at(FaultKind::Duplicate, field, format!("{id:?} collides with {other:?}")))
                }
            };
        }
        let text = format!("{field}:{id}");
        let start = fnv(format_args!("{text}")) | 1 << 63;
        let fits = |number: &u64| field != "user" || Split::of(*number) == Split::of(id);
        let number = (start..=u64::MAX).take(10_000).find(fits).unwrap_or(start);
        match self.gathered.names.get(&number) {
            Some(other) if other != id => {
                Err(at(FaultKind::Duplicate, field, format!("{id:?} collides with {other:?}")))
            }
            Some(_) => Ok(number),
            None => {
                self.gathered.names.insert(number, id.to_owned());
                Ok(number)
            }
        }
    }

    fn finish(self, path: &Path) -> Result<Gathered> {
        let Gathering { items, opinions, mut gathered, .. } = self;
        if opinions.is_empty() {
            let passed: Vec<&str> = gathered.passed_over.keys().map(String::as_str).collect();
            let passed = if passed.is_empty() { "nothing".to_owned() } else { passed.join(", ") };
            return Err(LogError::Unfit(format!(
                "{}: no interaction says what somebody picked or liked (--likes, --picks); there was: {passed}",
                path.display()
            )));
        }
        let liked = |known: &StrongestSignal| matches!(known.signal, Signal::Liked | Signal::Stars(_));
        gathered.picks_are_likes = !opinions.values().any(liked);
        gathered.opinions = opinions.len() as u64;
        let picked = if gathered.picks_are_likes { CLICKED } else { PICKED };
        let rating =
            |((user, item), StrongestSignal { since, signal, .. }): ((u64, u64), StrongestSignal)| Rating {
                user,
                item,
                rating: match signal {
                    Signal::Stars(stars) => stars,
                    Signal::Liked => LIKED,
                    Signal::Picked => picked,
                    Signal::Refused => REFUSED,
                },
                timestamp: since.div_euclid(1_000),
            };
        gathered.histories = opinions.into_iter().map(rating).collect();
        gathered.catalogue =
            Catalogue::of(items.into_iter().map(|(id, latest)| (id, metadata(latest.fields()))).collect());
        Ok(gathered)
    }
}

/// The fields `genres`, `tags` and `year` by their names; other texts as `name:value`.
fn metadata(fields: Vec<Field>) -> ItemMetadata {
    let logged = LoggedItem::of(fields);
    let named = |name| logged.tagged(name).map(str::to_owned).collect::<Vec<String>>();
    let plain = |tag: &&String| !tag.starts_with("genres:") && !tag.starts_with("tags:");
    let mut themes = named("tags");
    themes.extend(logged.tags.iter().filter(plain).cloned());
    ItemMetadata {
        title: logged.title.clone(),
        year: logged.number("year").map_or(f32::NAN, |year| year as f32),
        genres: named("genres"),
        themes,
    }
}

#[cfg(test)]
#[path = "../../../tests/tool/data/gather.rs"]
mod tests;
