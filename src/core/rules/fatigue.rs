//! In: impressions without an answer. Out: utilities of what was shown in vain, buried.
//! Linear in the impressions beyond the free ones, up to a bound; one positive action clears it.
//! Must never let one impression bury an item by more than `each`: that is its bounded influence.

use super::condition::within;
use super::state::State;
use crate::limits;
use serde::Deserialize;

/// Buries what was shown again and again without a click.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fatigue {
    /// Standard deviations an impression: 0 to 1.
    pub each: f64,
    /// Bound of the whole, in standard deviations: 0 to [`limits::SHIFT`].
    pub most: f64,
    /// Impressions that cost nothing; default 0.
    #[serde(default)]
    pub free: u32,
}

impl Fatigue {
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        within(self.each, 0.0..=1.0, "each")?;
        within(self.most, 0.0..=limits::SHIFT, "most")
    }

    /// By how much an item is buried, in standard deviations.
    fn burial(&self, unanswered: u32) -> f64 {
        (f64::from(unanswered.saturating_sub(self.free)) * self.each).min(self.most)
    }
}

pub(super) fn apply(state: &mut State, rule: usize, fatigue: &Fatigue) {
    let unit = state.utility.unit();
    for (position, shift) in state.shift.iter_mut().enumerate() {
        *shift -= fatigue.burial(state.input.count(position).unanswered) * unit;
    }
    state.advance(rule, state.resorted());
}
