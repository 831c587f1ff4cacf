//! In: an attribute. Out: of each group only the best; the rest removed, or collapsed below all.
//! The best is the highest by utility as boosts left it.
//! Must never take out what a pin of the same or a higher priority wants.

use super::attribute::{Attribute, Values};
use super::condition::within;
use super::pin::Pinned;
use super::state::State;
use crate::error::Result;
use crate::limits;
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

impl Dedupe {
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        within(self.keep, 1..=limits::CANDIDATES as u32, "keep")?;
        self.by.check()
    }
}

/// `pins` are those that this rule does not beat.
pub(super) fn apply(state: &mut State, rule: usize, dedupe: &Dedupe, pins: &[Pinned]) -> Result<()> {
    let values = Values::of(&dedupe.by, state.input)?;
    let mut kept = vec![0u32; values.distinct()];
    let mut goes = vec![false; state.input.items.len()];
    let pinned = |position: u32| pins.iter().any(|pin| pin.position == position);
    for pin in pins {
        values.get(pin.position as usize).iter().for_each(|&value| kept[value as usize] += 1);
    }
    for &position in state.order.iter().filter(|position| !pinned(**position)) {
        let own = values.get(position as usize);
        if own.iter().any(|&value| kept[value as usize] >= dedupe.keep) {
            goes[position as usize] = true;
        } else {
            own.iter().for_each(|&value| kept[value as usize] += 1);
        }
    }
    match dedupe.rest {
        Rest::Remove => state.remove(rule, |position| goes[position as usize]),
        Rest::Last => {
            let (last, stay): (Vec<u32>, Vec<u32>) = state.order.iter().partition(|p| goes[**p as usize]);
            state.last.extend(last);
            state.advance(rule, stay);
        }
    }
    Ok(())
}
