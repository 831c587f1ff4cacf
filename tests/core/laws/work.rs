//! Laws of the work: what it may cost, and that what was done before is never done otherwise.
use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
        scratch.start_anew();
        let scratch = fresh(scratch, &second, &acts);
        let (live, scratch) = (rank(live), rank(scratch));
        prop_assert_eq!(live.order, scratch.order);
        prop_assert_eq!(bits(&live.scores), bits(&scratch.scores));
        Ok(())
    });
}

#[test]
fn one_event_moves_a_score_by_no_more_than_is_stated() {
    let rankers = two();
    let cases = (lists(12), acts(8), acts(2), 0f64..3.0);
    law(
        "one event changes a score by at most twice the influence",
        cases,
        |(list, acts, more, influence)| {
            let (ranker, _) = &mut *rankers.borrow_mut();
            fresh(ranker, &list, &[]);
            let free = rank(ranker).scores;
            let options = Options { influence: Some(influence), ..Options::default() };
            let bounded = |ranker: &mut Ranker| ranker.rank(&options, &mut || 0.0);
            prop_assert_eq!(bits(&bounded(ranker).scores), bits(&free), "nothing is known yet");
            acts.iter().enumerate().for_each(|(index, one)| {
                act(ranker, &format!("e{index}"), one);
            });
            let before = bounded(ranker);
            prop_assert_eq!(before.report.tier, Tier::Full);
            more.iter().for_each(|one| {
                act(ranker, "more", one);
            });
            let after = bounded(ranker).scores;
            for ((free, before), after) in free.iter().zip(&before.scores).zip(&after) {
                prop_assert!(f64::from((before - free).abs()) <= influence + 1e-5);
                prop_assert!(f64::from((after - free).abs()) <= influence + 1e-5);
                prop_assert!(f64::from((after - before).abs()) <= 2.0 * influence + 2e-5);
            }
            Ok(())
        },
    );
}

#[test]
fn no_unit_is_spent_on_influence_that_was_not_granted() {
    let rankers = two();
    let most = 6 * rankers.borrow().0.block_units();
    let cases = (0usize..60, 0..most, acts(4), 0f64..2.0);
    law("units spent with influence never exceed units granted", cases, |(n, granted, acts, influence)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let list: Vec<usize> = (0..n).map(|at| (at * 31 + granted as usize) % 500).collect();
        fresh(ranker, &list, &acts);
        let influence = Some(influence);
        let options = Options { budget_units: Some(granted as f64), influence, ..Options::default() };
        let ranking = ranker.rank(&options, &mut || 0.0);
        let report = ranking.report;
        prop_assert!(report.units.spent <= granted);
        prop_assert_eq!(report.tier == Tier::Full, report.scored == n);
        prop_assert_eq!(ranking.order.len(), n);
        prop_assert_eq!(report.reason, (report.scored < n).then_some("budget"));
        Ok(())
    });
}

#[test]
fn what_was_encoded_is_not_encoded_again() {
    let rankers = two();
    law(
        "an item is encoded once across lists, by the units spent",
        (lists(20), any::<u64>()),
        |(list, seed)| {
            let (ranker, _) = &mut *rankers.borrow_mut();
            ranker.start_anew();
            let (new, known) = (ranker.block_units(), ranker.known_block_units());
            let mut spent_on = |list: &[usize]| {
                set(ranker, list);
                rank(ranker).report.units.spent
            };
            let first = spent_on(&list);
            let mut shuffled = list.clone();
            shuffled.sort_by_key(|&number| (number as u64 + 1).wrapping_mul(seed | 1));
            let again = spent_on(&shuffled);
            let blocks = list.len().div_ceil(16) as u64;
            prop_assert_eq!(again, blocks * known, "the second list costs the score stage alone");
            prop_assert!(list.is_empty() || first >= again + (new - known));
            Ok(())
        },
    );
}
