//! In: borrowed columns of a scored list. Out: [`Input`], all that rules may know of it.
//! Clock, seed and the session's exposures enter as plain values, so that applying rules is a pure function.

use super::exposure::Exposure;
use crate::error::{Error, Kind, Result};
use crate::item::Items;

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
    pub exposures: &'a [Exposure],
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
            None => {
                let place = format!("fields.{name}");
                Err(Error::new(Kind::RulesUnknownField, place, "no candidate carries it"))
            }
        }
    }

    /// What the session says of the item at a position.
    pub(super) fn exposure(&self, position: usize) -> Exposure {
        self.exposures.get(position).copied().unwrap_or_default()
    }

    /// The vector at a position; empty if it has none.
    pub(super) fn vector(&self, position: usize) -> &'a [f32] {
        let start = position.saturating_mul(self.width);
        self.vectors.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }
}
