//! In: a rate, a floor, a ceiling and a seed. Out: which slots are drawn at random, and how likely that was.
//! ε-greedy by slot: a drawn slot takes any item of the pool that the other rules allow, each equally
//! likely. The same seed, list and rules draw the same.

/// Exploration of one ranking.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exploration {
    /// Slots from the top that may be drawn.
    pub top: usize,
    /// Probability that a slot is drawn, 0 to 1.
    pub rate: f64,
    /// Slots that are drawn at least, as far as pins leave any.
    pub least: u32,
    /// Slots that are drawn at most.
    pub most: u32,
    /// Items that a draw is among.
    pub pool: usize,
    pub seed: u64,
}

impl Exploration {
    /// Probability that a slot is drawn, if `drawn` were so far and `free` slots that may be drawn are
    /// left, this one included.
    pub fn probability(&self, drawn: u32, free: u32) -> f64 {
        if drawn >= self.most {
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
