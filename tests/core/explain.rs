//! Explanations are what a ranking without the factor says.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::event::Event;
use crate::fixture::{item, packed, ranker};
use crate::item::Packer;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn visited() -> Ranker {
    let mut ranker = ranker();
    ranker.set_packed(&packed((0..30).map(item)).packed()).unwrap();
    for (at, (kind, about)) in
        [("like", 3), ("dislike", 7), ("impression", 8), ("dwell", 20)].into_iter().enumerate()
    {
        let id = format!("e{at}");
        let event = Event { kind, id: &id, at_ms: at as f64, value: 60.0 };
        ranker.observe(&event, &item(about).id).unwrap();
    }
    ranker.prefer(&["tea", "garden"], &Packer::default().packed()).unwrap();
    ranker
}

#[test]
fn each_event_is_explained_by_the_ranking_without_it() {
    let mut ranker = visited();
    for number in [0, 3, 12, 29] {
        let explanation = ranker.explain(&item(number).id, &Options::default()).unwrap();
        assert_eq!((explanation.contributions.len(), explanation.untried), (6, 0));
        let place = |ranking: &Ranking| place_of(ranking, number);
        let actual = ranker.rank(&Options::default(), &mut || 0.0);
        assert_eq!(explanation.place, place(&actual));
        for one in explanation.contributions.iter().filter(|one| one.factor == Factor::Event) {
            let id = one.event.as_ref().unwrap().id.clone();
            let options = Options { without: vec![id], ..Options::default() };
            let without = ranker.rank(&options, &mut || 0.0);
            assert_eq!(one.place_without, place(&without));
            assert_eq!(one.moved, place(&without).unwrap() as i32 - place(&actual).unwrap() as i32);
            assert_eq!(one.score, actual.scores[number] - without.scores[number]);
        }
        let sizes: Vec<i32> = explanation.contributions.iter().map(|one| one.moved.abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }
}

#[test]
fn preferences_and_the_server_are_factors_and_nothing_is_left_changed() {
    let mut ranker = visited();
    let before = ranker.rank(&Options::default(), &mut || 0.0);
    let explanation = ranker.explain("item-12", &Options::default()).unwrap();
    let of = |factor| explanation.contributions.iter().find(|one| one.factor == factor).unwrap();
    assert_ne!(of(Factor::Preferences).score, 0.0);
    assert!(of(Factor::ServerScore).place_without.is_some());
    let after = ranker.rank(&Options::default(), &mut || 0.0);
    assert_eq!((after.order, after.scores), (before.order, before.scores));

    ranker.prefer(&[] as &[&str], &Packer::default().packed()).unwrap();
    let explanation = ranker.explain("item-12", &Options::default()).unwrap();
    assert!(explanation.contributions.iter().all(|one| one.factor != Factor::Preferences));
}

#[test]
fn what_the_caller_left_out_stays_out() {
    let mut ranker = visited();
    let options = Options { without: vec!["e0".into()], ..Options::default() };
    let explanation = ranker.explain("item-12", &options).unwrap();
    let ids: Vec<&str> =
        explanation.contributions.iter().filter_map(|one| one.event.as_ref()).map(|told| &*told.id).collect();
    assert_eq!((ids.len(), ids.contains(&"e0")), (3, false));
}

#[test]
fn only_the_newest_events_are_tried() {
    let mut ranker = ranker();
    ranker.set_packed(&packed((0..5).map(item)).packed()).unwrap();
    for at in 0..limits::EXPLAINED_EVENTS + 3 {
        let event = Event { kind: "like", id: "", at_ms: at as f64, value: 0.0 };
        ranker.observe(&event, &item(at % 5).id).unwrap();
    }
    let explanation = ranker.explain("item-1", &Options::default()).unwrap();
    assert_eq!(explanation.untried, 3);
    assert_eq!(ranker.explain("nobody", &Options::default()).unwrap_err().code(), "candidate/id");
}

#[test]
fn every_template_has_its_sentence() {
    for factor in [Factor::Event, Factor::Preferences, Factor::ServerScore, Factor::Rule] {
        for moved in [-3, 0, 3] {
            let text = template(factor, moved);
            assert_eq!(text.contains("{places}"), moved != 0, "{text}");
            assert_eq!(
                text.contains("{type}") && text.contains("{title}"),
                factor == Factor::Event,
                "{text}"
            );
        }
    }
}

#[test]
fn each_rule_is_explained_by_the_ranking_without_it() {
    let mut ranker = visited();
    let rules = r#"[
        { "rule": "pin", "id": "item-12", "slot": 0, "name": "of the week" },
        { "rule": "filter", "where": { "ids": ["item-3"] } }
    ]"#;
    let rules = std::rc::Rc::new(crate::rules::Ruleset::from_json(rules).unwrap());
    let free = ranker.rank(&Options::default(), &mut || 0.0);
    let options = Options { rules, ..Options::default() };
    let of_rules = |explanation: &Explanation| -> Vec<Contribution> {
        explanation.contributions.iter().filter(|one| one.factor == Factor::Rule).cloned().collect()
    };
    let pinned = ranker.explain("item-12", &options).unwrap();
    assert_eq!(pinned.place, Some(1));
    let pin = of_rules(&pinned).into_iter().find(|one| one.rule.as_ref().unwrap().index == 0).unwrap();
    assert_eq!((pin.rule.unwrap().name, pin.place_without.is_some()), ("of the week".to_string(), true));
    let filtered = ranker.explain("item-3", &options).unwrap();
    let filter = of_rules(&filtered).into_iter().find(|one| one.rule.as_ref().unwrap().index == 1).unwrap();
    assert_eq!((filtered.place, filter.template), (None, "Taken out by the rule {rule}"));
    // The pin still stands before it, unless it was before the pinned item anyway.
    let own = place_of(&free, 3).unwrap();
    let shift = u32::from(own < place_of(&free, 12).unwrap());
    assert_eq!(filter.place_without, Some(own + shift));
}
