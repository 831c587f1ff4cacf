//! In: the rating events of admitted users.
//! Out: for a moment in time, the items then known, by popularity stratum, and the events to sample from.
//! Negatives are drawn from the stratum of a positive, so that popularity alone cannot tell them apart.

use crate::data::hash::{fnv, mix};
use crate::data::history::Histories;
use crate::data::split::{Split, fold, is_cold};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Number of events in a window.
pub const WINDOW: usize = 20_000;

/// Most items in a window's universe.
pub const UNIVERSE: usize = 1000;

/// Number of strata of warm items and of cold items.
pub const STRATA: [u8; 2] = [10, 8];

/// A popularity stratum: 0 holds the most rated items of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// Whether it holds cold items.
    pub cold: bool,
    /// Place by popularity, from 0 (highest) to one below the group's number of [`STRATA`].
    pub level: u8,
}

impl Stratum {
    /// The number that seeds the stratum's draws: `100·cold + level`.
    #[must_use]
    pub fn code(self) -> u32 {
        100 * u32::from(self.cold) + u32::from(self.level)
    }

    /// The strata of the same group, nearest first; of two equally near, the less popular first.
    pub fn nearest(self) -> impl Iterator<Item = Self> {
        let count = i16::from(STRATA[usize::from(self.cold)]);
        let level = i16::from(self.level);
        (0..count)
            .flat_map(move |away| {
                [level + away, level - away].into_iter().take(if away == 0 { 1 } else { 2 })
            })
            .filter(move |&near| (0..count).contains(&near))
            .filter_map(move |near| Some(Self { cold: self.cold, level: u8::try_from(near).ok()? }))
    }

    /// Place in an array of all strata, warm ones first.
    fn slot(self) -> usize {
        usize::from(self.level) + if self.cold { usize::from(STRATA[0]) } else { 0 }
    }
}

struct KnownItem {
    id: u64,
    key: u64,
    cold: bool,
    first: i64,
}

/// All events of the admitted users, oldest first.
pub struct PopularityIndex {
    times: Vec<i64>,
    events: Vec<u32>,
    items: Vec<KnownItem>,
    places: HashMap<u64, u32>,
}

impl PopularityIndex {
    /// The events of the users that `admit` accepts, sorted by (timestamp, user id, item id), with
    /// or without those on cold items.
    #[must_use]
    pub fn new(histories: &Histories, admit: impl Fn(u64) -> bool, warm_only: bool) -> Self {
        let mut rows: Vec<(i64, u64, u64)> = histories
            .iter()
            .filter(|&(user, _)| admit(user))
            .flat_map(|(user, events)| events.iter().map(move |e| (e.timestamp, user, e.item)))
            .collect();
        rows.sort_unstable();
        let mut firsts = HashMap::new();
        for &(time, _, item) in &rows {
            firsts.entry(item).or_insert(time);
        }
        let mut items: Vec<KnownItem> = firsts
            .into_iter()
            .map(|(id, first)| KnownItem {
                id,
                key: mix(fnv(format_args!("item:{id}"))),
                cold: is_cold(id),
                first,
            })
            .filter(|item| !(warm_only && item.cold))
            .collect();
        items.sort_unstable_by_key(|item| item.id);
        let places: HashMap<u64, u32> = (0_u32..).zip(&items).map(|(place, item)| (item.id, place)).collect();
        let (times, events) =
            rows.iter().filter_map(|&(time, _, item)| Some((time, *places.get(&item)?))).unzip();
        Self { times, events, items, places }
    }

    /// Of validation and test lists: all train users, cold items included.
    #[must_use]
    pub fn of_train(histories: &Histories) -> Self {
        Self::new(histories, |user| Split::of(user) == Split::Train, false)
    }

    /// Of the training lists of a fold's users: train users of the other folds, warm items.
    #[must_use]
    pub fn without_fold(histories: &Histories, left_out: u64) -> Self {
        let admit = |user| Split::of(user) == Split::Train && fold(user) != left_out;
        Self::new(histories, admit, true)
    }

    /// Number of events.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// What is known at `time` (seconds since 1970-01-01 UTC): the last [`WINDOW`] events up to then,
    /// filled up with later ones while the past is shorter, and as universe the [`UNIVERSE`] most
    /// frequent items among those already rated by then, dealt into strata.
    #[must_use]
    pub fn window(&self, time: i64) -> PopularityWindow {
        let past = self.times.partition_point(|&at| at <= time);
        let from = past.saturating_sub(WINDOW);
        let recent: Vec<u32> = self.events.iter().skip(from).take(WINDOW).copied().collect();
        let mut counts = vec![0_u32; self.items.len()];
        for &event in &recent {
            counts[event as usize] += 1;
        }
        let mut universe: Vec<usize> = (0..self.items.len())
            .filter(|&place| counts[place] > 0 && self.items[place].first <= time)
            .collect();
        universe.sort_unstable_by_key(|&place| (Reverse(counts[place]), self.items[place].key, place));
        universe.truncate(UNIVERSE);

        let mut strata = vec![None; self.items.len()];
        for cold in [false, true] {
            let group: Vec<usize> =
                universe.iter().copied().filter(|&p| self.items[p].cold == cold).collect();
            let levels = usize::from(STRATA[usize::from(cold)]);
            for (rank, &place) in group.iter().enumerate() {
                let level = u8::try_from(rank * levels / group.len()).unwrap_or_default();
                strata[place] = Some(Stratum { cold, level });
            }
        }
        let slots = STRATA.iter().copied().map(usize::from).sum();
        let mut events = vec![Vec::new(); slots];
        for &event in &recent {
            if let Some(stratum) = strata[event as usize] {
                events[stratum.slot()].push(self.items[event as usize].id);
            }
        }
        PopularityWindow { size: universe.len(), strata, events }
    }

    /// The stratum of an item in one of this index's windows; `None` outside its universe.
    #[must_use]
    pub fn stratum(&self, window: &PopularityWindow, item: u64) -> Option<Stratum> {
        *window.strata.get(*self.places.get(&item)? as usize)?
    }
}

/// A [`PopularityIndex`] at one moment. Only meaningful together with the index it was taken from.
pub struct PopularityWindow {
    size: usize,
    strata: Vec<Option<Stratum>>,
    events: Vec<Vec<u64>>,
}

impl PopularityWindow {
    /// Number of items in the universe, at most [`UNIVERSE`].
    #[must_use]
    pub fn universe(&self) -> usize {
        self.size
    }

    /// The items of a stratum's events in window order, an item once for each of its events.
    #[must_use]
    pub fn events(&self, stratum: Stratum) -> &[u64] {
        self.events.get(stratum.slot()).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::rating::Rating;

    #[test]
    fn neighbours_alternate_below_and_above_within_their_group() {
        let levels =
            |cold, level| -> Vec<u8> { Stratum { cold, level }.nearest().map(|near| near.level).collect() };
        assert_eq!(levels(false, 3), [3, 4, 2, 5, 1, 6, 0, 7, 8, 9]);
        assert_eq!(levels(true, 0), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(levels(true, 7), [7, 6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(Stratum { cold: true, level: 7 }.code(), 107);
    }

    #[test]
    fn an_item_first_rated_later_is_not_in_the_universe() {
        let warm: Vec<u64> = (1..).filter(|&item| !is_cold(item)).take(3).collect();
        let [old, new, often] = warm[..] else { return };
        let rows = [(1, old, 10), (2, often, 10), (3, often, 12), (4, new, 11), (5, often, 13)];
        let histories: Histories = rows
            .into_iter()
            .map(|(user, item, timestamp)| Rating { user, item, rating: 4.0, timestamp })
            .collect();
        let index = PopularityIndex::new(&histories, |_| true, false);
        let window = index.window(10);
        assert_eq!(window.universe(), 2);
        assert_eq!(index.stratum(&window, new), None);
        assert_eq!(index.stratum(&window, often).map(|s| s.level), Some(0));
        assert_eq!(index.stratum(&window, old).map(|s| s.level), Some(5));
        // The past is shorter than a window, so later events of a known item still count.
        let count = |item| {
            let stratum = index.stratum(&window, item).unwrap();
            window.events(stratum).iter().filter(|&&event| event == item).count()
        };
        assert_eq!((count(often), count(old)), (3, 1));
        assert_eq!(index.window(9).universe(), 0);
        assert_eq!(index.events(), 5);
    }
}
