//! In: the rows that a layer's input took on examples. Out: [`InputStats`]: what rounding that layer has to know.
//! A sample gives the steps of 8-bit inputs; products of columns say which inputs go together.

use crate::train::model::int8::U8Steps;
use std::collections::BTreeMap;

/// One value in so many is kept for calibration; a prime, so that columns take turns.
const STRIDE: usize = 7;
/// Values kept, at most.
const KEPT: usize = 200_000;
/// Shares of the range seen that are tried as the range kept.
const SHARES: [f32; 13] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4];

/// What values a layer's input took: extremes, a sample, and products of columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InputStats {
    low: f32,
    high: f32,
    passed: usize,
    sample: Vec<f32>,
    highs: Vec<f32>,
    products: Vec<f64>,
}

/// By layer.
pub type LayerStats = BTreeMap<String, InputStats>;

impl InputStats {
    /// Adds some rows of so many columns.
    pub fn add(&mut self, values: &[f32], columns: usize) {
        self.highs.resize(columns, f32::NEG_INFINITY);
        let size = columns + 1;
        self.products.resize(size * size, 0.0);
        for row in values.chunks_exact(columns.max(1)).filter(|row| row.iter().all(|value| value.is_finite()))
        {
            self.highs.iter_mut().zip(row).for_each(|(high, &value)| *high = high.max(value));
            let with_one = || row.iter().map(|&value| f64::from(value)).chain([1.0]);
            for (sums, own) in self.products.chunks_exact_mut(size).zip(with_one()) {
                sums.iter_mut().zip(with_one()).for_each(|(sum, other)| *sum += own * other);
            }
        }
        for &value in values.iter().filter(|value| value.is_finite()) {
            (self.low, self.high) = (self.low.min(value), self.high.max(value));
            if self.passed.is_multiple_of(STRIDE) && self.sample.len() < KEPT {
                self.sample.push(value);
            }
            self.passed += 1;
        }
    }

    /// The largest value of each column.
    pub fn highs(&self) -> &[f32] {
        &self.highs
    }

    /// Sums over rows of products of two columns, `[columns + 1, columns + 1]`; the last one is 1 in each row.
    pub fn products(&self) -> &[f64] {
        &self.products
    }

    /// The steps that round the values seen with the least squared error: a few large values may be cut
    /// off, so that the many small ones have finer steps.
    #[must_use]
    pub fn steps(&self) -> U8Steps {
        let tried = SHARES.map(|share| U8Steps::of(self.low * share, self.high * share));
        let error = |steps: &U8Steps| -> f64 {
            let one = |&x: &f32| f64::from(steps.step(x) * steps.scale - x).powi(2);
            self.sample.iter().chain([&self.low, &self.high]).map(one).sum()
        };
        let [widest, ..] = tried;
        let least = tried.into_iter().min_by(|a, b| error(a).total_cmp(&error(b)));
        least.unwrap_or(widest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_cuts_a_rare_peak_and_keeps_an_even_range() {
        let even: Vec<f32> = (0..700_000).map(|i| (i % 1_000) as f32 / 1_000.0).collect();
        let mut stats = InputStats::default();
        stats.add(&even, 1);
        assert_eq!(stats.steps(), U8Steps::of(0.0, 0.999));
        stats.add(&[1.1], 1);
        assert!(stats.steps().scale < 1.1 / 255.0, "one value in 700,000 does not set the steps");
        let mut rare = InputStats::default();
        rare.add(&[0.5, 3.0], 1);
        assert_eq!(rare.steps(), U8Steps::of(0.0, 3.0), "of two values one is not rare");
        assert_eq!(InputStats::default().steps(), U8Steps::of(0.0, 0.0));
    }
}
