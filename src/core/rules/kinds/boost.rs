//! In: a condition and a shift. Out: utilities raised or lowered, within a clamp.
//! Shifts are in standard deviations of the list's scores, so that they fit every model. All boosts together
//! shift an item by at most [`limits::SHIFT`].

use crate::error::Result;
use crate::limits;
use crate::rules::bounds::within;
use crate::rules::condition::Condition;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Raises (above 0) or lowers (below 0) the items that match.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// Which items are shifted.
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
    /// What boosts shift an item in all, after `so_far`.
    fn total(&self, so_far: f64) -> f64 {
        (so_far + self.by).clamp((-self.clamp).min(so_far), self.clamp.max(so_far))
    }
}

impl RuleKind for Boost {
    const NAME: &'static str = "boost";
    const STAGE: Stage = Stage::Shift;

    fn check(&self) -> std::result::Result<(), String> {
        within(self.by, -limits::SHIFT..=limits::SHIFT, "by")?;
        within(self.clamp, 0.0..=limits::SHIFT, "clamp")?;
        self.condition.check()
    }

    fn fields(&self, names: &mut Vec<String>) {
        self.condition.fields(names);
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> Result<()> {
        let matches = self.condition.matches(state.input)?;
        state.boosted.resize(matches.len(), 0.0);
        let unit = state.utility.unit();
        let items = state.boosted.iter_mut().zip(&mut state.shift).zip(matches);
        for ((so_far, shift), _) in items.filter(|(_, matches)| *matches) {
            let total = self.total(*so_far);
            *shift += (total - *so_far) * unit;
            *so_far = total;
        }
        state.reorder(rule.index, state.resorted());
        Ok(())
    }
}
