//! Enters: histories in protocol order.
//! Leaves: version 1 lists: the next ratings of a user, to be ranked by how much the user liked them.
//! Never: hands candidates over in chronological order, or a cold item to a training list.

use super::history::{Event, Histories, warm_only};
use super::split::Split;
use super::{Candidate, LIST, MIN_RATINGS, POOL, Visit};

/// The list that starts `offset` ratings into a history: 20 ratings of pool, then up to 100
/// candidates. `None` when fewer than 30 ratings follow the offset.
#[must_use]
pub fn visit(user: u64, history: &[Event], offset: usize) -> Option<Visit> {
    let rest = history.get(offset..).filter(|rest| rest.len() >= MIN_RATINGS)?;
    let (pool, later) = rest.split_at_checked(POOL)?;
    let mut candidates: Vec<Candidate> = later
        .iter()
        .take(LIST)
        .map(|event| Candidate { item: event.item, rating: Some(event.rating) })
        .collect();
    candidates.sort_unstable_by_key(|candidate| candidate.item);
    Some(Visit {
        user,
        time: pool.last()?.timestamp,
        pool: pool.iter().map(|event| (event.item, event.rating)).collect(),
        candidates,
    })
}

/// The lists of a split by ascending user id, one for each user with at least 30 ratings.
#[must_use]
pub fn visits(histories: &Histories, split: Split) -> Vec<Visit> {
    histories.of_split(split).filter_map(|(user, history)| visit(user, history, 0)).collect()
}

/// Lists of train users for training: cold items removed, one list for each offset that leaves
/// enough ratings, by ascending user id, then in the order of the offsets.
#[must_use]
pub fn training_visits(histories: &Histories, offsets: &[usize]) -> Vec<Visit> {
    let mut visits = Vec::new();
    for (user, history) in histories.of_split(Split::Train) {
        let warm = warm_only(history);
        visits.extend(offsets.iter().filter_map(|&offset| visit(user, &warm, offset)));
    }
    visits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::ratings::{self, Shape};
    use crate::replay::split::is_cold;
    use crate::replay::{Opinion, digest};

    #[test]
    fn lists_of_the_fixture_keep_their_invariants() {
        let histories: Histories = ratings::ratings(&Shape::default()).into_iter().collect();
        let visits = visits(&histories, Split::Test);
        assert!(visits.len() > 20);
        for visit in &visits {
            let history = histories.of_user(visit.user);
            assert_eq!(visit.pool.len(), POOL);
            assert_eq!(visit.candidates.len(), (history.len() - POOL).min(LIST));
            assert!(visit.candidates.is_sorted_by(|a, b| a.item < b.item));
            assert!(visit.candidates.iter().all(|c| visit.pool.iter().all(|p| p.0 != c.item)));
            assert!(visit.candidates.iter().all(|c| c.rating.is_some()));
            assert_eq!(visit.feedback(5).len(), 5);
        }
        assert_eq!(digest(&visits), "13121d68e5d30847");
    }

    #[test]
    fn thirty_ratings_make_a_list_and_twenty_nine_do_not() {
        let history: Vec<Event> =
            (0..30).map(|item| Event { item, rating: 4.0, timestamp: 100 + item as i64 }).collect();
        let list = visit(1, &history, 0);
        assert_eq!(list.as_ref().map(|list| (list.candidates.len(), list.time)), Some((10, 119)));
        assert_eq!(visit(1, &history[1..], 0), None);
        assert_eq!(visit(1, &history, 1), None);
        assert_eq!(visit(1, &history, 1000), None);
    }

    #[test]
    fn training_lists_hold_train_users_and_warm_items_only() {
        let histories: Histories = ratings::ratings(&Shape::default()).into_iter().collect();
        let visits = training_visits(&histories, &[0, 20, 60]);
        assert!(visits.len() > 200);
        for visit in &visits {
            assert_eq!(Split::of(visit.user), Split::Train);
            assert!(visit.candidates.iter().all(|c| !is_cold(c.item)));
            assert!(visit.pool.iter().all(|p| !is_cold(p.0)));
        }
        let likes = visits.iter().flat_map(|v| &v.pool).filter(|p| Opinion::of(p.1) == Opinion::Like);
        assert!(likes.count() > visits.len());
    }
}
