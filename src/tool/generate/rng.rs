//! In: a seed, a purpose and an id. Out: independent draws for that purpose. Purposes share no stream: one more draw
//! for one changes nothing for another.

use crate::data::hash::{draw, fnv, mix};

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Rng {
    seed: u64,
    count: u64,
}

impl Rng {
    pub fn new(seed: u64, purpose: &str, id: u64) -> Self {
        Self { seed: mix(fnv(format_args!("{purpose}:{seed}:{id}"))), count: 0 }
    }

    /// Uniform in `(0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.count += 1;
        ((draw(self.seed, self.count) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.unit() * bound as f64) as usize).min(bound.saturating_sub(1))
    }

    /// Standard normal (Box and Muller, 1958). `libm`, so that every platform draws the same bits.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Exponential with that mean.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.unit())
    }

    /// Standard Gumbel: the highest of `score + gumbel` is a draw by softmax of the scores.
    pub fn gumbel(&mut self) -> f64 {
        -libm::log(-libm::log(self.unit()))
    }
}
