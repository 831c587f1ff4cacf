//! In: the ratings of a chosen set of users. Out: per-item counts and sums, popularity, and the server's
//! non-personal score. Ratings of cold items are not counted, so that a cold item always looks new.

use crate::data::history::Histories;
use crate::data::split::{Split, is_cold};
use std::collections::BTreeMap;

/// Ratings of average value that the server score adds to each item.
const PRIOR: f64 = 10.0;

/// Stars that the server score adds for each e-fold of an item's rating count.
pub const LOG_WEIGHT: f64 = 0.05;

/// What the chosen users gave an item.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ItemStats {
    /// Number of ratings.
    pub count: u32,
    /// Their sum in stars.
    pub sum: f64,
}

/// Rating statistics of a set of users over warm items.
#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    mean: f64,
    ratings: u64,
    items: BTreeMap<u64, ItemStats>,
}

impl Stats {
    /// Statistics of the users that `admit` accepts. For evaluation these must be train users.
    #[must_use]
    pub fn of_users(histories: &Histories, admit: impl Fn(u64) -> bool) -> Self {
        let mut items = BTreeMap::<u64, ItemStats>::new();
        let (mut ratings, mut sum) = (0_u64, 0.0);
        for (_, events) in histories.iter().filter(|&(user, _)| admit(user)) {
            for event in events {
                let stars = f64::from(event.rating);
                let item = items.entry(event.item).or_default();
                item.count += 1;
                item.sum += stars;
            }
        }
        items.retain(|&item, _| !is_cold(item));
        for item in items.values() {
            ratings += u64::from(item.count);
            sum += item.sum;
        }
        let mean = if ratings == 0 { 0.0 } else { sum / ratings as f64 };
        Self { mean, ratings, items }
    }

    /// Statistics of all train users: what validation and test rows may use.
    #[must_use]
    pub fn of_train(histories: &Histories) -> Self {
        Self::of_users(histories, |user| Split::of(user) == Split::Train)
    }

    /// Mean rating in stars; 0 without ratings.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Number of ratings counted.
    #[must_use]
    pub const fn ratings(&self) -> u64 {
        self.ratings
    }

    /// Count and sum of an item; zeros for one that is cold or unrated.
    #[must_use]
    pub fn item(&self, item: u64) -> ItemStats {
        self.items.get(&item).copied().unwrap_or_default()
    }

    /// Number of ratings of an item, 0 for every cold one.
    #[must_use]
    pub fn popularity(&self, item: u64) -> u32 {
        self.item(item).count
    }

    /// The server's score in stars, `(sum + 10·mean) / (n + 10) + 0.05·ln(1 + n)`: the shrunken mean
    /// plus a small weight on evidence. An item without ratings gets the overall mean.
    #[must_use]
    pub fn server_score(&self, item: u64) -> f64 {
        self.server_score_weighing(item, LOG_WEIGHT)
    }

    /// [`Stats::server_score`] with another weight of the logarithm.
    #[must_use]
    pub fn server_score_weighing(&self, item: u64, log_weight: f64) -> f64 {
        let ItemStats { count, sum } = self.item(item);
        let n = f64::from(count);
        (sum + PRIOR * self.mean) / (n + PRIOR) + log_weight * (1.0 + n).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::rating::Rating;

    fn cold_and_warm() -> (u64, u64) {
        let cold = (1..).find(|&item| is_cold(item)).unwrap_or_default();
        let warm = (1..).find(|&item| !is_cold(item)).unwrap_or_default();
        (cold, warm)
    }

    #[test]
    fn cold_items_leave_no_trace() {
        let (cold, warm) = cold_and_warm();
        let rows = [(1, warm, 5.0), (1, cold, 1.0), (2, warm, 4.0)];
        let histories: Histories = rows
            .into_iter()
            .map(|(user, item, rating)| Rating { user, item, rating, timestamp: 0 })
            .collect();
        let stats = Stats::of_users(&histories, |_| true);
        assert_eq!(stats.ratings(), 2);
        assert_eq!(stats.mean(), 4.5);
        assert_eq!(stats.popularity(cold), 0);
        assert_eq!(stats.server_score(cold), 4.5);
        let expected = (9.0 + 45.0) / 12.0 + 0.05 * 3_f64.ln();
        assert!((stats.server_score(warm) - expected).abs() < 1e-12);
        assert_eq!(Stats::of_users(&histories, |user| user == 2).popularity(warm), 1);
    }

    #[test]
    fn no_ratings_make_a_mean_of_zero() {
        let stats = Stats::of_train(&Histories::default());
        assert_eq!((stats.mean(), stats.server_score(1)), (0.0, 0.0));
    }
}
