//! Laws of what comes from outside: whatever is asked, the answer is a whole list, and says what was wrong.
use super::*;
use crate::context::Context;
use crate::rules::Ruleset;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Every number there is, those that break things more often than their share.
fn number() -> impl Strategy<Value = f64> {
    let edges = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e308, -1e308, 5e-324, 1.75e12, -1.0];
    prop_oneof![any::<u64>().prop_map(f64::from_bits), prop::sample::select(edges.to_vec()), 0.0..100.0]
}

fn maybe<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

fn options() -> impl Strategy<Value = Options> {
    let weights = proptest::collection::vec(any::<u32>().prop_map(f32::from_bits), 0..4);
    let without = proptest::collection::vec(prop_oneof!["e[0-9]", ".{0,9}"], 0..4);
    let context = (maybe(number()), maybe(number()), maybe(".{0,80}"), maybe(".{0,80}"));
    let context =
        context.prop_map(|(hour, weekday, locale, device)| Context { hour, weekday, locale, device });
    let limits = (maybe(number()), maybe(number()), maybe(number()), maybe(number()));
    (limits, maybe(weights), without, context, any::<u64>()).prop_map(
        |((budget_ms, budget_units, influence, at), weights, without, context, seed)| {
            let rules = r#"[{"rule": "explore", "top": 5, "rate": 0.5}, {"rule": "fatigue", "each": 1, "most": 10},
                {"rule": "freshness", "field": "price", "halfLifeMs": 1000, "weight": 10}]"#;
            let rules = Rc::new(Ruleset::from_json(rules).unwrap());
            Options { budget_ms, budget_units, weights, influence, without, at, context, rules, seed }
        },
    )
}

#[test]
fn whatever_is_asked_the_answer_is_a_whole_list() {
    let rankers = two();
    let cases = (lists(20), acts(8), options(), proptest::collection::vec(number(), 1..9));
    law("whatever is asked, the answer is a whole list", cases, |(list, acts, options, clock)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        fresh(ranker, &list, &acts);
        let mut reading = clock.iter().cycle().copied();
        let ranking = ranker.rank(&options, &mut || reading.next().unwrap_or_default());
        let mut order = ranking.order.clone();
        order.sort_unstable();
        prop_assert_eq!(order, (0..list.len() as u32).collect::<Vec<_>>());
        prop_assert_eq!(ranking.scores.len(), list.len());
        let report = &ranking.report;
        prop_assert!(report.units.granted.is_none_or(|granted| report.units.spent <= granted));
        prop_assert!(report.rules.iter().all(|rule| rule.cost.is_finite()));
        prop_assert!(ranking.propensities.iter().all(|p| *p > 0.0 && *p <= 1.0));
        let ms = [report.ms.prepare, report.ms.score, report.ms.order, report.ms.rules, report.ms.total];
        prop_assert!(ms.iter().all(|ms| ms.is_finite() && *ms >= 0.0), "{:?}", ms);
        // And it is as it was for the next ranking.
        let plain = bits(&rank(ranker).scores);
        prop_assert_eq!(plain, bits(&rank(fresh(ranker, &list, &acts)).scores));
        Ok(())
    });
}

#[test]
fn any_event_is_taken_or_refused() {
    let rankers = two();
    let kind = prop_oneof![prop::sample::select(KINDS.to_vec()).prop_map(String::from), ".{0,12}"];
    let id = prop_oneof!["", "e[0-9]", ".{0,140}"];
    law(
        "any event is taken, or refused with a code and no trace",
        (lists(9), kind, id, number(), number()),
        |(list, kind, id, at_ms, value)| {
            let (ranker, _) = &mut *rankers.borrow_mut();
            fresh(ranker, &list, &[(2, 1, 0)]);
            let before = (ranker.session().len(), bits(&rank(ranker).scores));
            match ranker.observe(&Event { kind: &kind, id: &id, at_ms, value }, &item(1).id) {
                Ok(counts) => prop_assert_eq!(ranker.session().len(), before.0 + usize::from(counts)),
                Err(error) => {
                    prop_assert!(error.code().starts_with("event/"));
                    prop_assert_eq!((ranker.session().len(), bits(&rank(ranker).scores)), before);
                }
            }
            Ok(())
        },
    );
}
