//! What each rule does, one small list each; the laws that hold for all are in `rules/laws.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::item::{Items, Packer};
use crate::order;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "rules/cases.rs"]
mod cases;
#[path = "rules/diverse.rs"]
mod diverse;
#[path = "rules/hostile.rs"]
mod hostile;
#[path = "rules/laws.rs"]
mod laws;
#[path = "rules/reading.rs"]
mod reading;

pub(crate) const FIELDS: [&str; 2] = ["price", "published"];

/// A list with all that rules can read.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub packer: Packer,
    pub scores: Vec<f32>,
    pub vectors: Vec<f32>,
    pub width: usize,
    pub exposures: Vec<Exposure>,
    pub seed: u64,
    pub now_ms: f64,
}

impl List {
    /// Items `a`, `b`, … with these tags and falling scores: 10, 9, 8, …
    fn of(tags: &[&[&str]]) -> List {
        let rows = tags.iter().map(|tags| (*tags, [f32::NAN, f32::NAN]));
        List::with(&rows.collect::<Vec<_>>())
    }

    fn with(rows: &[(&[&str], [f32; 2])]) -> List {
        let mut packer = Packer::default();
        for (index, (tags, fields)) in rows.iter().enumerate() {
            packer.push(&id(index), "", tags, f32::NAN, fields);
        }
        List {
            packer,
            scores: (0..rows.len()).map(|index| 10.0 - index as f32).collect(),
            vectors: Vec::new(),
            width: 0,
            exposures: Vec::new(),
            seed: 1,
            now_ms: 0.0,
        }
    }

    pub fn apply(&self, rules: &Value) -> RuleOutcome {
        let names = FIELDS.map(String::from);
        let items = Items::read(&self.packer.packed(), None, FIELDS.len()).unwrap();
        let order = order::ranked(&self.scores);
        let input = Input {
            items: &items,
            field_names: &names,
            extra: &ExtraFields { names: vec!["stock".into()], values: vec![f32::NAN, 0.0, 5.0] },
            scores: &self.scores,
            order: &order,
            vectors: &self.vectors,
            width: self.width,
            exposures: &self.exposures,
            seed: self.seed,
            now_ms: self.now_ms,
        };
        apply(&input, &Ruleset::from_json(&rules.to_string()).unwrap())
    }

    /// The ids in the order that the rules make.
    fn order(&self, rules: &Value) -> String {
        self.apply(rules).order.iter().map(|&position| id(position as usize)).collect()
    }
}

pub(crate) fn id(index: usize) -> String {
    char::from_u32('a' as u32 + index as u32).unwrap().to_string()
}

#[test]
fn filters_take_out_what_matches() {
    let list = List::with(&[
        (&["x", "author:ann"], [5.0, f32::NAN]),
        (&["author:bob"], [15.0, f32::NAN]),
        (&["Sci-Fi"], [f32::NAN, f32::NAN]),
    ]);
    for (condition, left) in [
        (json!({"ids": ["b", "zz"]}), "ac"),
        (json!({"tag": "sci fi"}), "ab"),
        (json!({"prefix": "author"}), "c"),
        (json!({"tag": "author:ann"}), "bc"),
        (json!({"field": {"name": "price", "atLeast": 10}}), "ac"),
        (json!({"field": {"name": "price", "atMost": 15}}), "c"),
        (json!({"field": {"name": "price"}}), "c"),
        (json!({"absent": "price"}), "ab"),
        (json!({"field": {"name": "stock", "atMost": 0}}), "ac"),
        (json!({"not": {"tag": "x"}}), "a"),
        (json!({"all": [{"tag": "x"}, {"prefix": "author"}]}), "bc"),
        (json!({"any": [{"tag": "x"}, {"tag": "Sci-Fi"}]}), "b"),
        (json!({"all": []}), ""),
        (json!({"any": []}), "abc"),
    ] {
        assert_eq!(list.order(&json!([{"rule": "filter", "where": condition}])), left, "{condition}");
    }
}

#[test]
fn filters_see_what_the_session_saw() {
    let mut list = List::of(&[&[], &[], &[]]);
    let seen = Exposure { shown: 3, unanswered: 3, acted: false };
    list.exposures = vec![seen, Exposure { shown: 2, acted: true, ..Exposure::default() }];
    assert_eq!(list.order(&json!([{"rule": "filter", "where": {"seen": 3}}])), "bc");
    assert_eq!(list.order(&json!([{"rule": "filter", "where": "acted"}])), "ac");
    let fatigue = |each, most, free| json!([{"rule": "fatigue", "each": each, "most": most, "free": free}]);
    assert_eq!(list.order(&fatigue(1.0, 10.0, 0)), "bca");
    assert_eq!(list.order(&fatigue(1.0, 10.0, 3)), "abc");
    assert_eq!(list.order(&fatigue(1.0, 0.1, 0)), "abc");
}

/// Events of an item as what they say for it and against it; how often that is shown and unanswered.
#[test]
fn one_showing_counts_once_however_much_is_told_of_it() {
    const SEEN: (f32, f32) = (0.0, 0.0);
    const SKIP: (f32, f32) = (0.0, 0.4);
    const LIKE: (f32, f32) = (1.0, 0.0);
    const MIXED: (f32, f32) = (0.4, 0.2);
    for (events, shown, unanswered) in [
        (&[SEEN, SKIP][..], 1, 1),
        (&[SKIP], 1, 1),
        (&[SEEN, SEEN, SKIP], 2, 2),
        (&[SEEN, SKIP, SKIP], 2, 2),
        (&[SEEN, SKIP, SEEN, SKIP], 2, 2),
        (&[SEEN, LIKE, SKIP], 2, 1),
        (&[SEEN, MIXED, SEEN], 2, 1),
        (&[LIKE], 0, 0),
        (&[], 0, 0),
    ] {
        let mut counter = ExposureCounter::default();
        events.iter().for_each(|&(positive, negative)| counter.add(positive, negative));
        let exposure = counter.exposure();
        assert_eq!((exposure.shown, exposure.unanswered), (shown, unanswered), "{events:?}");
    }
}

#[test]
fn a_filter_reports_what_it_took_and_what_that_cost() {
    let outcome = List::of(&[&["x"], &[], &["x"], &[]]).apply(&json!([
        {"rule": "filter", "where": {"tag": "x"}, "name": "no x"}, {"rule": "filter", "where": {"tag": "y"}}
    ]));
    let [x, y] = &outcome.reports[..] else { panic!() };
    assert_eq!((x.removed, x.moved, x.binding, x.infeasible, x.name.as_str()), (2, 0, true, false, "no x"));
    assert_eq!((y.removed, y.moved, y.binding, y.cost), (0, 0, false, 0.0));
    let removed: Vec<(u32, u32)> = outcome.removed.iter().map(|r| (r.position, r.rule)).collect();
    assert_eq!(removed, [(0, 0), (2, 0)]);
    // Utilities are 1, 2/3, 1/3, 0; what is left is 2/3 and 0.
    let worth = |gains: [f64; 4]| (0..4).map(|slot| gains[slot] / (slot as f64 + 2.0).log2()).sum::<f64>();
    let all = worth([1.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]);
    assert!((x.cost - (1.0 - worth([2.0 / 3.0, 0.0, 0.0, 0.0]) / all)).abs() < 1e-12, "{}", x.cost);
}

#[test]
fn boosts_lift_and_bury_within_their_clamp() {
    let list = List::of(&[&[], &["x"], &["y"], &["x", "y"], &[]]);
    let boost = |tag: &str, by: f64| json!({"rule": "boost", "where": {"tag": tag}, "by": by});
    // One standard deviation of 10, 9, 8, 7, 6 is the root of 2.
    assert_eq!(list.order(&json!([boost("x", 0.72)])), "badce");
    assert_eq!(list.order(&json!([boost("y", -1.5)])), "abecd");
    assert_eq!(list.order(&json!([boost("x", 9.0)])), "bdace", "both by 3, the default clamp");
    assert_eq!(list.order(&json!([boost("x", 1.0), boost("y", -1.0)])), "badce");
    let narrow = json!({"rule": "boost", "where": {"tag": "x"}, "by": 9.0, "clamp": 0.6});
    assert_eq!(list.order(&json!([narrow])), "abcde");
    assert_eq!(list.order(&json!([boost("x", 3.0), narrow])), "bdace", "a wider clamp's lift stays");
}

#[test]
fn freshness_halves_by_its_half_life_and_knows_no_future() {
    const DAY: f64 = 86_400_000.0;
    let at = |days: f64| [f32::NAN, (1_700_000_000_000.0 - days * DAY) as f32];
    let mut list = List::with(&[(&[], at(30.0)), (&[], [f32::NAN; 2]), (&[], at(-5.0)), (&[], at(1.0))]);
    list.now_ms = 1_700_000_000_000.0;
    let fresh = |weight: f64| json!([{"rule": "freshness", "field": "published", "halfLifeMs": DAY, "weight": weight}]);
    // Scores 10 to 7, deviation 1.118: c gains the whole weight, d half of it, a and b nothing.
    assert_eq!(list.order(&fresh(0.0)), "abcd");
    assert_eq!(list.order(&fresh(1.7)), "acbd");
    assert_eq!(list.order(&fresh(2.0)), "cabd");
    assert_eq!(list.order(&fresh(4.0)), "cadb");
    assert_eq!(list.order(&fresh(6.0)), "cdab");
    list.now_ms = f64::NAN;
    assert_eq!(list.order(&fresh(6.0)), "abcd", "without a clock nothing is fresh");
}

#[test]
fn dedupe_keeps_the_best_of_each_group() {
    let list = List::of(&[&["author:a"], &["author:a"], &["author:b", "author:a"], &[], &[], &["author:b"]]);
    let by = json!({"prefix": "author"});
    assert_eq!(list.order(&json!([{"rule": "dedupe", "by": by}])), "adef");
    assert_eq!(list.order(&json!([{"rule": "dedupe", "by": by, "keep": 2}])), "abdef");
    assert_eq!(list.order(&json!([{"rule": "dedupe", "by": by, "rest": "last"}])), "adefbc");
    let boosted = json!([{"rule": "dedupe", "by": by}, {"rule": "boost", "where": {"ids": ["b"]}, "by": 2}]);
    assert_eq!(list.order(&boosted), "bdef", "the best as boosts left it");
    let pinned = json!([{"rule": "dedupe", "by": by}, {"rule": "pin", "id": "c", "slot": 0}]);
    assert_eq!(list.order(&pinned), "cde", "the pinned one is the group's best");
    let beaten = json!([{"rule": "dedupe", "by": by, "priority": 1}, {"rule": "pin", "id": "c", "slot": 0}]);
    let outcome = list.apply(&beaten);
    assert_eq!(outcome.order, [0, 3, 4, 5]);
    assert_eq!(outcome.reports[1].code, Some("rules/contradiction"));
}

#[test]
fn bands_of_a_field_are_groups() {
    let price = |price: f32| [price, f32::NAN];
    let list =
        List::with(&[(&[], price(1.0)), (&[], price(9.9)), (&[], price(-0.1)), (&[], price(f32::NAN))]);
    let rules = json!([{"rule": "dedupe", "by": {"field": {"name": "price", "band": 10.0}}}]);
    assert_eq!(list.order(&rules), "acd");
}

#[test]
fn pins_put_items_in_their_slots() {
    let list = List::of(&[&[] as &[&str]; 5]);
    let pin = |id: &str, slot: u32| json!({"rule": "pin", "id": id, "slot": slot});
    assert_eq!(list.order(&json!([pin("e", 0)])), "eabcd");
    assert_eq!(list.order(&json!([pin("a", 2), pin("e", 1)])), "beacd");
    let outcome = list.apply(&json!([pin("a", 1), pin("b", 1), pin("a", 3), pin("z", 0), pin("c", 99)]));
    let codes: Vec<_> = outcome.reports.iter().map(|report| report.code).collect();
    let (contradiction, infeasible) = (Some("rules/contradiction"), Some("rules/infeasible"));
    assert_eq!(codes, [None, contradiction, contradiction, infeasible, infeasible]);
    assert_eq!(outcome.order, [1, 0, 3, 4, 2], "beyond the end is the last slot");
}

#[test]
fn filters_beat_pins_and_pins_beat_quotas_unless_priority_says_otherwise() {
    let list = List::of(&[&["x"], &[], &["x"], &[]]);
    let filter = json!({"rule": "filter", "where": {"ids": ["c"]}});
    let pin = json!({"rule": "pin", "id": "c", "slot": 0, "priority": 9});
    let outcome = list.apply(&json!([pin, filter]));
    assert_eq!((outcome.order, outcome.reports[0].code), (vec![0, 1, 3], Some("rules/infeasible")));

    let quota = |priority: i32| {
        json!([{"rule": "quota", "of": {"tag": "x"}, "most": 0, "top": 2, "priority": priority},
               {"rule": "pin", "id": "c", "slot": 0}])
    };
    let outcome = list.apply(&quota(0));
    assert_eq!((outcome.order, outcome.reports[0].code), (vec![2, 1, 0, 3], Some("rules/contradiction")));
    let outcome = list.apply(&quota(1));
    assert_eq!((outcome.order, outcome.reports[1].code), (vec![1, 3, 0, 2], Some("rules/contradiction")));
}

#[test]
fn quotas_hold_as_late_as_possible_and_say_when_they_cannot() {
    let list = List::of(&[&["x"], &["x"], &["x"], &[], &["y"], &["y"]]);
    let quota = |of: &str, bound: &str, m: u32, top: u32| json!({"rule": "quota", "of": {"tag": of}, bound: m, "top": top});
    assert_eq!(list.order(&json!([quota("x", "most", 1, 3)])), "adebcf");
    assert_eq!(list.order(&json!([quota("y", "least", 1, 3)])), "abecdf");
    assert_eq!(list.order(&json!([quota("y", "least", 2, 4), quota("x", "most", 1, 3)])), "adefbc");
    let outcome = list.apply(&json!([quota("y", "least", 3, 4)]));
    assert_eq!(outcome.order, [0, 1, 4, 5, 2, 3], "what there is comes into the top");
    assert_eq!((outcome.reports[0].code, outcome.reports[0].binding), (Some("rules/infeasible"), true));
    let outcome = list.apply(&json!([quota("x", "most", 3, 6)]));
    let report = &outcome.reports[0];
    assert_eq!((report.binding, report.moved, report.cost), (false, 0, 0.0), "it holds by itself");
    let each = json!([{"rule": "quota", "each": "firstTag", "most": 1, "top": 3}]);
    assert_eq!(list.order(&each), "adebcf");
}

#[test]
fn quotas_that_compete_for_slots_are_all_served() {
    let list = List::of(&[&[], &[], &[], &[], &["x"], &["x"], &["y"], &["y"], &["x", "y"]]);
    let least =
        |of: &str, m: u32, top: u32| json!({"rule": "quota", "of": {"tag": of}, "least": m, "top": top});
    assert_eq!(list.order(&json!([least("x", 2, 4), least("y", 2, 4)])), "efghabcdi");
    assert_eq!(list.order(&json!([least("x", 1, 2), least("y", 1, 3)])), "aegbcdfhi");
    let outcome = list.apply(&json!([least("x", 2, 3), least("y", 2, 3)]));
    assert!(outcome.reports.iter().all(|report| !report.infeasible), "one item serves both: {outcome:?}");
}

#[test]
fn spacing_keeps_what_is_alike_apart() {
    let list = List::of(&[&["a:1"], &["a:1"], &["a:1"], &["a:2"], &["a:2"], &[]]);
    let spacing = |within: u32| json!([{"rule": "spacing", "by": {"prefix": "a"}, "within": within}]);
    assert_eq!(list.order(&spacing(2)), "adbecf");
    let outcome = list.apply(&spacing(4));
    assert_eq!(outcome.reports[0].code, Some("rules/infeasible"), "three of one kind need nine slots");
    let pinned = json!([{"rule": "pin", "id": "c", "slot": 1}, {"rule": "spacing", "by": {"prefix": "a"}, "within": 2}]);
    assert_eq!(list.order(&pinned), "dceafb", "room is left beside a pin");
}

#[test]
fn even_pace_makes_room_that_spacing_needs() {
    let list = List::of(&[&[], &[], &[], &[], &[], &["x"], &["x"], &["x"]]);
    let outcome = list.apply(&json!([
        {"rule": "quota", "of": {"tag": "x"}, "least": 3, "top": 6},
        {"rule": "spacing", "by": "firstTag", "within": 2}
    ]));
    assert!(outcome.reports.iter().all(|report| !report.infeasible), "{outcome:?}");
}

#[test]
fn exploration_draws_between_its_floor_and_its_ceiling() {
    let mut list = List::of(&[&[] as &[&str]; 20]);
    let explore = |rate: f64, least: u32, most: u32| json!([{"rule": "explore", "top": 10, "rate": rate, "least": least, "most": most, "pool": 20}]);
    let mut changed = 0;
    for seed in 0..200 {
        list.seed = seed;
        assert_eq!(
            list.apply(&explore(1.0, 0, 0)).propensities,
            [1.0; 10],
            "a ceiling of 0 is no exploration"
        );
        // A drawn slot has a propensity of 1 in what was left, or less for a rate below 1.
        let all = list.apply(&explore(0.0, 10, 10)).propensities;
        let uniform: Vec<f32> = (0..10).map(|slot| 1.0 / (20 - slot) as f32).collect();
        assert_eq!(all, uniform, "a floor of all slots draws all");
        let floor = list.apply(&explore(0.0, 1, 10));
        assert_eq!(floor.propensities.iter().filter(|p| **p < 1.0).count(), 1);
        changed += u32::from(list.apply(&explore(0.1, 0, 10)).reports[0].binding);
    }
    // 1 − 0.9^10 = 65 % draw, most of them another item.
    assert!((90..=150).contains(&changed), "{changed}");
}

#[test]
fn logged_propensities_are_the_frequencies() {
    let mut list = List::of(&[&[] as &[&str]; 6]);
    let rules = json!([{"rule": "explore", "top": 2, "rate": 0.5, "pool": 4}]);
    let (mut times, mut logged) = ([[0u32; 6]; 6], [[0.0; 6]; 6]);
    const SEEDS: u64 = 20_000;
    for seed in 0..SEEDS {
        list.seed = seed;
        let RuleOutcome { order, propensities, .. } = list.apply(&rules);
        let [first, second] = [order[0] as usize, order[1] as usize];
        times[first][second] += 1;
        logged[first][second] = f64::from(propensities[0] * propensities[1]);
    }
    for (times, logged) in times.as_flattened().iter().zip(logged.as_flattened()) {
        let expected = logged * SEEDS as f64;
        assert!((f64::from(*times) - expected).abs() <= 5.0 * expected.sqrt(), "{times} of {expected}");
    }
}

#[test]
fn of_several_diversities_or_explorations_one_applies() {
    let list = List::of(&[&["x"], &["x"], &["y"]]);
    let outcome = list.apply(&json!([
        {"rule": "diversity", "method": "mmr", "top": 2, "relevance": 1.0},
        {"rule": "diversity", "method": "mmr", "top": 2, "relevance": 0.0, "priority": 1},
        {"rule": "explore", "top": 1, "rate": 0.0}, {"rule": "explore", "top": 1, "rate": 1.0}
    ]));
    assert_eq!(outcome.order, [0, 2, 1]);
    let codes: Vec<_> = outcome.reports.iter().map(|report| report.code).collect();
    assert_eq!(codes, [Some("rules/contradiction"), None, None, Some("rules/contradiction")]);
}
