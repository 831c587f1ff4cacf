//! In: a rule about slots, resolved on one list. Out: [`Constraint`]: whether an order keeps it.
//! The three kinds that constrain slots share this type, so that the slots are filled and the result is
//! checked by the same definition.

use super::bound_quota::BoundQuota;
use super::bound_spacing::BoundSpacing;

/// A pin whose item is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pinned {
    /// The rule's index in the ruleset.
    pub rule: usize,
    pub priority: i32,
    pub slot: usize,
    pub position: u32,
}

/// What the slots must obey.
#[derive(Debug)]
pub(super) enum Constraint {
    Pin(Pinned),
    Quota(BoundQuota),
    Spacing(BoundSpacing),
}

/// The constraints in force, each with the bit of its rule: a more important rule has a higher bit.
pub(super) type InForce<'a> = [(u64, &'a Constraint)];

impl Constraint {
    /// The number of slots from the top that it concerns.
    pub fn reach(&self) -> usize {
        match self {
            Constraint::Pin(pin) => pin.slot + 1,
            Constraint::Quota(quota) => quota.top,
            Constraint::Spacing(spacing) => spacing.top,
        }
    }

    /// Says how an order breaks it.
    pub fn holds(&self, order: &[u32]) -> Result<(), String> {
        match self {
            Constraint::Pin(pin) if order.get(pin.slot) == Some(&pin.position) => Ok(()),
            Constraint::Pin(pin) => match order.iter().position(|position| *position == pin.position) {
                Some(slot) => Err(format!("the item stands in slot {slot}")),
                None => Err("the item is no longer there".into()),
            },
            Constraint::Quota(quota) => quota.holds(order),
            Constraint::Spacing(spacing) => spacing.holds(order),
        }
    }
}
