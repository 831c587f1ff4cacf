//! In: a condition as data. Out: which items of a list match it.
//! Evaluated by column, so that a name is looked up once a list and not once an item. An item without a
//! value matches no bound on that value.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use super::bounds::{name_fits, tag_fits, within};
use super::input::Input;
use crate::error::Result;
use crate::limits;
use crate::text::tag_id;
use serde::Deserialize;
use std::collections::HashSet;

/// Which items a rule means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Condition {
    /// Those of these ids, at most [`limits::RULE_IDS`].
    Ids(HashSet<String>),
    /// Those that bear the tag; case and punctuation do not matter.
    Tag(String),
    /// Those that bear any tag of the form `prefix:value`.
    Prefix(String),
    /// Those whose field lies between two values, both included; without a bound, that end is open.
    Field {
        /// Name of the field.
        name: String,
        /// The least value that matches.
        #[serde(default)]
        at_least: Option<f64>,
        /// The greatest value that matches.
        #[serde(default)]
        at_most: Option<f64>,
    },
    /// Those without a value in this field.
    Absent(String),
    /// Those shown to the visitor at least so often without a positive event.
    Seen(u32),
    /// Those that the visitor did something positive with.
    Acted,
    /// Those that match every part; all items if there is none.
    All(Vec<Condition>),
    /// Those that match any part.
    Any(Vec<Condition>),
    /// Those that do not match.
    Not(Box<Condition>),
}

impl Condition {
    /// Says what of it is out of bounds.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        let mut parts = 0;
        self.check_part(1, &mut parts)
    }

    fn check_part(&self, depth: usize, parts: &mut usize) -> std::result::Result<(), String> {
        *parts += 1;
        if depth > limits::CONDITION_DEPTH || *parts > limits::CONDITION_PARTS {
            return Err(format!(
                "the condition has more than {} levels or {} parts",
                limits::CONDITION_DEPTH,
                limits::CONDITION_PARTS
            ));
        }
        match self {
            Condition::Ids(ids) if ids.len() > limits::RULE_IDS => {
                Err(format!("{} ids, at most {}", ids.len(), limits::RULE_IDS))
            }
            Condition::Tag(text) | Condition::Prefix(text) => tag_fits(text),
            Condition::Field { name, at_least, at_most } => {
                for bound in [at_least, at_most].into_iter().flatten() {
                    within(*bound, -limits::RULE_NUMBER..=limits::RULE_NUMBER, name)?;
                }
                name_fits(name)
            }
            Condition::Absent(name) => name_fits(name),
            Condition::All(all) | Condition::Any(all) => {
                all.iter().try_for_each(|part| part.check_part(depth + 1, parts))
            }
            Condition::Not(part) => part.check_part(depth + 1, parts),
            Condition::Ids(_) | Condition::Seen(_) | Condition::Acted => Ok(()),
        }
    }

    /// Adds the names of the fields that it reads.
    pub(super) fn fields(&self, names: &mut Vec<String>) {
        match self {
            Condition::Field { name, .. } | Condition::Absent(name) => names.push(name.clone()),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| part.fields(names)),
            Condition::Not(part) => part.fields(names),
            _ => {}
        }
    }

    /// Whether each item of the list matches, by position.
    ///
    /// # Errors
    /// [`crate::Kind::RulesUnknownField`].
    pub(super) fn matches(&self, input: &Input) -> Result<Vec<bool>> {
        let items = input.items;
        let each = |test: &dyn Fn(usize) -> bool| (0..items.len()).map(test).collect::<Vec<bool>>();
        Ok(match self {
            Condition::Ids(ids) => each(&|p| ids.contains(items.id(p))),
            Condition::Tag(text) => {
                let tag = tag_id(text);
                each(&|p| tag.is_some_and(|tag| items.tags(p).contains(&tag)))
            }
            Condition::Prefix(text) => {
                let prefix = tag_id(text);
                each(&|p| prefix.is_some_and(|prefix| items.tags_of_prefix(p, prefix).next().is_some()))
            }
            Condition::Field { name, at_least, at_most } => {
                let column = input.column(name)?;
                let (low, high) = (at_least.unwrap_or(f64::NEG_INFINITY), at_most.unwrap_or(f64::INFINITY));
                each(&|p| (low..=high).contains(&f64::from(column.value(p))))
            }
            Condition::Absent(name) => {
                let column = input.column(name)?;
                each(&|p| column.value(p).is_nan())
            }
            Condition::Seen(times) => each(&|p| input.exposure(p).shown >= *times),
            Condition::Acted => each(&|p| input.exposure(p).acted),
            Condition::All(parts) => combined(parts, input, true, |a, b| a && b)?,
            Condition::Any(parts) => combined(parts, input, false, |a, b| a || b)?,
            Condition::Not(part) => part.matches(input)?.into_iter().map(|matches| !matches).collect(),
        })
    }
}

fn combined(
    parts: &[Condition],
    input: &Input,
    start: bool,
    join: impl Fn(bool, bool) -> bool,
) -> Result<Vec<bool>> {
    let mut matches = vec![start; input.items.len()];
    for part in parts {
        for (all, one) in matches.iter_mut().zip(part.matches(input)?) {
            *all = join(*all, one);
        }
    }
    Ok(matches)
}
