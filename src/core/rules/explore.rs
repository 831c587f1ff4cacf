//! In: a rate, a floor, a ceiling, a seed. Out: which slots are drawn at random, and how likely that was.
//! ε-greedy by slot: a drawn slot takes any of the pool that the other rules allow, each equally.
//! Must never read randomness of its own: the same seed, list and rules draw the same.

use super::condition::within;
use crate::limits;
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

impl Explore {
    pub(super) fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        within(self.rate, 0.0..=1.0, "rate")?;
        within(self.pool, 1..=limits::POOL as u32, "pool")?;
        within(self.least, 0..=self.top, "least")?;
        within(self.most.unwrap_or(self.top), self.least..=self.top, "most")
    }

    /// Probability that a slot is drawn, if `drawn` were so far and `free` slots that may be drawn are
    /// left, this one included.
    pub(super) fn probability(&self, drawn: u32, free: u32) -> f64 {
        if drawn >= self.most.unwrap_or(self.top) {
            0.0
        } else if drawn + free <= self.least {
            1.0
        } else {
            self.rate
        }
    }
}

/// Random numbers that are a function of seed and slot (SplitMix64; Steele, Lea, Flood 2014): ten
/// lines, the same bits on every host, and no state that a rule could disturb.
pub(super) struct Draws {
    seed: u64,
}

impl Draws {
    pub fn new(seed: u64) -> Draws {
        Draws { seed }
    }

    fn bits(&self, index: u64) -> u64 {
        let z = self.seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to below 1, for the choice whether a slot is drawn.
    pub fn chance(&self, slot: usize) -> f64 {
        (self.bits(2 * slot as u64) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// 0 to below `n`, for the choice which item it is; 0 if there is none.
    pub fn pick(&self, slot: usize, n: usize) -> usize {
        ((u128::from(self.bits(2 * slot as u64 + 1)) * n as u128) >> 64) as usize
    }
}
