//! In: impressions without a positive event. Out: utilities lowered by their number.
//! Linear in the impressions beyond the free ones, up to a bound, so that one impression lowers an item by at
//! most `each`. One positive event sets the number back to 0.

use crate::error::Result;
use crate::limits;
use crate::rules::bounds::within;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Lowers what was shown repeatedly without a positive event.
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
    /// By how much an item is lowered, in standard deviations.
    fn penalty(&self, unanswered: u32) -> f64 {
        (f64::from(unanswered.saturating_sub(self.free)) * self.each).min(self.most)
    }
}

impl RuleKind for Fatigue {
    const NAME: &'static str = "fatigue";
    const STAGE: Stage = Stage::Shift;

    fn check(&self) -> std::result::Result<(), String> {
        within(self.each, 0.0..=1.0, "each")?;
        within(self.most, 0.0..=limits::SHIFT, "most")
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> Result<()> {
        let unit = state.utility.unit();
        for (position, shift) in state.shift.iter_mut().enumerate() {
            *shift -= self.penalty(state.input.exposure(position).unanswered) * unit;
        }
        state.reorder(rule.index, state.resorted());
        Ok(())
    }
}
