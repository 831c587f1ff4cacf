//! Laws of a ranking: each holds for 10,000 drawn cases, the same ones every time.
//! `./build.sh test --json` lists them by the line that each prints when it has held.
//! Must never draw what cannot break the law: a law that holds by its cases is none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::event::{Event, Strength};
use crate::fixture::{self, bits, item, packed, rank, ranker};
use crate::item::{Packed, Packer};
use crate::session::snapshot::{self, Form};
use crate::session::{Known, Session, View};
use crate::{Options, Ranker, Tier, limits, order};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// As WebAssembly a sample is enough: it is the same code.
const CASES: u32 = if cfg!(target_arch = "wasm32") { 250 } else { 10_000 };

/// Holds a law to its cases and says so.
pub(crate) fn law<S: Strategy>(name: &str, cases: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases: CASES,
        max_global_rejects: 10 * CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let held = Cell::new(0);
    let result = runner.run(&cases, |case| {
        holds(case)?;
        held.set(held.get() + 1);
        Ok(())
    });
    if let Err(broken) = result {
        panic!("{name}: {broken}");
    }
    // Not println!: the test harness would keep it to itself, and a script reads it.
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("\nlaw: {name}: {} cases\n", held.get()),
    );
}

/// Kinds of the fixture's manifest, with and without a verdict.
const KINDS: [&str; 7] = ["impression", "click", "like", "dislike", "skip", "dwell", "add_to_gift_list"];

/// An event: kind, item, hour.
type Act = (usize, usize, u16);

fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    proptest::collection::vec((0..KINDS.len(), 0usize..24, 0u16..72), 0..most)
}

/// Numbers of different items.
fn lists(most: usize) -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0usize..24, 0..most).prop_map(|mut list| {
        let mut seen = [false; 24];
        list.retain(|&number| !std::mem::replace(&mut seen[number], true));
        list
    })
}

fn set(ranker: &mut Ranker, list: &[usize]) {
    ranker.set_candidates(&packed(list.iter().map(|&number| item(number))).packed()).unwrap();
}

fn act(ranker: &mut Ranker, id: &str, &(kind, number, hour): &Act) -> bool {
    let event = Event { kind: KINDS[kind], id, at_ms: f64::from(hour) * 3.6e6, value: 30.0 };
    let about = item(number).id;
    match ranker.observe(&event, &about) {
        Err(error) if error.code() == "event/unknown-item" => {
            ranker.remember(&packed([item(number)]).packed()).unwrap();
            ranker.observe(&event, &about).unwrap()
        }
        result => result.unwrap(),
    }
}

/// Rankers that are loaded once a law: loading compiles the model.
fn two() -> RefCell<(Ranker, Ranker)> {
    RefCell::new((ranker(), ranker()))
}

fn fresh<'a>(ranker: &'a mut Ranker, list: &[usize], acts: &[Act]) -> &'a mut Ranker {
    ranker.forget();
    set(ranker, list);
    for (index, one) in acts.iter().enumerate() {
        act(ranker, &format!("e{index}"), one);
    }
    ranker
}

#[test]
fn a_ranking_is_a_permutation() {
    let rankers = two();
    let cases = (lists(20), acts(6), any::<Option<f64>>(), any::<Option<f64>>());
    law("the output is a permutation", cases, |(list, acts, budget_ms, budget_units)| {
        let mut rankers = rankers.borrow_mut();
        let ranker = fresh(&mut rankers.0, &list, &acts);
        let options = Options { budget_ms, budget_units, ..Options::default() };
        let mut order = ranker.rank(&options, &mut || 0.0).order;
        order.sort_unstable();
        prop_assert_eq!(order, (0..list.len() as u32).collect::<Vec<_>>());
        Ok(())
    });
}

#[test]
fn the_same_input_gives_the_same_answer() {
    let rankers = two();
    law("determinism", (lists(20), acts(8)), |(list, acts)| {
        let (one, other) = &mut *rankers.borrow_mut();
        let (one, other) = (rank(fresh(one, &list, &acts)), rank(fresh(other, &list, &acts)));
        prop_assert_eq!(one.order, other.order);
        prop_assert_eq!(bits(&one.scores), bits(&other.scores));
        Ok(())
    });
}

#[test]
fn the_comparator_is_total() {
    law("the comparator is total on arbitrary bits", any::<[(u32, u32); 3]>(), |three| {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let [a, b, c] = three.map(|(bits, position)| (f32::from_bits(bits), position));
        prop_assert_eq!(order::compare(a, a), Equal);
        prop_assert_eq!(order::compare(a, b), order::compare(b, a).reverse());
        if order::compare(a, b) != Greater && order::compare(b, c) != Greater {
            prop_assert_ne!(order::compare(a, c), Greater);
        }
        if order::compare(a, b) == Less && order::compare(b, c) == Equal {
            prop_assert_eq!(order::compare(a, c), Less);
        }
        Ok(())
    });
}

#[test]
fn finite_scores_come_first() {
    let scores = proptest::collection::vec(any::<u32>(), 0..40);
    law("non-finite is never above finite", scores, |all| {
        let scores: Vec<f32> = all.into_iter().map(f32::from_bits).collect();
        let order = order::ranked(&scores);
        let finite = order.iter().take_while(|&&p| scores[p as usize].is_finite()).count();
        prop_assert_eq!(finite, scores.iter().filter(|s| s.is_finite()).count());
        Ok(())
    });
}

#[test]
fn ties_keep_their_order() {
    let rankers = two();
    // Two of each item under other ids: equal in all that the model sees.
    law("stability on ties", (lists(12), acts(6)), |(list, acts)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        fresh(ranker, &list, &acts);
        let twins = list.iter().chain(&list).enumerate();
        let twins = twins.map(|(at, &number)| fixture::Item { id: format!("twin-{at}"), ..item(number) });
        ranker.set_candidates(&packed(twins).packed()).unwrap();
        let ranking = rank(ranker);
        let place = |position: usize| ranking.order.iter().position(|&p| p as usize == position).unwrap();
        for first in 0..list.len() {
            prop_assert_eq!(ranking.scores[first].to_bits(), ranking.scores[first + list.len()].to_bits());
            prop_assert!(place(first) < place(first + list.len()));
        }
        Ok(())
    });
}

#[test]
fn the_order_of_the_list_does_not_matter() {
    let rankers = two();
    law(
        "input order does not matter when scores differ",
        (lists(20), acts(6), any::<u64>()),
        |(list, acts, seed)| {
            let (one, other) = &mut *rankers.borrow_mut();
            let ranking = rank(fresh(one, &list, &acts));
            let mut sorted: Vec<u32> = bits(&ranking.scores);
            sorted.sort_unstable();
            prop_assume!(sorted.windows(2).all(|pair| pair[0] != pair[1]));
            let mut shuffled = list.clone();
            shuffled.sort_by_key(|&number| (number as u64 + 1).wrapping_mul(seed | 1));
            let again = rank(fresh(other, &shuffled, &acts));
            let ids =
                |list: &[usize], order: &[u32]| order.iter().map(|&p| list[p as usize]).collect::<Vec<_>>();
            prop_assert_eq!(ids(&list, &ranking.order), ids(&shuffled, &again.order));
            Ok(())
        },
    );
}

#[test]
fn a_better_server_score_never_lowers_an_item() {
    let rankers = two();
    // The fixture's server score has a positive weight and no other way in.
    law(
        "monotone in the server score before rules",
        (lists(16), acts(6), any::<prop::sample::Index>(), 0.0f32..4.0),
        |(list, acts, which, raise)| {
            prop_assume!(!list.is_empty());
            let (ranker, _) = &mut *rankers.borrow_mut();
            let place =
                |ranking: &crate::Ranking, at: usize| ranking.order.iter().position(|&p| p as usize == at);
            let at = which.index(list.len());
            prop_assume!(item(list[at]).score.is_finite());
            let before = rank(fresh(ranker, &list, &acts));
            let at_place = |p: u32| (before.scores[p as usize], p);
            let sorted = before.order.is_sorted_by(|&a, &b| order::compare(at_place(a), at_place(b)).is_lt());
            prop_assert!(sorted);
            let raised = list.iter().enumerate().map(|(p, &number)| {
                let item = item(number);
                fixture::Item { score: item.score + if p == at { raise } else { 0.0 }, ..item }
            });
            ranker.set_candidates(&packed(raised).packed()).unwrap();
            prop_assert!(place(&rank(ranker), at) <= place(&before, at));
            Ok(())
        },
    );
}

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

fn known(number: u8) -> Rc<Known> {
    Rc::new(Known { id: format!("{number}").into(), tags: vec![u32::from(number % 4)], ..Known::default() })
}

fn strength(kind: u8) -> Strength {
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.25], [0.0, 0.0, 0.25]][usize::from(kind % 4)]
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
fn a_snapshot_is_the_session() {
    let rankers = two();
    let cases = (lists(12), acts(12), proptest::collection::vec(0usize..24, 0..3));
    law("snapshot round trip", cases, |(list, acts, stated)| {
        let (one, other) = &mut *rankers.borrow_mut();
        let tags: &[&str] = if stated.is_empty() { &[] } else { &["tea", "night train"] };
        fresh(one, &list, &acts).prefer(tags, &packed(stated.into_iter().map(item)).packed()).unwrap();
        let before = rank(one);
        let full = one.snapshot(Form::Full);
        prop_assert!(full.len() <= limits::SNAPSHOT_BYTES);
        for bytes in [&full, &one.snapshot(Form::Compact)] {
            other.forget();
            set(other, &list);
            other.restore(bytes).unwrap();
            let after = rank(other);
            prop_assert_eq!(&after.order, &before.order);
            prop_assert_eq!(bits(&after.scores), bits(&before.scores));
        }
        other.restore(&full).unwrap();
        prop_assert_eq!(other.snapshot(Form::Full), full);
        Ok(())
    });
}

#[test]
fn any_bytes_decode_or_are_refused() {
    let rankers = two();
    let real = {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let acts: Vec<Act> = (0..20).map(|i| (i % KINDS.len(), i % 24, i as u16)).collect();
        fresh(ranker, &[1, 2, 3], &acts).snapshot(Form::Full)
    };
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    let damage = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    law("any bytes decode to a session or a coded error", (noise, damage, 0u8..4), |(noise, damage, way)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let mut bytes = if way < 2 { real.clone() } else { noise };
        if way == 1 {
            damage.iter().for_each(|(at, byte)| bytes[at.index(real.len())] = *byte);
        } else if way == 0 {
            bytes.truncate(damage[0].0.index(real.len()));
        }
        if way != 3 {
            // Past the checksum: it keeps accidents out, not malice.
            bytes = snapshot::resealed(&bytes);
        }
        match ranker.restore(&bytes) {
            Ok(()) => {
                prop_assert!(ranker.session().len() <= limits::EVENTS);
                set(ranker, &[1, 2, 3]);
                prop_assert_eq!(rank(ranker).report.tier, Tier::Full);
            }
            Err(error) => prop_assert!(error.code().starts_with("snapshot/"), "{}", error),
        }
        Ok(())
    });
}

#[test]
fn no_unit_is_spent_that_was_not_granted() {
    let rankers = two();
    let most = 6 * rankers.borrow().0.block_units();
    law("units spent never exceed units granted", (0usize..60, 0..most, acts(4)), |(n, granted, acts)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let list: Vec<usize> = (0..n).map(|at| (at * 31 + granted as usize) % 500).collect();
        fresh(ranker, &list, &acts);
        let options = Options { budget_units: Some(granted as f64), ..Options::default() };
        let report = ranker.rank(&options, &mut || 0.0).report;
        prop_assert_eq!(report.units.granted, Some(granted));
        prop_assert!(report.units.spent <= granted);
        prop_assert_eq!(report.tier == Tier::Full, report.scored == n);
        Ok(())
    });
}

#[test]
fn a_cold_item_has_a_place() {
    let rankers = two();
    law(
        "a cold item is always placed by the model",
        (lists(12), acts(8), ".{0,24}", ".{0,12}"),
        |(list, acts, title, tag)| {
            let (ranker, _) = &mut *rankers.borrow_mut();
            fresh(ranker, &list, &acts);
            let mut packer = packed(list.iter().map(|&number| item(number)));
            packer.push("cold", &title, &[tag], f32::NAN, &[f32::NAN; 2]);
            ranker.set_candidates(&packer.packed()).unwrap();
            let ranking = rank(ranker);
            prop_assert_eq!(ranking.report.tier, Tier::Full);
            prop_assert!(ranking.scores[list.len()].is_finite());
            Ok(())
        },
    );
}

#[test]
fn incremental_is_from_scratch() {
    let rankers = two();
    let cases = (lists(20), lists(20), acts(8), any::<[bool; 8]>());
    law("incremental equals from scratch", cases, |(first, second, acts, ranked)| {
        let (live, scratch) = &mut *rankers.borrow_mut();
        live.forget();
        set(live, &first);
        for (index, one) in acts.iter().enumerate() {
            if index == acts.len() / 2 {
                set(live, &second);
            }
            if ranked[index] {
                rank(live);
            }
            act(live, &format!("e{index}"), one);
        }
        set(live, &second);
        let scratch = fresh(scratch, &second, &acts);
        scratch.without_cache();
        set(scratch, &second);
        let (live, scratch) = (rank(live), rank(scratch));
        prop_assert_eq!(live.order, scratch.order);
        prop_assert_eq!(bits(&live.scores), bits(&scratch.scores));
        Ok(())
    });
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
