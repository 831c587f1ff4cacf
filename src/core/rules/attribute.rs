//! In: an attribute as data. Out: [`Values`]: which of its values each item of a list has.
//! Dedupe, quota and spacing group items by them: by author, by topic, by price band. Items without a
//! value are in no group.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use super::bounds::{name_fits, tag_fits, within};
use super::input::Input;
use crate::error::Result;
use crate::limits;
use crate::text::tag_id;
use serde::Deserialize;

/// What items are grouped by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Attribute {
    /// The id: copies of one item.
    Id,
    /// The first tag: where it names the main topic.
    FirstTag,
    /// Every tag.
    AnyTag,
    /// Every tag of the form `prefix:value`, such as `author:ann` for the prefix `author`.
    Prefix(String),
    /// A numeric field, cut into bands.
    Field {
        /// Name of the field.
        name: String,
        /// Width of a band in the field's unit, above 0: values `k·band ≤ v < (k+1)·band` are one
        /// group.
        band: f64,
    },
}

impl Attribute {
    /// The field that it reads, if any.
    pub(super) fn field(&self) -> Option<String> {
        match self {
            Attribute::Field { name, .. } => Some(name.clone()),
            _ => None,
        }
    }

    /// Says what of it is out of bounds.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        match self {
            Attribute::Prefix(text) => tag_fits(text),
            Attribute::Field { name, band } => {
                within(*band, 1.0 / limits::RULE_NUMBER..=limits::RULE_NUMBER, "band")?;
                name_fits(name)
            }
            Attribute::Id | Attribute::FirstTag | Attribute::AnyTag => Ok(()),
        }
    }
}

/// The values of one attribute over a list, numbered from 0.
#[derive(Debug, Clone)]
pub(super) struct Values {
    values: Vec<u32>,
    ends: Vec<u32>,
    distinct: usize,
}

impl Values {
    /// # Errors
    /// [`crate::Kind::RulesUnknownField`].
    pub fn of(attribute: &Attribute, input: &Input) -> Result<Values> {
        let items = input.items;
        let mut keys: Vec<u64> = Vec::new();
        let mut ends = Vec::with_capacity(items.len());
        let column = match attribute {
            Attribute::Field { name, .. } => Some(input.column(name)?),
            _ => None,
        };
        let ranks = if matches!(attribute, Attribute::Id) { id_ranks(input) } else { Vec::new() };
        for position in 0..items.len() {
            let tags = items.tags(position);
            match attribute {
                Attribute::Id => keys.extend(ranks.get(position)),
                Attribute::FirstTag => keys.extend(tags.first().map(|&tag| u64::from(tag))),
                Attribute::AnyTag => keys.extend(tags.iter().map(|&tag| u64::from(tag))),
                Attribute::Prefix(text) => {
                    let prefix = tag_id(text).unwrap_or_default();
                    keys.extend(items.tags_of_prefix(position, prefix).map(u64::from));
                }
                Attribute::Field { band, .. } => {
                    let value = column.map_or(f32::NAN, |column| column.value(position));
                    if value.is_finite() {
                        // The bits of the band's number: equal numbers, equal keys (0.0 turns -0.0).
                        keys.push(((f64::from(value) / band).floor() + 0.0).to_bits());
                    }
                }
            }
            ends.push(keys.len() as u32);
        }
        Ok(numbered(&keys, ends))
    }

    /// The values of the item at a position; none if it has none.
    pub fn get(&self, position: usize) -> &[u32] {
        let end = self.ends.get(position).copied().unwrap_or_default() as usize;
        let start = position.checked_sub(1).and_then(|p| self.ends.get(p)).copied().unwrap_or_default();
        self.values.get(start as usize..end).unwrap_or_default()
    }

    /// Number of different values.
    pub fn distinct(&self) -> usize {
        self.distinct
    }

    /// Whether two items have a value in common.
    pub fn shared(&self, a: usize, b: usize) -> bool {
        let b = self.get(b);
        self.get(a).iter().any(|value| b.contains(value))
    }
}

/// Numbers the keys of all items; `ends` says where in `keys` each item's end.
fn numbered(keys: &[u64], ends: Vec<u32>) -> Values {
    let mut known = keys.to_vec();
    known.sort_unstable();
    known.dedup();
    let mut values = Values { values: Vec::with_capacity(keys.len()), ends, distinct: known.len() };
    let mut start = 0;
    for end in &mut values.ends {
        let own = values.values.len();
        for key in keys.get(start..*end as usize).unwrap_or_default() {
            let value = known.partition_point(|other| other < key) as u32;
            // A tag given twice counts once.
            if !values.values.iter().skip(own).any(|other| *other == value) {
                values.values.push(value);
            }
        }
        start = *end as usize;
        *end = values.values.len() as u32;
    }
    values
}

/// Equal numbers for equal ids, by position.
fn id_ranks(input: &Input) -> Vec<u64> {
    let items = input.items;
    let mut sorted: Vec<usize> = (0..items.len()).collect();
    sorted.sort_unstable_by(|&a, &b| items.id(a).cmp(items.id(b)));
    let mut ranks = vec![0; items.len()];
    let mut rank = 0;
    let mut before = None;
    for own in sorted {
        let id = items.id(own);
        rank += u64::from(before.is_some_and(|before| before != id));
        before = Some(id);
        if let Some(cell) = ranks.get_mut(own) {
            *cell = rank;
        }
    }
    ranks
}
