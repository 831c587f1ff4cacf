//! Laws of a session: what events amount to, in any order, and taken back.
use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn an_event_counts_once() {
    let rankers = two();
    law(
        "idempotence",
        (lists(12), acts(8), any::<prop::sample::Index>(), 0u16..200),
        |(list, acts, which, later)| {
            prop_assume!(!acts.is_empty());
            let (one, other) = &mut *rankers.borrow_mut();
            let once = rank(fresh(one, &list, &acts));
            let twice = fresh(other, &list, &acts);
            let again = which.index(acts.len());
            let (kind, number, _) = acts[again];
            // The same id again: at another time, about another item.
            let taken = act(twice, &format!("e{again}"), &(kind, (number + 1) % 24, later));
            prop_assert!(!taken);
            prop_assert_eq!(bits(&once.scores), bits(&rank(twice).scores));
            Ok(())
        },
    );
}

#[test]
fn a_session_is_bounded() {
    let session = RefCell::new(Session::default());
    // One session through all cases: it is at its bound for most of them.
    law("a session is bounded", any::<(u8, u8, f64)>(), |(number, kind, at_ms)| {
        let mut session = session.borrow_mut();
        session.observe("", at_ms, known(number), strength(kind));
        prop_assert!(session.len() <= limits::EVENTS);
        prop_assert!(session.log().entries().len() <= limits::EVENTS + limits::RESERVED_EVENTS);
        let profile = session.profile();
        prop_assert!(profile.rows().len() <= limits::EVENTS);
        prop_assert!(profile.rows().iter().all(|row| row.strength.iter().all(|s| (0.0..=1.0).contains(s))));
        Ok(())
    });
}

#[test]
fn what_fades_never_grows() {
    let events = proptest::collection::vec((0u8..6, 0u8..4, -50i64..50), 1..12);
    law("decay never increases", (events, -60i64..60, 0i64..60), |(events, now, more)| {
        let mut session = Session::default();
        for (number, kind, hour) in events {
            session.observe("", hour as f64 * 3.6e6, known(number), strength(kind));
        }
        let at = |hour: i64| View {
            now_ms: Some(hour * 3_600_000),
            half_life_ms: Some(3.6e6 * 12.0),
            ..View::default()
        };
        let undecayed = session.profile().clone();
        let early = session.profile_as(&at(now)).clone();
        let late = session.profile_as(&at(now + more)).clone();
        for tag in 0..4 {
            for channel in 0..3 {
                let [all, early, late] = [&undecayed, &early, &late].map(|profile| profile.tag(tag)[channel]);
                prop_assert!(late <= early && early <= all, "{late} {early} {all}");
            }
        }
        Ok(())
    });
}

#[test]
fn arrival_does_not_matter() {
    let events = proptest::collection::vec((0u8..6, 0u8..4), 1..20);
    law("order of arrival does not matter when times differ", (events, any::<u64>()), |(events, seed)| {
        let mut log: Vec<(usize, (u8, u8))> = events.into_iter().enumerate().collect();
        let run = |log: &[(usize, (u8, u8))]| {
            let mut session = Session::default();
            for &(at, (number, kind)) in log {
                session.observe("", at as f64, known(number), strength(kind));
            }
            format!("{:?}", session.profile())
        };
        let in_time = run(&log);
        log.sort_by_key(|(at, _)| (*at as u64 + 1).wrapping_mul(seed | 1));
        prop_assert_eq!(run(&log), in_time);
        Ok(())
    });
}

#[test]
fn one_event_is_bounded() {
    let events = proptest::collection::vec((0u8..6, 0u8..4), 0..20);
    law(
        "one event moves what is known of a tag by at most 1",
        (events, any::<(u8, u8)>()),
        |(events, (number, kind))| {
            let mut session = Session::default();
            for (at, (number, kind)) in events.into_iter().enumerate() {
                session.observe("", at as f64, known(number), strength(kind));
            }
            let before = session.profile().clone();
            session.observe("", 1e3, known(number % 6), strength(kind));
            let after = session.profile();
            for tag in 0..4 {
                for channel in 0..3 {
                    prop_assert!((after.tag(tag)[channel] - before.tag(tag)[channel]).abs() <= 1.0 + 1e-6);
                }
            }
            Ok(())
        },
    );
}

#[test]
fn nothing_stated_is_nothing() {
    // The other laws never clear a preference.
    let mut ranker = ranker();
    set(&mut ranker, &[1, 2, 3, 4, 5]);
    let before = rank(&mut ranker);
    ranker.prefer(&["tea"], &Packed::default()).unwrap();
    assert_ne!(bits(&rank(&mut ranker).scores), bits(&before.scores));
    ranker.prefer(&[] as &[&str], &Packer::default().packed()).unwrap();
    assert_eq!(bits(&rank(&mut ranker).scores), bits(&before.scores));
}
