//! In: an attribute's values on one list and a distance. Out: whether an order keeps the distance, and
//! whether an item may stand in a slot. Items without a value have nothing in common and may stand
//! side by side.

use super::attribute::Values;

/// A spacing on one list: in the first `top` slots, any `within` slots in a row hold each value at most once.
#[derive(Debug)]
pub(super) struct BoundSpacing {
    pub values: Values,
    pub within: usize,
    pub top: usize,
}

/// Where each value stood last while slots fill.
pub(super) struct SpacingTracker<'a> {
    spacing: &'a BoundSpacing,
    last: Vec<Option<usize>>,
}

impl BoundSpacing {
    pub fn start(&self) -> SpacingTracker<'_> {
        SpacingTracker { spacing: self, last: vec![None; self.values.distinct()] }
    }

    /// Says where an order breaks it.
    pub fn holds(&self, order: &[u32]) -> Result<(), String> {
        let mut tracker = self.start();
        for (slot, &position) in order.iter().take(self.top).enumerate() {
            if tracker.breaks(position as usize, slot, &[]) {
                return Err(format!("slot {slot} shares a value within {} slots", self.within));
            }
            tracker.place(position as usize, slot);
        }
        Ok(())
    }
}

impl SpacingTracker<'_> {
    /// Whether an item in a slot is too near what stands above, or what `pinned` (position by slot)
    /// will put below.
    pub fn breaks(&self, position: usize, slot: usize, pinned: &[Option<u32>]) -> bool {
        let BoundSpacing { values, within, top } = self.spacing;
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
        for &value in self.spacing.values.get(position) {
            self.last[value as usize] = Some(slot);
        }
    }
}
