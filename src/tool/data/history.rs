//! In: rating rows in any order. Out: each user's ratings in protocol order, users by ascending id.
//! Ties in time are broken by a hash of the item, so that the order of rows in a file decides nothing.

use crate::data::error::Result;
use crate::data::hash::fnv;
use crate::data::movielens::rows::Ratings;
use crate::data::rating::Rating;
use crate::data::split::{Split, is_cold};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// One rating in a user's history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingEvent {
    /// What was rated.
    pub item: u64,
    /// Stars.
    pub rating: f32,
    /// Seconds since 1970-01-01 UTC.
    pub timestamp: i64,
}

/// All users' ratings; each history is sorted by (timestamp, `fnv("item:<id>")`, item id).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histories {
    users: BTreeMap<u64, Vec<RatingEvent>>,
}

impl Histories {
    /// Reads `ratings.csv` of a folder.
    ///
    /// # Errors
    /// As [`Ratings`].
    pub fn read(folder: &Path) -> Result<Self> {
        let rows: Vec<Rating> = Ratings::open(&folder.join("ratings.csv"))?.collect::<Result<_>>()?;
        Ok(rows.into_iter().collect())
    }

    /// Users and their histories by ascending user id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[RatingEvent])> {
        self.users.iter().map(|(&user, events)| (user, events.as_slice()))
    }

    /// Users of one split and their histories by ascending user id.
    pub fn of_split(&self, split: Split) -> impl Iterator<Item = (u64, &[RatingEvent])> {
        self.iter().filter(move |&(user, _)| Split::of(user) == split)
    }

    /// A user's history, empty for an unknown user.
    #[must_use]
    pub fn of_user(&self, user: u64) -> &[RatingEvent] {
        self.users.get(&user).map_or(&[], Vec::as_slice)
    }
}

impl FromIterator<Rating> for Histories {
    /// Sorts rows into histories. Rows must not repeat a (user, item) pair; [`Ratings`] sees to it.
    fn from_iter<I: IntoIterator<Item = Rating>>(rows: I) -> Self {
        let mut users = BTreeMap::<u64, Vec<RatingEvent>>::new();
        let mut keys = HashMap::new();
        for Rating { user, item, rating, timestamp } in rows {
            keys.entry(item).or_insert_with(|| fnv(format_args!("item:{item}")));
            users.entry(user).or_default().push(RatingEvent { item, rating, timestamp });
        }
        for events in users.values_mut() {
            events.sort_by_cached_key(|event| (event.timestamp, keys.get(&event.item), event.item));
        }
        Self { users }
    }
}

/// A history without its cold items: what training replays are cut from.
#[must_use]
pub fn warm_only(events: &[RatingEvent]) -> Vec<RatingEvent> {
    events.iter().copied().filter(|event| !is_cold(event.item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_second_is_ordered_by_hash_then_id() {
        let row = |item, timestamp| Rating { user: 1, item, rating: 3.0, timestamp };
        let histories: Histories = [row(9, 5), row(8, 5), row(7, 4), row(6, 5)].into_iter().collect();
        let items: Vec<u64> = histories.of_user(1).iter().map(|event| event.item).collect();
        let mut expected = vec![9, 8, 6];
        expected.sort_by_key(|item| fnv(format_args!("item:{item}")));
        expected.insert(0, 7);
        assert_eq!(items, expected);
        assert!(histories.of_user(2).is_empty());
    }
}
