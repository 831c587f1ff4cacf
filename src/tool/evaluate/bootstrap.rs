//! In: per-user values of one method, or of two methods on the same users. Out: means with 95% intervals, and
//! paired differences with theirs. The draws depend on the number of users alone, so that methods can be paired.

use crate::data::hash::draw;
use crate::evaluate::score::{Measure, PerUser, Scorecard};
use std::collections::BTreeMap;

/// Number of resamples.
const RESAMPLES: usize = 1000;

/// Seed of the generator behind the draws.
const SEED: u64 = 20_240_601;

/// Places of the interval's ends among the sorted resamples, from 0.
const ENDS: [usize; 2] = [25, 974];

/// How often each resample draws each user.
pub struct Bootstrap {
    users: usize,
    counts: Vec<u32>,
}

/// A mean over users and its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean over all users where the measure is defined.
    pub mean: f64,
    /// Lower end of the interval.
    pub lo: f64,
    /// Upper end of the interval.
    pub hi: f64,
    /// Number of users where the measure is defined; for the log loss, of pairs.
    pub count: usize,
}

/// A difference of two methods on the same users and its paired 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// First mean minus second mean.
    pub diff: f64,
    /// Lower end of the interval.
    pub lo: f64,
    /// Upper end of the interval.
    pub hi: f64,
}

impl Difference {
    /// Whether the interval leaves out zero.
    #[must_use]
    pub fn significant(&self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }
}

impl Bootstrap {
    /// Draws the resamples for a number of evaluated users.
    #[must_use]
    pub fn new(users: usize) -> Self {
        let mut counts = vec![0; RESAMPLES * users];
        for (row, resample) in (0..).zip(counts.chunks_exact_mut(users.max(1))) {
            for user in draws(users, row) {
                if let Some(count) = resample.get_mut(user) {
                    *count += 1;
                }
            }
        }
        Self { users, counts }
    }

    /// Mean and interval of a measure; `None` when it is undefined for every user or the column is
    /// not one of these users.
    #[must_use]
    pub fn estimate(&self, column: &PerUser) -> Option<Estimate> {
        let [lo, hi] = interval(self.resampled(column)?);
        let mean = column.mean()?;
        Some(Estimate { mean, lo, hi, count: column.weight() as usize })
    }

    /// Difference of two methods and its paired interval; `None` where either is undefined.
    #[must_use]
    pub fn difference(&self, first: &PerUser, second: &PerUser) -> Option<Difference> {
        let pairs = self.resampled(first)?.into_iter().zip(self.resampled(second)?);
        let [lo, hi] = interval(pairs.map(|(a, b)| a - b).collect());
        Some(Difference { diff: first.mean()? - second.mean()?, lo, hi })
    }

    /// All defined measures of a scorecard.
    #[must_use]
    pub fn estimates(&self, card: &Scorecard) -> BTreeMap<Measure, Estimate> {
        let all = card.columns.iter();
        all.filter_map(|(&measure, column)| Some((measure, self.estimate(column)?))).collect()
    }

    /// The measure in every resample: weighted sums over weighted counts, 0 where no drawn user
    /// defines it.
    fn resampled(&self, column: &PerUser) -> Option<Vec<f64>> {
        if self.users == 0 || column.sums.len() != self.users || column.weights.len() != self.users {
            return None;
        }
        let values = self.counts.chunks_exact(self.users).map(|resample| {
            let (mut sum, mut weight) = (0.0, 0.0);
            for ((&count, value), share) in resample.iter().zip(&column.sums).zip(&column.weights) {
                sum += f64::from(count) * value;
                weight += f64::from(count) * share;
            }
            if weight > 0.0 { sum / weight } else { 0.0 }
        });
        Some(values.collect())
    }
}

/// The users that a resample draws: entry j of resample r is draw number `r·n + j`, modulo n.
fn draws(users: usize, row: u64) -> impl Iterator<Item = usize> {
    let n = users as u64;
    (0..n).filter_map(move |j| usize::try_from(draw(SEED, row * n + j + 1) % n).ok())
}

fn interval(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_unstable_by(f64::total_cmp);
    ENDS.map(|place| values.get(place).copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_resample_of_seven_users_is_the_published_one() {
        assert!(draws(7, 0).eq([4, 5, 2, 4, 1, 3, 5]));
        let bootstrap = Bootstrap::new(7);
        assert_eq!(bootstrap.counts[..7], [0, 1, 1, 1, 2, 2, 0]);
        assert!(bootstrap.counts.chunks_exact(7).all(|row| row.iter().sum::<u32>() == 7));
    }

    #[test]
    fn a_constant_has_an_interval_of_no_width() {
        let column = PerUser { sums: vec![0.5; 9], weights: vec![1.0; 9] };
        let estimate = Bootstrap::new(9).estimate(&column).unwrap();
        assert_eq!(estimate, Estimate { mean: 0.5, lo: 0.5, hi: 0.5, count: 9 });
    }

    #[test]
    fn differences_are_paired() {
        let a = PerUser { sums: (0..20).map(|v| f64::from(v) / 20.0).collect(), weights: vec![1.0; 20] };
        let b = PerUser { sums: a.sums.iter().map(|v| v - 0.125).collect(), weights: vec![1.0; 20] };
        let bootstrap = Bootstrap::new(20);
        let gap = bootstrap.difference(&a, &b).unwrap();
        assert!((gap.diff - 0.125).abs() < 1e-12 && gap.hi - gap.lo < 1e-12);
        assert!(gap.significant());
        assert!(!bootstrap.difference(&a, &a).unwrap().significant());
        let estimate = bootstrap.estimate(&a).unwrap();
        assert!(estimate.hi - estimate.lo > 0.1);
    }

    #[test]
    fn what_is_undefined_or_of_other_users_has_no_estimate() {
        let undefined = PerUser { sums: vec![0.0; 3], weights: vec![0.0; 3] };
        assert_eq!(Bootstrap::new(3).estimate(&undefined), None);
        assert_eq!(Bootstrap::new(4).estimate(&undefined), None);
        assert_eq!(Bootstrap::new(0).estimate(&PerUser::default()), None);
    }
}
