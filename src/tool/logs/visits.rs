//! Enters: a log, through [`super::join`].
//! Leaves: visits in order of time: a list that was shown, what the visitor had done before, and what
//! came of each item. The unit of training and evaluation.
//! Never: lets `past` hold anything at or after the visit's own time.

use super::facts::{Facts, Versions};
use super::fault::{Faults, Result};
use super::join::Join;
use super::kinds::{Kind, KindNames, Kinds};
use super::read::LogReader;
use super::record::Field;
use super::split::SplitBy;
use crate::replay::Split;
use ranklet::limits;
use std::path::Path;
use std::sync::Arc;

/// Interaction types that say that an item was seen and nothing more.
pub const EXPOSURES: [&str; 2] = ["impression", "skip"];
/// The interaction type whose value is a number of seconds.
pub const DWELL: &str = "dwell";
/// Fields of a shown item that hold the server's score; the first that is there counts.
pub const SCORES: [&str; 2] = ["score", "relevancy"];
/// Fields of an interaction that hold its value; the first that is there counts.
pub const VALUES: [&str; 5] = ["value", "seconds", "fraction", "rating", "dwell"];
/// Field of a shown item in which a simulation keeps the probability that it clicks by. It goes to
/// [`LoggedCandidate::truth`], never among the fields that a model may read.
pub const TRUTH: &str = "true_click_probability";

/// How a log becomes visits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// An interaction counts as the outcome of its ranking within this many milliseconds; later ones
    /// are history only.
    pub attribution_ms: i64,
    /// Most events in a visit's past; the latest are kept.
    pub past: usize,
}

impl Default for Options {
    /// A day; as many events as a session keeps.
    fn default() -> Self {
        Self { attribution_ms: 86_400_000, past: limits::EVENTS }
    }
}

/// A list that was shown.
#[derive(Debug, Clone, Copy)]
pub struct LoggedVisit<'a> {
    /// The ranking's id.
    pub id: &'a str,
    /// The visitor: the user's id; `session:ID` or `ranking:ID` for visitors without one.
    pub user: &'a str,
    /// What was known of the visitor by then.
    pub user_fields: &'a [Field],
    /// The session's id, if logged.
    pub session: Option<&'a str>,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// The ranking's own fields: query, device, hour.
    pub context: &'a [Field],
    /// The visitor's latest events before this moment, oldest first, in any session. An exposure is
    /// left out where something else was done with the item before the next list was shown.
    pub past: &'a [LoggedEvent],
    /// The list in the order shown.
    pub candidates: &'a [LoggedCandidate],
}

impl LoggedVisit<'_> {
    /// The split that it belongs to.
    #[must_use]
    pub fn split(&self, by: SplitBy) -> Split {
        by.of(self.user, self.at)
    }
}

/// Something that a visitor did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoggedEvent {
    /// The item, a number of this log.
    pub item: u32,
    /// What was done.
    pub kind: Kind,
    /// Its value, such as seconds of dwell; NaN without one.
    pub value: f32,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
}

/// An item of a list, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedCandidate {
    /// The item, a number of this log.
    pub item: u32,
    /// Its place in the list shown, from 0.
    pub position: u32,
    /// The server's score; NaN if it was not logged.
    pub score: f32,
    /// Whether it was seen: anything was done with it, an exposure was logged or, in a log without any
    /// exposures, something was done with an item below it.
    pub seen: bool,
    /// What was done with it in this list, within the attribution window.
    pub labels: Kinds,
    /// Seconds of dwell, the longest logged; NaN without.
    pub dwell: f32,
    /// A simulation's own click probability, given that the item was seen; NaN in real logs.
    pub truth: f32,
    /// Further fields of this item in this list.
    pub fields: Vec<Field>,
}

/// A ranking as it is held.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) id: Arc<str>,
    pub(super) user: u32,
    pub(super) session: Option<Box<str>>,
    pub(super) at: i64,
    pub(super) context: Vec<Field>,
    pub(super) candidates: Vec<LoggedCandidate>,
    /// How much of the visitor's timeline lies before it.
    pub(super) known: usize,
}

/// A visitor as it is held.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) id: Arc<str>,
    pub(super) fields: Versions<Vec<Field>>,
    pub(super) timeline: Vec<LoggedEvent>,
}

/// All visits of a log, in order of time.
#[derive(Debug)]
pub struct VisitLog {
    pub(super) kinds: KindNames,
    pub(super) items: Vec<(Arc<str>, Versions<Facts>)>,
    pub(super) visitors: Vec<Visitor>,
    pub(super) shown: Vec<Shown>,
    pub(super) past: usize,
}

impl VisitLog {
    /// Reads a file or a folder of logs; sorts it by time if it is not. `progress` is told how many
    /// bytes of how many were read.
    ///
    /// # Errors
    /// A file cannot be read, the log holds more than `limits::LOG_EVENTS`, or `faults` is strict and
    /// something is malformed.
    pub fn read(
        path: &Path,
        options: &Options,
        faults: &mut Faults,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self> {
        Self::from_reader(LogReader::open(path)?, options, faults, progress)
    }

    /// As [`VisitLog::read`], of a reader.
    ///
    /// # Errors
    /// As [`VisitLog::read`].
    pub fn from_reader(
        mut reader: LogReader,
        options: &Options,
        faults: &mut Faults,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self> {
        let mut join = Join::new(options);
        while let Some(entry) = reader.read(faults)? {
            progress(reader.bytes_read(), reader.bytes());
            join.add(entry, &reader, faults)?;
        }
        join.finish(&reader, faults)
    }

    /// Number of visits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// A visit by its place in time.
    #[must_use]
    pub fn visit(&self, place: usize) -> Option<LoggedVisit<'_>> {
        self.shown.get(place).and_then(|shown| self.view(shown))
    }

    /// All visits in order of time.
    pub fn visits(&self) -> impl Iterator<Item = LoggedVisit<'_>> {
        self.shown.iter().filter_map(|shown| self.view(shown))
    }

    /// The visits of a split, in order of time.
    pub fn visits_of(&self, by: SplitBy, split: Split) -> impl Iterator<Item = LoggedVisit<'_>> {
        self.visits().filter(move |visit| visit.split(by) == split)
    }

    fn view<'a>(&'a self, shown: &'a Shown) -> Option<LoggedVisit<'a>> {
        let visitor = self.visitors.get(shown.user as usize)?;
        let past = visitor.timeline.get(..shown.known).unwrap_or_default();
        Some(LoggedVisit {
            id: &shown.id,
            user: &visitor.id,
            user_fields: visitor.fields.at(shown.at).map_or(&[], Vec::as_slice),
            session: shown.session.as_deref(),
            at: shown.at,
            context: &shown.context,
            past: past.get(past.len().saturating_sub(self.past)..).unwrap_or_default(),
            candidates: &shown.candidates,
        })
    }

    /// Number of items that were described, shown or acted on.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.items.len()
    }

    /// An item's id; empty for a number that is not of this log.
    #[must_use]
    pub fn item_id(&self, item: u32) -> &str {
        self.items.get(item as usize).map_or("", |(id, _)| id)
    }

    /// What was known of an item at a moment; `None` if nothing was.
    #[must_use]
    pub fn facts(&self, item: u32, at: i64) -> Option<&Facts> {
        self.items.get(item as usize)?.1.at(at)
    }

    /// The interaction types of this log.
    #[must_use]
    pub fn kinds(&self) -> &KindNames {
        &self.kinds
    }

    /// Number of visitors.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.visitors.len()
    }

    /// Every visitor with everything that they did, oldest first: for statistics over train users,
    /// never for a visit's own features.
    pub fn timelines(&self) -> impl Iterator<Item = (&str, &[LoggedEvent])> {
        self.visitors.iter().map(|visitor| (&*visitor.id, visitor.timeline.as_slice()))
    }
}

#[cfg(test)]
#[path = "../../../tests/tool/logs/visits.rs"]
mod tests;
