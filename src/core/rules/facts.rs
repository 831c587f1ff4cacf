//! In: borrowed columns of a scored list. Out: [`Input`], all that rules may know of it.
//! Clock, seed and the session's counts enter here as plain values.
//! Must never reach into a session, a model or a clock.

use super::condition::unknown_field;
use crate::error::Result;
use crate::item::Items;

/// What the session says of one item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Showings that led to nothing positive by themselves, in all.
    pub shown: u32,
    /// The same since the visitor last did something positive with it.
    pub unanswered: u32,
    /// Whether the visitor did something positive with it.
    pub acted: bool,
}

/// Counts an item's events, oldest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    count: Count,
    /// Whether the last event was an impression, which a rejection may still answer.
    open: bool,
}

impl Tally {
    /// Takes one more event: what it says for the item, and what against; neither is an impression.
    ///
    /// One showing counts once, however much is told of it: a rejection after an impression, as a
    /// skip is, belongs to that impression. Without one before, it is a showing itself.
    pub fn take(&mut self, positive: f32, negative: f32) {
        let rejected = negative > 0.0;
        if positive > 0.0 {
            (self.count.unanswered, self.count.acted) = (0, true);
        } else if !(rejected && self.open) {
            self.count.shown += 1;
            self.count.unanswered += 1;
        }
        self.open = positive <= 0.0 && !rejected;
    }

    /// What they amount to.
    pub fn count(&self) -> Count {
        self.count
    }
}

/// Numeric fields that the rules name and the model does not read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExtraFields {
    /// Their names.
    pub names: Vec<String>,
    /// One row an item, in the order of the names; not finite is absent.
    pub values: Vec<f32>,
}

/// A scored list as rules see it. Positions are those of the list that came in.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Ids, tags and the model's fields.
    pub items: &'a Items,
    /// Names of the fields in `items`, in their order.
    pub field_names: &'a [String],
    /// Fields beside them.
    pub extra: &'a ExtraFields,
    /// Combined score by position; not finite is none.
    pub scores: &'a [f32],
    /// Positions, best first, as they stand before any rule.
    pub order: &'a [u32],
    /// Item vectors, one row an item; a row of zeros is an item without one.
    pub vectors: &'a [f32],
    /// Width of a vector; 0 if there are none.
    pub width: usize,
    /// What the session says of each item, by position; empty if nothing.
    pub counts: &'a [Count],
    /// Decides what exploration draws.
    pub seed: u64,
    /// The time in milliseconds since 1970, for freshness.
    pub now_ms: f64,
}

/// One numeric field of a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column<'a> {
    Model { input: &'a Input<'a>, index: usize },
    Extra { input: &'a Input<'a>, index: usize },
}

impl Column<'_> {
    /// The value at a position; NaN is absent.
    pub fn value(&self, position: usize) -> f32 {
        let value = match self {
            Column::Model { input, index } => input.items.fields(position).get(*index),
            Column::Extra { input, index } => {
                let at = position.saturating_mul(input.extra.names.len()).saturating_add(*index);
                input.extra.values.get(at)
            }
        };
        value.copied().filter(|value| value.is_finite()).unwrap_or(f32::NAN)
    }
}

impl<'a> Input<'a> {
    /// The field of a name.
    ///
    /// # Errors
    /// [`crate::Kind::RulesUnknownField`].
    pub(super) fn column(&'a self, name: &str) -> Result<Column<'a>> {
        let index = |names: &[String]| names.iter().position(|known| known == name);
        if let Some(index) = index(self.field_names) {
            return Ok(Column::Model { input: self, index });
        }
        match index(&self.extra.names) {
            Some(index) => Ok(Column::Extra { input: self, index }),
            None => Err(unknown_field(name)),
        }
    }

    /// What the session says of the item at a position.
    pub(super) fn count(&self, position: usize) -> Count {
        self.counts.get(position).copied().unwrap_or_default()
    }

    /// The vector at a position; empty if it has none.
    pub(super) fn vector(&self, position: usize) -> &'a [f32] {
        let start = position.saturating_mul(self.width);
        self.vectors.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }
}
