//! What a session remembers, and what it does not.
#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn item(id: &str, tags: &[u32]) -> Rc<ItemFacts> {
    Rc::new(ItemFacts { id: id.into(), tags: tags.to_vec(), fields: vec![2000.0], ..ItemFacts::default() })
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

#[test]
fn undo_lets_the_next_older_event_back_in() {
    // More events than the log holds: what falls out of it is gone, what fell out of the window is not.
    let n = limits::EVENTS + limits::RESERVED_EVENTS + 40;
    let verdict = |at: usize| if at.is_multiple_of(3) { LIKE } else { [0.0, 0.0, 0.3] };
    let run = |leave_out: &dyn Fn(usize) -> bool| {
        let mut session = Session::default();
        for at in (0..n).filter(|&at| !leave_out(at)) {
            session.observe(&at.to_string(), at as f64, item(&at.to_string(), &[at as u32 % 7]), verdict(at));
        }
        session
    };
    let mut session = run(&|_| false);
    let gone: Vec<usize> = (0..limits::RESERVED_EVENTS).map(|step| n - 1 - step).collect();
    for (count, &at) in gone.iter().enumerate() {
        assert_eq!(session.undo(&at.to_string()), Ok(true), "{at}");
        if count % 50 == 49 || count + 1 == gone.len() {
            let mut never = run(&|at| gone[..=count].contains(&at));
            assert_eq!(format!("{:?}", session.profile()), format!("{:?}", never.profile()), "after {count}");
        }
    }
    let one_more = session.undo(&(n - 1 - gone.len()).to_string()).unwrap_err();
    assert_eq!(one_more.code(), "event/too-old", "what would come next is not known any more");
    assert_eq!(session.len(), limits::EVENTS);
}

#[test]
fn undoing_what_never_came_and_what_is_too_old_are_told_apart() {
    let mut session = Session::default();
    assert_eq!(session.undo("nothing"), Ok(false));
    assert_eq!(session.undo(""), Ok(false));
    session.observe("e", 0.0, item("a", &[]), LIKE);
    assert_eq!((session.undo("e"), session.undo("e")), (Ok(true), Ok(false)));
    assert!(session.observe("e", 0.0, item("a", &[]), LIKE), "it never happened, so it may now");
    for at in 0..limits::EVENTS + limits::RESERVED_EVENTS {
        session.observe("", 1.0 + at as f64, item("b", &[]), LIKE);
    }
    assert_eq!(session.undo("e").unwrap_err().code(), "event/too-old");
}

#[test]
fn an_impression_counts_once_however_often_the_list_is_ranked() {
    let mut session = Session::default();
    session.observe("seen a", 1.0, item("a", &[7]), [0.0, 0.0, 0.3]);
    session.observe("seen a", 2.0, item("a", &[7]), [0.0, 0.0, 0.3]);
    for now in 0..3 {
        let view = View { now_ms: Some(now), ..View::default() };
        assert_eq!(session.profile_as(&view).totals(), [0.0, 0.0, 0.3]);
    }
}

#[test]
fn strengths_halve_and_a_clock_that_runs_backwards_does_no_harm() {
    let mut session = Session::default();
    session.observe("", 1_000.0, item("a", &[7]), LIKE);
    let mut at = |now_ms| {
        let view = View { now_ms: Some(now_ms), half_life_ms: Some(500.0), ..View::default() };
        session.profile_as(&view).tag(7)[0]
    };
    assert_eq!((at(1_000), at(1_500), at(2_000)), (1.0, 0.5, 0.25));
    assert_eq!((at(-5_000), at(i64::MIN), at(1_500)), (1.0, 1.0, 0.5));
    assert_eq!(at(i64::MAX), 0.0);
}

#[test]
fn a_dislike_that_fades_does_not_bring_the_like_back() {
    let mut session = Session::default();
    session.observe("", 0.0, item("a", &[7]), LIKE);
    session.observe("", 1.0, item("a", &[7]), [0.0, 1.0, 0.0]);
    let view = View { now_ms: Some(10_000), half_life_ms: Some(1_000.0), ..View::default() };
    assert_eq!(session.profile_as(&view).tag(7)[0], 0.0);
}

#[test]
fn preferences_are_older_than_events_and_replace_each_other() {
    let mut session = Session::default();
    session.observe("", -5.0, item("a", &[7]), [0.0, 1.0, 0.0]);
    session.prefer(vec![item("b", &[1]), item("c", &[2])]);
    let ids: Vec<String> = session.profile().rows().iter().map(|row| row.item.id.to_string()).collect();
    assert_eq!(ids, ["a", "c", "b"]);
    let many = (0..limits::STATED_ITEMS + 1).map(|at| item(&at.to_string(), &[])).collect();
    session.prefer(many);
    assert_eq!((session.stated().len(), session.profile().tag(1)), (limits::STATED_ITEMS, [0.0; 3]));
    let without = View { without_stated: true, ..View::default() };
    assert_eq!(session.profile_as(&without).rows().len(), 1);
    assert!(!session.is_empty());
    session.forget();
    assert!(session.is_empty() && session.stated().is_empty());
}

#[test]
fn times_beyond_any_calendar_stay_in_order() {
    let mut session = Session::default();
    for (id, at) in [("late", f64::MAX), ("early", f64::MIN), ("now", 1.7e12)] {
        session.observe("", at, item(id, &[]), LIKE);
    }
    let ids: Vec<String> = session.profile().rows().iter().map(|row| row.item.id.to_string()).collect();
    assert_eq!(ids, ["late", "now", "early"]);
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
        let run = |log: &[(f64, Rc<ItemFacts>, Strength)]| {
            let mut session = Session::default();
            log.iter().for_each(|(at, item, s)| { session.observe("", *at, item.clone(), *s); });
            format!("{:?}", session.profile())
        };
        let mut late = log.clone();
        late.rotate_left(rotate % log.len());
        prop_assert_eq!(run(&log), run(&late));
    }
}
