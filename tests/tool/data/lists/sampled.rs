use super::*;
use crate::data::history::Histories;
use crate::data::split::is_cold;
use crate::generate::ratings::{self, Shape};

/// What holds of every list with sampled negatives, in evaluation and in training.
pub fn assert_invariants(histories: &Histories, visit: &Visit) {
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
fn a_short_history_makes_no_list() {
    let histories: Histories = ratings::ratings(&Shape::default()).into_iter().collect();
    let index = PopularityIndex::of_train(&histories);
    let Some((user, history)) = histories.iter().next() else { return };
    let short = Excerpt { user, history: &history[..29], offset: 0 };
    let beyond = Excerpt { user, history, offset: 1000 };
    assert!(cut(&index, &[short, beyond], "").is_empty());
}
