//! In: an attribute. Out: of each group the best items; the others removed, or collapsed below all slots.
//! The best are the highest by utility as boosts left it. Items of pins that this rule does not beat (the same
//! or a higher priority) stay and count first.

use crate::error::Result;
use crate::limits;
use crate::rules::attribute::{Attribute, Values};
use crate::rules::bounds::within;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Keeps the best of each group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dedupe {
    /// What makes a group. An item of several groups goes if any of them is full.
    pub by: Attribute,
    /// Items that stay of a group: 1 to [`limits::CANDIDATES`]; default 1.
    #[serde(default = "one")]
    pub keep: u32,
    /// What becomes of the others.
    #[serde(default)]
    pub rest: Rest,
}

/// What becomes of items that are not the best of their group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rest {
    /// They leave the list.
    #[default]
    Remove,
    /// They follow below everything else, where no other rule reaches.
    Last,
}

fn one() -> u32 {
    1
}

impl RuleKind for Dedupe {
    const NAME: &'static str = "dedupe";
    const STAGE: Stage = Stage::Group;

    fn check(&self) -> std::result::Result<(), String> {
        within(self.keep, 1..=limits::CANDIDATES as u32, "keep")?;
        self.by.check()
    }

    fn fields(&self, names: &mut Vec<String>) {
        names.extend(self.by.field());
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> Result<()> {
        let values = Values::of(&self.by, state.input)?;
        let mut kept = Kept { counts: vec![0; values.distinct()], most: self.keep };
        let mut goes = vec![false; state.input.items.len()];
        let unbeaten = || state.pins.iter().filter(|pin| pin.priority >= rule.priority);
        unbeaten().for_each(|pin| kept.add(values.get(pin.position as usize)));
        for &position in &state.order {
            if unbeaten().any(|pin| pin.position == position) {
                continue;
            }
            let own = values.get(position as usize);
            if !kept.full(own) {
                kept.add(own);
            } else if let Some(goes) = goes.get_mut(position as usize) {
                *goes = true;
            }
        }
        match self.rest {
            Rest::Remove => state.remove(rule.index, &goes),
            Rest::Last => {
                let leaves = |position: &&u32| goes.get(**position as usize).copied().unwrap_or(false);
                let (collapsed, stay): (Vec<u32>, Vec<u32>) = state.order.iter().partition(leaves);
                state.collapsed.extend(collapsed);
                state.reorder(rule.index, stay);
            }
        }
        Ok(())
    }
}

/// How many items stay of each group.
struct Kept {
    counts: Vec<u32>,
    most: u32,
}

impl Kept {
    fn add(&mut self, values: &[u32]) {
        for &value in values {
            if let Some(count) = self.counts.get_mut(value as usize) {
                *count += 1;
            }
        }
    }

    /// Whether any of the groups can keep no more.
    fn full(&self, values: &[u32]) -> bool {
        let count = |value: &u32| self.counts.get(*value as usize).copied();
        values.iter().filter_map(count).any(|count| count >= self.most)
    }
}
