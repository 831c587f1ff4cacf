//! Laws of the order: what it holds, what decides it, and what must not.
use super::*;
use crate::{fixture, order};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
        ranker.set_packed(&packed(twins).packed()).unwrap();
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
            ranker.set_packed(&packed(raised).packed()).unwrap();
            prop_assert!(place(&rank(ranker), at) <= place(&before, at));
            Ok(())
        },
    );
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
            ranker.set_packed(&packer.packed()).unwrap();
            let ranking = rank(ranker);
            prop_assert_eq!(ranking.report.tier, Tier::Full);
            prop_assert!(ranking.scores[list.len()].is_finite());
            Ok(())
        },
    );
}
