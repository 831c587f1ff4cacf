//! In: an item's id and a slot. Out: [`Pinned`]: which position must stand there.
//! Pins hold unless a filter removed their item or a rule of higher priority stands against them.
//! Must never move an item that is not in the list into it.

use super::condition::within;
use super::ruleset::{Rule, Ruleset};
use super::state::State;
use crate::error::Kind;
use crate::limits;
use serde::Deserialize;

/// Puts an item in a slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The item.
    pub id: String,
    /// The slot, counted from 0 at the top: below [`limits::SLOTS`]. In a shorter list, the last.
    pub slot: u32,
}

impl Pin {
    pub(super) fn check(&self) -> Result<(), String> {
        within(self.slot, 0..=limits::SLOTS as u32 - 1, "slot")?;
        within(self.id.len(), 1..=limits::ID_BYTES, "the id's number of bytes")
    }
}

/// A pin whose item is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pinned {
    pub rule: usize,
    pub priority: i32,
    pub slot: usize,
    pub position: u32,
}

/// The pins that can hold, highest priority first. Others are reported: their item is not there, or
/// another pin of their slot or item comes first.
pub(super) fn resolve(state: &mut State, ruleset: &Ruleset) -> Vec<Pinned> {
    let mut wanted: Vec<(usize, i32, &Pin)> = Vec::new();
    for (rule, declared) in ruleset.declared().iter().enumerate() {
        if let Ok(Rule::Pin(pin)) = &declared.rule {
            wanted.push((rule, declared.priority, pin));
        }
    }
    wanted.sort_by_key(|&(rule, priority, _)| (-priority, rule));
    let mut pins: Vec<Pinned> = Vec::new();
    for (rule, priority, pin) in wanted {
        let items = state.input.items;
        let of_id = |position: &usize| items.id(*position) == pin.id;
        let there = (0..items.len()).filter(of_id).find(|&position| state.gone[position].is_none());
        let Some(position) = there else {
            let what = match items.position_of(&pin.id).and_then(|position| state.gone[position]) {
                Some(by) => format!("rule {by} removed the item"),
                None => "the item is not in the list".to_string(),
            };
            state.infeasible(rule, Kind::RulesInfeasible, what);
            continue;
        };
        let (slot, position) = (pin.slot as usize, position as u32);
        if let Some(other) = pins.iter().find(|other| other.slot == slot || other.position == position) {
            let what = format!("rule {} pins that slot or item already", other.rule);
            state.infeasible(rule, Kind::RulesContradiction, what);
            continue;
        }
        pins.push(Pinned { rule, priority, slot, position });
    }
    pins
}
