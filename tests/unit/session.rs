//! What a session remembers, and what it does not.
#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn item(id: &str, tags: &[u32]) -> Rc<Known> {
    Rc::new(Known { id: id.into(), tags: tags.to_vec(), fields: vec![2000.0], ..Known::default() })
}

const LIKE: Strength = [1.0, 0.0, 0.0];

#[test]
fn an_event_counts_once_by_its_id() {
    let mut session = Session::default();
    assert!(session.observe("e1", 1.0, item("a", &[7]), LIKE));
    assert!(!session.observe("e1", 2.0, item("b", &[7]), LIKE));
    assert!(session.observe("", 2.0, item("b", &[7]), LIKE));
    assert_eq!((session.len(), session.profile().tag(7)), (2, [2.0, 0.0, 0.0]));
}

#[test]
fn repeats_on_one_item_saturate() {
    let mut session = Session::default();
    (0..9).for_each(|at| assert!(session.observe("", f64::from(at), item("a", &[7]), LIKE)));
    assert_eq!(session.profile().totals(), LIKE);
    assert_eq!(session.profile().tag(7), LIKE);
}

#[test]
fn the_log_is_bounded_and_drops_the_oldest() {
    let mut session = Session::default();
    for at in 0..limits::EVENTS + 5 {
        session.observe("", at as f64, item(&at.to_string(), &[]), LIKE);
    }
    assert_eq!(session.len(), limits::EVENTS);
    let rows = session.profile().rows();
    assert_eq!(&*rows[0].item.id, (limits::EVENTS + 4).to_string());
    assert_eq!(&*rows[rows.len() - 1].item.id, "5");
}

#[test]
fn forgetting_leaves_nothing() {
    let mut session = Session::default();
    session.observe("e", 1.0, item("a", &[7]), LIKE);
    session.forget();
    assert!(session.is_empty() && session.profile().rows().is_empty());
    assert!(session.observe("e", 1.0, item("a", &[7]), LIKE));
}

#[test]
fn scrolling_does_not_erase_a_like() {
    let mut session = Session::default();
    session.observe("like", 0.0, item("liked", &[7]), LIKE);
    for at in 0..2 * limits::EVENTS {
        session.observe("", 1.0 + at as f64, item(&at.to_string(), &[]), [0.0, 0.0, 0.3]);
    }
    assert_eq!((session.len(), session.profile().tag(7)), (limits::EVENTS, LIKE));
    assert!(!session.observe("like", 0.0, item("liked", &[7]), LIKE), "its id is still known");
}

#[test]
fn an_event_older_than_a_full_log_changes_nothing() {
    let mut session = Session::default();
    (0..limits::EVENTS).for_each(|at| assert!(session.observe("", 10.0 + at as f64, item("a", &[]), LIKE)));
    let before = format!("{:?}", session.profile());
    assert!(!session.observe("old", 1.0, item("b", &[]), LIKE));
    assert_eq!(format!("{:?}", session.profile()), before);
}

#[test]
fn a_later_verdict_replaces_the_opposite_one() {
    let mut session = Session::default();
    session.observe("", 1.0, item("a", &[7]), LIKE);
    session.observe("", 2.0, item("a", &[7]), [0.0, 1.0, 0.0]);
    assert_eq!(session.profile().tag(7), [0.0, 1.0, 0.0]);
    session.observe("", 3.0, item("a", &[7]), [0.5, 0.0, 0.0]);
    assert_eq!(session.profile().tag(7), [0.5, 0.5, 0.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]
    #[test]
    fn arrival_order_does_not_matter_when_times_differ(
        events in proptest::collection::vec((0u32..6, 0usize..3), 1..20),
        rotate in 0usize..20,
    ) {
        let log: Vec<_> = events.iter().enumerate().map(|(at, &(id, channel))| {
            let mut strength = [0.0; 3];
            strength[channel] = 0.25;
            (at as f64, item(&id.to_string(), &[id % 3]), strength)
        }).collect();
        let run = |log: &[(f64, Rc<Known>, Strength)]| {
            let mut session = Session::default();
            log.iter().for_each(|(at, item, s)| { session.observe("", *at, item.clone(), *s); });
            format!("{:?}", session.profile())
        };
        let mut late = log.clone();
        late.rotate_left(rotate % log.len());
        prop_assert_eq!(run(&log), run(&late));
    }
}
