//! In: histories, and the other users' events that negatives are sampled from.
//! Out: lists of 100 in which up to 20 later ratings hide among items of equal popularity and novelty.
//! No item is sampled that the user rated anywhere, or that nobody had rated by then: neither could be shown.

use crate::data::hash::{draw, fnv, selection};
use crate::data::history::RatingEvent;
use crate::data::lists::popularity::{PopularityIndex, PopularityWindow, Stratum};
use crate::data::visit::{LIST, ListItem, MIN_RATINGS, POOL, Visit};
use std::collections::{HashMap, HashSet};

/// Most rated items in a list.
const SEEN: usize = 20;

/// Most cold items among the rated ones.
const SEEN_COLD: usize = 5;

/// Fewest positives (rated 4 stars or more) for a list to be kept.
const MIN_POSITIVES: usize = 3;

/// Smallest universe that is sampled from.
const MIN_UNIVERSE: usize = 300;

/// Draws within a stratum before the next one is tried.
const TRIES: usize = 200;

/// Passes over the positives before a list is given up.
const ROUNDS: usize = 5 * LIST;

/// A list to be cut: whose, from which history, how far into it.
#[derive(Debug, Clone, Copy)]
pub struct Excerpt<'a> {
    /// The user's id.
    pub user: u64,
    /// The user's ratings in protocol order; for training with its cold items removed.
    pub history: &'a [RatingEvent],
    /// Number of ratings skipped at the start: 0 in evaluation.
    pub offset: usize,
}

impl<'a> Excerpt<'a> {
    fn split(&self) -> Option<(&'a [RatingEvent], &'a [RatingEvent])> {
        let rest = self.history.get(self.offset..)?;
        rest.split_at_checked(POOL).filter(|_| rest.len() >= MIN_RATINGS)
    }

    /// When the list is shown: the time of the last pool entry; `None` when the history is too short.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        Some(self.split()?.0.last()?.timestamp)
    }
}

/// Cuts one list from the window that `index` has at [`Excerpt::time`]. `salt` keeps the selections of
/// different purposes apart; evaluation uses the empty one.
///
/// `None` when the history or the universe is too small, there are too few positives, or the strata
/// do not hold enough items that the user never rated.
fn visit(
    index: &PopularityIndex,
    window: &PopularityWindow,
    excerpt: &Excerpt<'_>,
    salt: &str,
) -> Option<Visit> {
    let (pool, later) = excerpt.split()?;
    if window.universe() < MIN_UNIVERSE {
        return None;
    }
    let seen = select(index, window, excerpt.user, later, salt);
    let positives: Vec<Stratum> =
        seen.iter().filter(|rated| rated.candidate.relevant()).map(|rated| rated.stratum).collect();
    if positives.len() < MIN_POSITIVES {
        return None;
    }
    let rated = excerpt.history.iter().map(|event| event.item).collect();
    let mut sampler = Sampler { window, user: excerpt.user, salt, barred: rated, streams: HashMap::new() };
    let wanted = LIST.checked_sub(seen.len())?;
    let mut candidates: Vec<ListItem> = positives
        .iter()
        .cycle()
        .take(ROUNDS)
        .filter_map(|&anchor| sampler.near(anchor))
        .take(wanted)
        .map(|item| ListItem { item, rating: None })
        .collect();
    if candidates.len() < wanted {
        return None;
    }
    candidates.extend(seen.iter().map(|rated| rated.candidate));
    candidates.sort_unstable_by_key(|candidate| candidate.item);
    let pool = pool.iter().map(|event| (event.item, event.rating)).collect();
    Some(Visit { user: excerpt.user, pool, candidates })
}

/// A rated item that a list holds, and where it stands in the universe.
struct Rated {
    key: u64,
    stratum: Stratum,
    candidate: ListItem,
}

/// Up to [`SEEN`] of the later ratings inside the universe, by selection key, cold ones first served.
fn select(
    index: &PopularityIndex,
    window: &PopularityWindow,
    user: u64,
    later: &[RatingEvent],
    salt: &str,
) -> Vec<Rated> {
    let mut known: Vec<Rated> = later
        .iter()
        .filter_map(|event| {
            Some(Rated {
                key: selection(salt, user, event.item),
                stratum: index.stratum(window, event.item)?,
                candidate: ListItem { item: event.item, rating: Some(event.rating) },
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
    window: &'a PopularityWindow,
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

/// Cuts many lists, taking each window once; in the order of the excerpts, without
/// those that make no list.
#[must_use]
pub fn cut(index: &PopularityIndex, excerpts: &[Excerpt<'_>], salt: &str) -> Vec<Visit> {
    let mut agenda: Vec<(i64, usize, &Excerpt<'_>)> = excerpts
        .iter()
        .enumerate()
        .filter_map(|(place, excerpt)| Some((excerpt.time()?, place, excerpt)))
        .collect();
    agenda.sort_unstable_by_key(|&(time, place, _)| (time, place));
    let mut lists = Vec::with_capacity(agenda.len());
    for moment in agenda.chunk_by(|a, b| a.0 == b.0) {
        let Some(&(time, ..)) = moment.first() else { continue };
        let window = index.window(time);
        lists.extend(
            moment
                .iter()
                .filter_map(|&(_, place, excerpt)| Some((place, visit(index, &window, excerpt, salt)?))),
        );
    }
    lists.sort_unstable_by_key(|&(place, _)| place);
    lists.into_iter().map(|(_, list)| list).collect()
}

#[cfg(test)]
#[path = "../../../../tests/tool/data/lists/sampled.rs"]
pub mod tests;
