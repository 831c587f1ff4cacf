//! Laws of taking back: the session is one in which the event never was, however it came.
use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn undo_is_never_happened() {
    let rankers = two();
    let sizes = prop_oneof![49 => 0usize..1, 1 => 250usize..262];
    let cases = (lists(12), acts(8), any::<prop::sample::Index>(), sizes);
    law("undo equals never happened", cases, |(list, acts, which, scrolled)| {
        prop_assume!(!acts.is_empty());
        let (one, other) = &mut *rankers.borrow_mut();
        let gone = which.index(acts.len());
        for (ranker, all) in [(&mut *one, true), (&mut *other, false)] {
            ranker.forget();
            set(ranker, &list);
            // Enough of them push others out of the window: undoing lets those back in.
            for index in 0..scrolled {
                act(ranker, &format!("s{index}"), &(index % 2 * 2, index % 24, (index % 70) as u16));
            }
            for (index, one) in acts.iter().enumerate().filter(|(index, _)| all || *index != gone) {
                act(ranker, &format!("e{index}"), one);
            }
        }
        prop_assert_eq!(one.undo(&format!("e{gone}")), Ok(true));
        let (one, other) = (rank(one), rank(other));
        prop_assert_eq!(one.order, other.order);
        prop_assert_eq!(bits(&one.scores), bits(&other.scores));
        Ok(())
    });
}

#[test]
fn what_if_is_undo() {
    let rankers = two();
    law(
        "what-if equals undo, and leaves no trace",
        (lists(12), acts(8), any::<[bool; 8]>()),
        |(list, acts, gone)| {
            let (one, other) = &mut *rankers.borrow_mut();
            let (one, other) = (fresh(one, &list, &acts), fresh(other, &list, &acts));
            let without: Vec<String> =
                (0..acts.len()).filter(|&i| gone[i]).map(|i| format!("e{i}")).collect();
            let before = rank(one);
            let asked = one.rank(&Options { without: without.clone(), ..Options::default() }, &mut || 0.0);
            prop_assert!(asked.report.warnings.is_empty());
            without.iter().for_each(|id| assert_eq!(other.undo(id), Ok(true)));
            prop_assert_eq!(bits(&asked.scores), bits(&rank(other).scores));
            prop_assert_eq!(bits(&rank(one).scores), bits(&before.scores));
            Ok(())
        },
    );
}

/// An event of a long log: its id, item, kind, and when, in any order.
type Entry = (u16, u8, u8, i32);

/// A log that is often longer than the window, and sometimes than what is held. Ids come again, but
/// none after so many others that it may be known no more.
fn logs() -> impl Strategy<Value = Vec<Entry>> {
    let sizes = prop_oneof![6 => 1usize..40, 2 => 240usize..300, 1 => 500usize..540];
    sizes.prop_flat_map(|size| {
        let entry = (0u16..40, any::<u8>(), any::<u8>(), -500i32..500);
        proptest::collection::vec(entry, size).prop_map(|mut log| {
            let often = log.len() <= limits::EVENTS;
            for (at, (id, ..)) in log.iter_mut().enumerate() {
                *id = if often && *id < 10 { *id } else { 100 + at as u16 };
            }
            log
        })
    })
}

/// The session of a log, and which events were taken in as something that counts.
fn run<'a>(log: impl Iterator<Item = &'a Entry>) -> (Session, Vec<u16>) {
    let (mut session, mut counted) = (Session::default(), Vec::new());
    for &(id, number, kind, at) in log {
        if session.observe(&id.to_string(), f64::from(at), known(number), strength(kind)) {
            counted.push(id);
        }
    }
    (session, counted)
}

fn said(session: &mut Session, now: i64) -> String {
    let view = View { now_ms: Some(now), half_life_ms: Some(300.0), ..View::default() };
    let len = session.len();
    format!("{:?} {len}", session.profile_as(&view))
}

#[test]
fn undo_is_exact_in_any_log() {
    let cases = (logs(), any::<prop::sample::Index>(), -500i64..500);
    law("undo equals never happened in logs of any length and order", cases, |(log, which, now)| {
        let (id, ..) = log[which.index(log.len())];
        let (mut session, counted) = run(log.iter());
        let (mut never, _) = run(log.iter().filter(|(other, ..)| *other != id));
        match session.undo(&id.to_string()) {
            Ok(true) => prop_assert_eq!(said(&mut session, now), said(&mut never, now)),
            Ok(false) => prop_assert!(false, "{} came", id),
            Err(error) => {
                prop_assert_eq!(error.code(), "event/too-old");
                let last = log.iter().rev().take(limits::EVENTS).any(|(other, ..)| *other == id);
                prop_assert!(!(last && counted.contains(&id)), "{} is among the last", id);
            }
        }
        prop_assert_eq!(session.undo(&id.to_string()).unwrap_or(false), false, "it is gone");
        Ok(())
    });
}

#[test]
fn undo_is_exact_after_a_snapshot() {
    let rankers = two();
    let scrolled = prop_oneof![49 => 0usize..1, 1 => 250usize..300];
    let cases = (lists(12), acts(8), any::<prop::sample::Index>(), scrolled);
    law("undo after a snapshot equals never happened", cases, |(list, acts, which, scrolled)| {
        prop_assume!(!acts.is_empty());
        let (one, other) = &mut *rankers.borrow_mut();
        let gone = which.index(acts.len());
        for (ranker, all) in [(&mut *one, true), (&mut *other, false)] {
            ranker.forget();
            // Older than the rest: a snapshot holds events by their time, so that is what is recent in it.
            for index in 0..scrolled {
                act(ranker, &format!("s{index}"), &(index % 2 * 2, index % 24, 0));
            }
            for (index, one) in acts.iter().enumerate().filter(|(index, _)| all || *index != gone) {
                act(ranker, &format!("e{index}"), one);
            }
            let bytes = ranker.snapshot(Form::Full);
            ranker.forget();
            ranker.restore(&bytes).unwrap();
            set(ranker, &list);
        }
        prop_assert_eq!(one.undo(&format!("e{gone}")), Ok(true));
        prop_assert_eq!(bits(&rank(one).scores), bits(&rank(other).scores));
        Ok(())
    });
}

#[test]
fn forgetting_is_a_new_visitor() {
    let rankers = two();
    law("forget equals a visitor who never came", (lists(12), acts(8), acts(4)), |(list, before, acts)| {
        let (one, other) = &mut *rankers.borrow_mut();
        fresh(one, &list, &before).prefer(&["tea"], &Packed::default()).unwrap();
        rank(one);
        one.forget();
        for (index, act_of) in acts.iter().enumerate() {
            act(one, &format!("e{index}"), act_of);
        }
        prop_assert_eq!(bits(&rank(one).scores), bits(&rank(fresh(other, &list, &acts)).scores));
        prop_assert_eq!(one.snapshot(Form::Full), other.snapshot(Form::Full));
        Ok(())
    });
}
