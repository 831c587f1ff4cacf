//! In: scores and the order before any rule. Out: a utility for every item, and the discounted gain of an order.
//! Rules shift utilities in standard deviations of the list's scores, so that they mean the same on every
//! model. Without a shift, items without a score rank below all that have one.

use crate::limits;

/// Standard deviation of a uniform spread over width 1, inverted: a spread this wide has deviation 1.
const UNIFORM: f64 = 3.464_101_615_137_754_6;

/// Utilities before any rule.
#[derive(Debug, Clone)]
pub(super) struct Utility {
    base: Vec<f64>,
    unit: f64,
    low: f64,
    range: f64,
    discounts: Vec<f64>,
    ideal: f64,
}

impl Utility {
    /// An item's utility is its score. Items without a score lie evenly spaced below the lowest, in
    /// the order given, as far apart on average as a list of deviation 1 has them.
    pub fn of(scores: &[f32], order: &[u32], n: usize) -> Utility {
        let score =
            |position: usize| scores.get(position).copied().filter(|score| score.is_finite()).map(f64::from);
        let scored: Vec<f64> = (0..n).filter_map(score).collect();
        let mean = scored.iter().sum::<f64>() / scored.len().max(1) as f64;
        let squares: f64 = scored.iter().map(|score| (score - mean) * (score - mean)).sum();
        let deviation = (squares / scored.len().max(1) as f64).sqrt();
        let unit = if deviation > 0.0 { deviation } else { 1.0 };
        let lowest = scored.iter().copied().fold(f64::INFINITY, f64::min);
        let start = if lowest.is_finite() { lowest } else { 0.0 };
        let step = UNIFORM * unit / n.max(1) as f64;
        let mut base = vec![0.0; n];
        let mut unscored = 0.0;
        for &position in order {
            let position = position as usize;
            if let Some(cell) = base.get_mut(position) {
                *cell = score(position).unwrap_or_else(|| {
                    unscored += 1.0;
                    start - step * unscored
                }) + 0.0;
            }
        }
        let low = base.iter().copied().fold(f64::INFINITY, f64::min);
        let range = base.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
        let discounts = (0..n.min(limits::SLOTS)).map(|slot| 1.0 / libm::log2(slot as f64 + 2.0)).collect();
        let mut utility = Utility { base, unit, low, range, discounts, ideal: 0.0 };
        utility.ideal = utility.discounted_gain(order);
        utility
    }

    /// The utility at a position, before any rule.
    pub fn base(&self, position: usize) -> f64 {
        self.base.get(position).copied().unwrap_or_default()
    }

    /// One standard deviation of the scores; 1 where they have none.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// The utility that an order is predicted to give: over the first [`limits::SLOTS`] slots, each
    /// item's utility before any rule, scaled to 0..1 over the list, discounted by `1 / log2(slot + 2)`
    /// as in DCG.
    pub fn discounted_gain(&self, order: &[u32]) -> f64 {
        if self.range.is_nan() || self.range <= 0.0 {
            return 0.0;
        }
        let scaled = |&position: &u32| (self.base(position as usize) - self.low) / self.range;
        order.iter().map(scaled).zip(&self.discounts).map(|(gain, discount)| gain * discount).sum()
    }

    /// What going from one order to another loses, as a share of the gain of the order before
    /// any rule. Negative where a rule gives back what an earlier one cost.
    pub fn cost(&self, before: &[u32], after: &[u32]) -> f64 {
        if self.ideal > 0.0 {
            (self.discounted_gain(before) - self.discounted_gain(after)) / self.ideal
        } else {
            0.0
        }
    }
}
