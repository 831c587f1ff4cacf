//! In: a rate, a floor and a ceiling. Out: an [`Exploration`] for the ranking, with its seed.
//! Randomness enters by the seed alone, so that a ranking can be repeated.

use crate::error;
use crate::limits;
use crate::rules::bounds::within;
use crate::rules::exploration::Exploration;
use crate::rules::kind::{RuleKind, Several, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Draws some slots at random, so that what is never shown gets a chance, and logs with what
/// probability: what inverse-propensity estimates need.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explore {
    /// Slots from the top that may be drawn: 1 to [`limits::SLOTS`].
    pub top: u32,
    /// Probability that a slot is drawn: 0 to 1.
    pub rate: f64,
    /// Floor: slots that are drawn in every ranking, as far as pins leave any. Default 0.
    #[serde(default)]
    pub least: u32,
    /// Ceiling: slots that are drawn at most. Default `top`.
    #[serde(default)]
    pub most: Option<u32>,
    /// Items that a draw is among: the best that the other rules allow there. 1 to
    /// [`limits::POOL`]; default 50.
    #[serde(default = "fifty")]
    pub pool: u32,
}

fn fifty() -> u32 {
    50
}

impl RuleKind for Explore {
    const NAME: &'static str = "explore";
    const STAGE: Stage = Stage::Slots;
    const SEVERAL: Several = Several::One;

    fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        within(self.rate, 0.0..=1.0, "rate")?;
        within(self.pool, 1..=limits::POOL as u32, "pool")?;
        within(self.least, 0..=self.top, "least")?;
        within(self.most.unwrap_or(self.top), self.least..=self.top, "most")
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
        let exploration = Exploration {
            top: self.top as usize,
            rate: self.rate,
            least: self.least,
            most: self.most.unwrap_or(self.top),
            pool: self.pool as usize,
            seed: state.input.seed,
        };
        state.exploration = Some((rule, exploration));
        Ok(())
    }
}
