//! In: what a log says of a list that was shown. Out: [`LoggedVisit`], the unit of training and evaluation: the
//! list, what the visitor had done before, and what came of each item.

use crate::data::logs::facts::Versions;
use crate::data::logs::kinds::{Kind, Kinds};
use crate::data::logs::record::{Field, find};
use crate::data::logs::split::SplitBy;
use crate::data::split::Split;
use ranklet::limits;
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
pub struct JoinOptions {
    /// An interaction counts as the outcome of its ranking within this many milliseconds; later ones
    /// are history only.
    pub attribution_ms: i64,
    /// Most events in a visit's past; the latest are kept.
    pub past: usize,
}

impl Default for JoinOptions {
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

impl LoggedCandidate {
    /// An item as it was shown, before anything came of it. Score and truth go to their own places, so that no
    /// model reads them as features.
    #[must_use]
    pub fn shown(item: u32, position: usize, mut fields: Vec<Field>) -> Self {
        let number = |name: &&str| find(&fields, name)?.number();
        let score = SCORES.iter().find_map(number).map_or(f32::NAN, |score| score as f32);
        let truth = number(&TRUTH).map_or(f32::NAN, |truth| truth as f32);
        fields.retain(|field| field.name != TRUTH && !SCORES.contains(&field.name.as_str()));
        Self {
            item,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            score,
            seen: false,
            labels: Kinds::default(),
            dwell: f32::NAN,
            truth,
            fields,
        }
    }
}

/// A ranking as it is held.
#[derive(Debug)]
pub struct LoggedRanking {
    pub id: Arc<str>,
    pub user: u32,
    pub at: i64,
    pub context: Vec<Field>,
    pub candidates: Vec<LoggedCandidate>,
    /// How much of the visitor's timeline lies before it.
    pub known: usize,
}

/// A visitor as it is held.
#[derive(Debug)]
pub struct LoggedVisitor {
    pub id: Arc<str>,
    pub fields: Versions<Vec<Field>>,
    pub timeline: Vec<LoggedEvent>,
}
