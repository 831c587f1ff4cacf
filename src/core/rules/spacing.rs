//! In: an attribute and a distance. Out: whether an item may stand in a slot.
//! No two items with a value in common stand within `within` slots of each other.
//! Must never hold apart items without a value: they have nothing in common.

use super::attribute::{Attribute, Values};
use super::condition::within;
use super::facts::Input;
use crate::error;
use crate::limits;
use serde::Deserialize;

/// Keeps what is alike apart.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spacing {
    /// What makes items alike.
    pub by: Attribute,
    /// Any so many slots in a row hold each value at most once: 2 to [`limits::SLOTS`].
    pub within: u32,
    /// Slots from the top that it concerns; default and at most [`limits::SLOTS`].
    #[serde(default = "all")]
    pub top: u32,
}

fn all() -> u32 {
    limits::SLOTS as u32
}

impl Spacing {
    pub(super) fn check(&self) -> Result<(), String> {
        within(self.within, 2..=limits::SLOTS as u32, "within")?;
        within(self.top, 2..=limits::SLOTS as u32, "top")?;
        self.by.check()
    }

    /// # Errors
    /// [`crate::Kind::RulesUnknownField`].
    pub(super) fn on(&self, input: &Input) -> error::Result<Spaced> {
        let values = Values::of(&self.by, input)?;
        Ok(Spaced { values, within: self.within as usize, top: self.top as usize })
    }
}

/// A spacing on one list.
#[derive(Debug)]
pub(super) struct Spaced {
    values: Values,
    within: usize,
    pub top: usize,
}

/// Where each value stood last while slots fill.
pub(super) struct Spacer<'a> {
    spaced: &'a Spaced,
    last: Vec<Option<usize>>,
}

impl Spaced {
    pub fn start(&self) -> Spacer<'_> {
        Spacer { spaced: self, last: vec![None; self.values.distinct()] }
    }

    /// Says where an order breaks it.
    pub fn holds(&self, order: &[u32]) -> Result<(), String> {
        let mut spacer = self.start();
        for (slot, &position) in order.iter().take(self.top).enumerate() {
            if spacer.breaks(position as usize, slot, &[]) {
                return Err(format!("slot {slot} shares a value within {} slots", self.within));
            }
            spacer.place(position as usize, slot);
        }
        Ok(())
    }
}

impl Spacer<'_> {
    /// Whether an item in a slot is too near what stands above, or what `pinned` (position by slot)
    /// will put below.
    pub fn breaks(&self, position: usize, slot: usize, pinned: &[Option<u32>]) -> bool {
        let Spaced { values, within, top } = self.spaced;
        if slot >= *top {
            return false;
        }
        let near = |value: &u32| self.last[*value as usize].is_some_and(|last| slot - last < *within);
        if values.get(position).iter().any(near) {
            return true;
        }
        let below = pinned.iter().take(*top).skip(slot + 1).take(within - 1).flatten();
        below.into_iter().any(|&other| other as usize != position && values.shared(position, other as usize))
    }

    pub fn place(&mut self, position: usize, slot: usize) {
        for &value in self.spaced.values.get(position) {
            self.last[value as usize] = Some(slot);
        }
    }
}
