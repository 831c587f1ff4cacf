//! In: an item's id and a slot. Out: a [`Pinned`]: which position must stand in that slot.
//! A pin holds unless a filter removed its item or a rule of higher priority stands against it; one whose item
//! is not in the list is reported and changes nothing.

use crate::error::{self, Kind};
use crate::limits;
use crate::rules::bounds::within;
use crate::rules::constraint::Pinned;
use crate::rules::kind::{RuleKind, Several, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Puts an item in a slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The item's id, 1 to [`limits::ID_BYTES`] bytes.
    pub id: String,
    /// The slot, counted from 0 at the top: below [`limits::SLOTS`]. In a shorter list, the last.
    pub slot: u32,
}

impl RuleKind for Pin {
    const NAME: &'static str = "pin";
    const STAGE: Stage = Stage::Pin;
    const SEVERAL: Several = Several::ByPriority;

    fn check(&self) -> Result<(), String> {
        within(self.slot, 0..=limits::SLOTS as u32 - 1, "slot")?;
        within(self.id.len(), 1..=limits::ID_BYTES, "the id's number of bytes")
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
        let RuleRef { index, priority } = rule;
        let items = state.input.items;
        let of_id = |position: &usize| items.id(*position) == self.id;
        let there = (0..items.len()).filter(of_id).find(|&position| state.removed_by(position).is_none());
        let Some(position) = there else {
            let what = match items.position_of(&self.id).and_then(|position| state.removed_by(position)) {
                Some(by) => format!("rule {by} removed the item"),
                None => "the item is not in the list".to_string(),
            };
            state.infeasible(index, Kind::RulesInfeasible, what);
            return Ok(());
        };
        let (slot, position) = (self.slot as usize, position as u32);
        if let Some(other) = state.pins.iter().find(|pin| pin.slot == slot || pin.position == position) {
            let what = format!("rule {} pins that slot or item already", other.rule);
            state.infeasible(index, Kind::RulesContradiction, what);
            return Ok(());
        }
        state.pins.push(Pinned { rule: index, priority, slot, position });
        Ok(())
    }
}
