//! Enters: histories, and the world of other users' events that negatives are sampled from.
//! Leaves: version 2 lists: later ratings hidden among 100 items of equal popularity and novelty.
//! Never: samples an item the user rated anywhere, or one that nobody had rated by then.

use std::collections::{HashMap, HashSet};

use super::hash::{draw, fnv, selection};
use super::history::{Event, Histories, warm_only};
use super::split::{FOLDS, Split, fold};
use super::world::{Stratum, Window, World};
use super::{Candidate, LIST, MIN_RATINGS, POOL, Visit};

/// Most rated items in a list.
pub const SEEN: usize = 20;

/// Most cold items among the rated ones.
pub const SEEN_COLD: usize = 5;

/// Fewest positives (rated 4 stars or more) for a list to be kept.
pub const MIN_POSITIVES: usize = 3;

/// Smallest universe that is sampled from.
pub const MIN_UNIVERSE: usize = 300;

/// Draws within a stratum before the next one is tried.
const TRIES: usize = 200;

/// Passes over the positives before a list is given up.
const ROUNDS: usize = 5 * LIST;

/// A list to be cut: whose, from which history, how far into it.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'a> {
    /// The user's id.
    pub user: u64,
    /// The user's ratings in protocol order; a training replay has its cold items removed before.
    pub history: &'a [Event],
    /// Number of ratings skipped at the start: 0 in evaluation.
    pub offset: usize,
}

impl<'a> Replay<'a> {
    fn split(&self) -> Option<(&'a [Event], &'a [Event])> {
        let rest = self.history.get(self.offset..)?;
        rest.split_at_checked(POOL).filter(|_| rest.len() >= MIN_RATINGS)
    }

    /// When the list is shown: the time of the last pool entry; `None` when the history is too short.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        Some(self.split()?.0.last()?.timestamp)
    }
}

/// Cuts one list from the window that `world` has at [`Replay::time`]. `salt` keeps the selections of
/// different purposes apart; evaluation uses the empty one.
///
/// `None` when the history or the universe is too small, there are too few positives, or the strata
/// do not hold enough items that the user never rated.
#[must_use]
pub fn visit(world: &World, window: &Window, replay: &Replay<'_>, salt: &str) -> Option<Visit> {
    let (pool, later) = replay.split()?;
    if window.universe() < MIN_UNIVERSE {
        return None;
    }
    let seen = select(world, window, replay.user, later, salt);
    let positives: Vec<Stratum> =
        seen.iter().filter(|rated| rated.candidate.relevant()).map(|rated| rated.stratum).collect();
    if positives.len() < MIN_POSITIVES {
        return None;
    }
    let rated = replay.history.iter().map(|event| event.item).collect();
    let mut sampler = Sampler { window, user: replay.user, salt, barred: rated, streams: HashMap::new() };
    let wanted = LIST.checked_sub(seen.len())?;
    let mut candidates: Vec<Candidate> = positives
        .iter()
        .cycle()
        .take(ROUNDS)
        .filter_map(|&anchor| sampler.near(anchor))
        .take(wanted)
        .map(|item| Candidate { item, rating: None })
        .collect();
    if candidates.len() < wanted {
        return None;
    }
    candidates.extend(seen.iter().map(|rated| rated.candidate));
    candidates.sort_unstable_by_key(|candidate| candidate.item);
    Some(Visit {
        user: replay.user,
        time: pool.last()?.timestamp,
        pool: pool.iter().map(|event| (event.item, event.rating)).collect(),
        candidates,
    })
}

/// A rated item that a list holds, and where it stands in the universe.
struct Rated {
    key: u64,
    stratum: Stratum,
    candidate: Candidate,
}

/// Up to [`SEEN`] of the later ratings inside the universe, by selection key, cold ones first served.
fn select(world: &World, window: &Window, user: u64, later: &[Event], salt: &str) -> Vec<Rated> {
    let mut known: Vec<Rated> = later
        .iter()
        .filter_map(|event| {
            Some(Rated {
                key: selection(salt, user, event.item),
                stratum: world.stratum(window, event.item)?,
                candidate: Candidate { item: event.item, rating: Some(event.rating) },
            })
        })
        .collect();
    known.sort_by_key(|rated| rated.key);
    let (mut seen, warm): (Vec<_>, Vec<_>) = known.into_iter().partition(|rated| rated.stratum.cold);
    seen.truncate(SEEN_COLD);
    let rest = SEEN.saturating_sub(seen.len());
    seen.extend(warm.into_iter().take(rest));
    seen.sort_by_key(|rated| rated.key);
    seen
}

/// Draws items of random events, stratum by stratum.
struct Sampler<'a> {
    window: &'a Window,
    user: u64,
    salt: &'a str,
    /// Items rated by the user or drawn before.
    barred: HashSet<u64>,
    /// Seed and number of draws so far, by stratum code.
    streams: HashMap<u32, (u64, u64)>,
}

impl Sampler<'_> {
    /// A new item from the anchor's stratum or the nearest one that still has any.
    fn near(&mut self, anchor: Stratum) -> Option<u64> {
        anchor.nearest().find_map(|stratum| self.within(stratum))
    }

    fn within(&mut self, stratum: Stratum) -> Option<u64> {
        let events = self.window.events(stratum);
        let (code, user, salt) = (stratum.code(), self.user, self.salt);
        let (seed, count) =
            self.streams.entry(code).or_insert_with(|| (fnv(format_args!("neg:{salt}{user}:{code}")), 0));
        for _ in 0..TRIES {
            *count += 1;
            let place = draw(*seed, *count).checked_rem(events.len() as u64)?;
            let item = *events.get(usize::try_from(place).ok()?)?;
            if self.barred.insert(item) {
                return Some(item);
            }
        }
        None
    }
}

/// Cuts many lists from one world, taking each window once; in the order of the replays, without
/// those that make no list.
#[must_use]
pub fn cut(world: &World, replays: &[Replay<'_>], salt: &str) -> Vec<Visit> {
    let mut agenda: Vec<(i64, usize, &Replay<'_>)> = replays
        .iter()
        .enumerate()
        .filter_map(|(place, replay)| Some((replay.time()?, place, replay)))
        .collect();
    agenda.sort_unstable_by_key(|&(time, place, _)| (time, place));
    let mut lists = Vec::with_capacity(agenda.len());
    for moment in agenda.chunk_by(|a, b| a.0 == b.0) {
        let Some(&(time, ..)) = moment.first() else { continue };
        let window = world.window(time);
        lists.extend(
            moment
                .iter()
                .filter_map(|&(_, place, replay)| Some((place, visit(world, &window, replay, salt)?))),
        );
    }
    lists.sort_unstable_by_key(|&(place, _)| place);
    lists.into_iter().map(|(_, list)| list).collect()
}

/// The lists of a split by ascending user id.
#[must_use]
pub fn visits(histories: &Histories, split: Split) -> Vec<Visit> {
    let replays: Vec<Replay<'_>> =
        histories.of_split(split).map(|(user, history)| Replay { user, history, offset: 0 }).collect();
    cut(&World::of_train(histories), &replays, "")
}

/// Lists of train users for training, by ascending user id, then in the order of the offsets: cold
/// items removed, and each user's universe made of the train users in the other folds.
#[must_use]
pub fn training_visits(histories: &Histories, offsets: &[usize], salt: &str) -> Vec<Visit> {
    let mut visits = Vec::new();
    for left_out in 0..FOLDS {
        let users: Vec<(u64, Vec<Event>)> = histories
            .of_split(Split::Train)
            .filter(|&(user, _)| fold(user) == left_out)
            .map(|(user, history)| (user, warm_only(history)))
            .collect();
        let replays: Vec<Replay<'_>> = users
            .iter()
            .flat_map(|(user, history)| offsets.iter().map(|&offset| Replay { user: *user, history, offset }))
            .collect();
        visits.extend(cut(&World::without_fold(histories, left_out), &replays, salt));
    }
    visits.sort_by_key(|visit| visit.user);
    visits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::ratings::{self, Shape};
    use crate::replay::digest;
    use crate::replay::split::is_cold;
    use crate::replay::world::{UNIVERSE, WINDOW};

    fn histories() -> Histories {
        ratings::ratings(&Shape::default()).into_iter().collect()
    }

    fn assert_invariants(histories: &Histories, visit: &Visit) {
        let history = histories.of_user(visit.user);
        assert_eq!(visit.pool.len(), POOL);
        assert_eq!(visit.candidates.len(), LIST);
        assert!(visit.candidates.is_sorted_by(|a, b| a.item < b.item));
        for candidate in &visit.candidates {
            assert!(visit.pool.iter().all(|rated| rated.0 != candidate.item));
            let rated = history.iter().find(|event| event.item == candidate.item);
            assert_eq!(candidate.rating, rated.map(|event| event.rating));
        }
        let seen: Vec<_> = visit.candidates.iter().filter(|c| c.rating.is_some()).collect();
        assert!(seen.len() <= SEEN);
        assert!(seen.iter().filter(|c| is_cold(c.item)).count() <= SEEN_COLD);
        assert!(seen.iter().filter(|c| c.relevant()).count() >= MIN_POSITIVES);
    }

    #[test]
    fn lists_of_the_fixture_keep_their_invariants() {
        let histories = histories();
        let visits = visits(&histories, Split::Test);
        assert!(visits.len() > 20);
        visits.iter().for_each(|visit| assert_invariants(&histories, visit));
        assert_eq!(digest(&visits), "4ae3b9a3adb023a2");
    }

    #[test]
    fn lists_are_the_published_ones_when_the_world_outgrows_its_window() {
        let shape = Shape { users: 600, items: 3000, per_user: 60, seed: 2 };
        let histories: Histories = ratings::ratings(&shape).into_iter().collect();
        let world = World::of_train(&histories);
        assert!(world.events() > WINDOW);
        assert_eq!(world.window(i64::MAX).universe(), UNIVERSE);
        let visits = visits(&histories, Split::Validation);
        visits.iter().for_each(|visit| assert_invariants(&histories, visit));
        assert_eq!(digest(&visits), "d253a7eeaeee45fa");
    }

    #[test]
    fn training_lists_hold_warm_items_and_differ_by_salt() {
        let histories = histories();
        let visits = training_visits(&histories, &[0, 20], "a:");
        assert!(visits.len() > 100);
        for visit in &visits {
            assert_invariants(&histories, visit);
            assert_eq!(Split::of(visit.user), Split::Train);
            assert!(visit.candidates.iter().all(|c| !is_cold(c.item)));
            assert!(visit.pool.iter().all(|rated| !is_cold(rated.0)));
        }
        assert!(visits.is_sorted_by_key(|visit| visit.user));
        assert_ne!(visits, training_visits(&histories, &[0, 20], "b:"));
    }

    #[test]
    fn a_short_history_makes_no_list() {
        let histories = histories();
        let world = World::of_train(&histories);
        let Some((user, history)) = histories.iter().next() else { return };
        let short = Replay { user, history: &history[..29], offset: 0 };
        let beyond = Replay { user, history, offset: 1000 };
        assert!(cut(&world, &[short, beyond], "").is_empty());
    }
}
