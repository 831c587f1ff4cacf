use super::*;
use crate::data::lists::popularity::{UNIVERSE, WINDOW};
use crate::data::lists::sampled::tests::assert_invariants;
use crate::data::visit::{LIST, ListItem, POOL};
use crate::generate::ratings::{self, Shape};

fn histories(shape: &Shape) -> Histories {
    ratings::ratings(shape).into_iter().collect()
}

#[test]
fn lists_of_the_first_protocol_keep_their_invariants() {
    let histories = histories(&Shape::default());
    let visits = Protocol::V1.visits(&histories, Split::Test);
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
fn lists_of_the_second_protocol_keep_their_invariants() {
    let histories = histories(&Shape::default());
    let visits = Protocol::V2.visits(&histories, Split::Test);
    assert!(visits.len() > 20);
    visits.iter().for_each(|visit| assert_invariants(&histories, visit));
    assert_eq!(digest(&visits), "4ae3b9a3adb023a2");
}

#[test]
fn lists_are_the_published_ones_when_the_events_outgrow_their_window() {
    let histories = histories(&Shape { users: 600, items: 3000, per_user: 60, seed: 2 });
    let index = PopularityIndex::of_train(&histories);
    assert!(index.events() > WINDOW);
    assert_eq!(index.window(i64::MAX).universe(), UNIVERSE);
    let visits = Protocol::V2.visits(&histories, Split::Validation);
    visits.iter().for_each(|visit| assert_invariants(&histories, visit));
    assert_eq!(digest(&visits), "d253a7eeaeee45fa");
}

#[test]
fn the_digest_is_that_of_the_documented_text() {
    let visit = |user, items: &[u64]| Visit {
        user,
        pool: Vec::new(),
        candidates: items.iter().map(|&item| ListItem { item, rating: None }).collect(),
    };
    let whole = hex(&Sha256::digest(b"7:1,2\n9:3"));
    assert_eq!(whole.get(..16), Some(digest(&[visit(7, &[1, 2]), visit(9, &[3])]).as_str()));
}
