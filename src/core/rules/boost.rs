//! In: a condition and a shift. Out: utilities lifted or buried, within a clamp.
//! Shifts are in standard deviations of the list's scores, so that they fit every model.
//! Must never shift an item by more than [`limits::SHIFT`], however many boosts match it.

use super::condition::{Condition, within};
use super::state::State;
use crate::error::Result;
use crate::limits;
use serde::Deserialize;

/// Lifts (above 0) or buries (below 0) the items that match.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// Which items.
    #[serde(rename = "where")]
    pub condition: Condition,
    /// Standard deviations, ±[`limits::SHIFT`].
    pub by: f64,
    /// Bound of what all boosts so far may shift an item together, in standard deviations; default 3.
    /// An item that an earlier boost with a wider clamp took further is not drawn back.
    #[serde(default = "three")]
    pub clamp: f64,
}

fn three() -> f64 {
    3.0
}

impl Boost {
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        within(self.by, -limits::SHIFT..=limits::SHIFT, "by")?;
        within(self.clamp, 0.0..=limits::SHIFT, "clamp")?;
        self.condition.check()
    }

    /// What boosts shift an item in all, after `so_far`.
    fn total(&self, so_far: f64) -> f64 {
        (so_far + self.by).clamp((-self.clamp).min(so_far), self.clamp.max(so_far))
    }
}

/// `boosted` holds what boosts so far shifted each item, in standard deviations.
pub(super) fn apply(state: &mut State, rule: usize, boost: &Boost, boosted: &mut Vec<f64>) -> Result<()> {
    let matches = boost.condition.matches(state.input)?;
    boosted.resize(matches.len(), 0.0);
    let unit = state.utility.unit();
    for ((so_far, shift), _) in boosted.iter_mut().zip(&mut state.shift).zip(matches).filter(|(_, m)| *m) {
        let total = boost.total(*so_far);
        *shift += (total - *so_far) * unit;
        *so_far = total;
    }
    state.advance(rule, state.resorted());
    Ok(())
}
