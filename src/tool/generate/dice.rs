//! Enters: a seed, a purpose and an id.
//! Leaves: independent draws for that purpose.
//! Never: shares a stream between purposes: one more draw here changes nothing there.

use crate::replay::hash::{draw, fnv, mix};

/// A stream of draws.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    seed: u64,
    count: u64,
}

impl Dice {
    pub(super) fn new(seed: u64, purpose: &str, id: u64) -> Self {
        Self { seed: mix(fnv(format_args!("{purpose}:{seed}:{id}"))), count: 0 }
    }

    /// Uniform in `(0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        self.count += 1;
        ((draw(self.seed, self.count) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((self.unit() * bound as f64) as usize).min(bound.saturating_sub(1))
    }

    /// Standard normal (Box and Muller, 1958). `libm`, so that every platform draws the same bits.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Exponential with that mean.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.unit())
    }

    /// Standard Gumbel: the highest of `score + gumbel` is a draw by softmax of the scores.
    pub(super) fn gumbel(&mut self) -> f64 {
        -libm::log(-libm::log(self.unit()))
    }
}
