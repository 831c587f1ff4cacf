//! What holds for every list and every ruleset: 10,000 cases a law, on synthetic scores.
use super::cases::*;
use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

laws! {
    fn output_is_a_permutation_minus_what_filters_and_dedupe_removed(list in lists(), rules in prioritised()) {
        let outcome = list.apply(&Value::Array(rules.clone()));
        let removed = outcome.removed.iter().map(|removal| removal.position);
        let mut all: Vec<u32> = outcome.order.iter().copied().chain(removed).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..list.scores.len() as u32).collect::<Vec<_>>());
        for removal in &outcome.removed {
            prop_assert!(["filter", "dedupe"].contains(&kind(&rules[removal.rule as usize])));
        }
        prop_assert_eq!(outcome.reports.len(), rules.len());
    }

    fn the_same_input_gives_the_same_outcome(list in lists(), rules in prioritised()) {
        let rules = Value::Array(rules);
        prop_assert_eq!(list.apply(&rules), list.apply(&rules));
    }

    fn without_rules_the_order_stands(list in lists()) {
        prop_assert_eq!(list.apply(&json!([])).order, order::ranked(&list.scores));
    }

    fn monotone_in_score_before_rules(list in lists(), at in any::<prop::sample::Index>(), more in 0f32..9.0) {
        prop_assume!(!list.scores.is_empty());
        let position = at.index(list.scores.len());
        prop_assume!(list.scores[position].is_finite() && (list.scores[position] + more).is_finite());
        let place = |list: &List| list.apply(&json!([])).order.iter().position(|p| *p as usize == position);
        let mut raised = list.clone();
        raised.scores[position] += more;
        prop_assert!(place(&raised) <= place(&list));
    }

    fn pins_hold(list in lists(), rules in rulesets()) {
        let outcome = list.apply(&Value::Array(rules.clone()));
        let last: Vec<u32> = outcome.removed.iter().map(|removal| removal.position).collect();
        let n = list.scores.len() as u32;
        let end = outcome.order.len() as u32;
        let collapsed = rules.iter().any(|rule| rule["rest"] == json!("last"));
        let (mut slots, mut items) = (Vec::new(), Vec::new());
        for rule in rules.iter().filter(|rule| kind(rule) == "pin") {
            let (slot, item) = (rule["slot"].as_u64().unwrap() as u32, position(rule));
            let filtered = |p: &u32| last.contains(p);
            if item >= n || filtered(&item) || slots.contains(&slot) || items.contains(&item) {
                continue;
            }
            slots.push(slot);
            items.push(item);
            // Collapsed items lie below all slots, so the slots end earlier.
            if slot < end && !collapsed {
                prop_assert_eq!(outcome.order[slot as usize], item, "{:?}", outcome);
            }
        }
    }

    fn filters_beat_pins(list in lists(), rules in prioritised(), blocked in letter(), slot in 0u32..9) {
        let mut rules = rules;
        rules.push(json!({"rule": "pin", "id": blocked, "slot": slot, "priority": 1000}));
        rules.push(json!({"rule": "filter", "where": {"ids": [blocked]}, "priority": -1000}));
        let outcome = list.apply(&Value::Array(rules));
        prop_assert!(outcome.order.iter().all(|p| id(*p as usize) != blocked));
    }

    fn what_is_not_called_infeasible_holds(list in lists(), rules in prioritised()) {
        let outcome = list.apply(&Value::Array(rules.clone()));
        let items = Items::read(&list.packer.packed(), None, FIELDS.len()).unwrap();
        // Collapsed items are in no slot.
        let collapsed = rules.iter().any(|rule| rule["rest"] == json!("last"));
        for (rule, _) in rules.iter().zip(&outcome.reports).filter(|(_, report)| !report.infeasible) {
            let top = rule["top"].as_u64().unwrap_or(0) as usize;
            let slots = &outcome.order[..top.min(outcome.order.len())];
            match kind(rule) {
                "pin" => {
                    prop_assert_eq!(outcome.order[rule["slot"].as_u64().unwrap() as usize], position(rule));
                }
                "quota" if rule["of"]["tag"].is_string() && !collapsed => {
                    let tag = crate::text::tag_id(rule["of"]["tag"].as_str().unwrap()).unwrap();
                    let have = slots.iter().filter(|p| items.tags(**p as usize).contains(&tag)).count() as u64;
                    prop_assert!(have >= rule["least"].as_u64().unwrap_or(0));
                    prop_assert!(have <= rule["most"].as_u64().unwrap_or(u64::MAX));
                }
                "spacing" if rule["by"] == json!("anyTag") && !collapsed => {
                    let within = rule["within"].as_u64().unwrap() as usize;
                    for (a, &first) in slots.iter().enumerate() {
                        for &second in slots[a + 1..].iter().take(within - 1) {
                            let tags = items.tags(second as usize);
                            prop_assert!(items.tags(first as usize).iter().all(|tag| !tags.contains(tag)));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn a_quota_alone_holds_whenever_the_list_allows_it(list in lists(), topic in 0u8..4, m in 0u32..6, top in 1u32..12) {
        let m = m.min(top);
        let items = Items::read(&list.packer.packed(), None, FIELDS.len()).unwrap();
        let tag = crate::text::tag_id(&format!("topic:{topic}")).unwrap();
        let n = items.len() as u32;
        let in_all = (0..items.len()).filter(|p| items.tags(*p).contains(&tag)).count() as u32;
        let quota = |bound: &str| json!([{"rule": "quota", "of": {"tag": format!("topic:{topic}")}, bound: m, "top": top}]);
        prop_assert_eq!(list.apply(&quota("least")).reports[0].infeasible, in_all < m);
        let forced = top.min(n).saturating_sub(n - in_all);
        prop_assert_eq!(list.apply(&quota("most")).reports[0].infeasible, forced > m);
    }

    fn costs_add_up_to_what_all_rules_cost(list in lists(), rules in rulesets()) {
        let rules: Vec<Value> = rules.into_iter().filter(|rule| rule["rest"] != json!("last")).collect();
        let outcome = list.apply(&Value::Array(rules));
        let start = order::ranked(&list.scores);
        let utility = utility::Utility::of(&list.scores, &start, list.scores.len());
        let sum: f64 = outcome.reports.iter().map(|report| report.cost).sum();
        prop_assert!((sum - utility.cost(&start, &outcome.order)).abs() < 1e-9);
        prop_assert!(outcome.reports.iter().all(|report| report.cost.is_finite()));
        // The order of the scores is the best there is.
        prop_assert!((-1e-9..=1.0 + 1e-9).contains(&sum), "{}", sum);
    }

    fn a_rule_that_does_not_bind_changed_nothing(list in lists(), rules in prioritised()) {
        let outcome = list.apply(&Value::Array(rules));
        for report in &outcome.reports {
            if !report.binding {
                prop_assert_eq!((report.moved, report.removed), (0, 0));
                prop_assert_eq!(report.cost, 0.0);
            }
        }
    }

    fn propensities_are_probabilities_with_a_floor(list in lists(), rules in prioritised()) {
        let outcome = list.apply(&Value::Array(rules.clone()));
        prop_assert!(outcome.propensities.len() <= outcome.order.len());
        let explores: Vec<&Value> = rules.iter().filter(|rule| kind(rule) == "explore").collect();
        if let [explore] = explores[..] {
            let floor = explore["rate"].as_f64().unwrap() / explore["pool"].as_f64().unwrap();
            for propensity in &outcome.propensities {
                prop_assert!(*propensity > 0.0 && f64::from(*propensity) <= 1.0 + 1e-6);
                // Every slot that may be drawn gives every item of its pool at least this.
                prop_assert!(f64::from(*propensity) >= floor * (1.0 - 1e-6));
            }
        }
    }

    fn boosts_stay_within_their_clamp(list in lists(), boosts in proptest::collection::vec((conditions(), -9f64..9.0), 1..6), clamp in 0f64..4.0) {
        let rules: Vec<Value> = boosts
            .into_iter()
            .map(|(of, by)| json!({"rule": "boost", "where": of, "by": by, "clamp": clamp}))
            .collect();
        let order = list.apply(&Value::Array(rules)).order;
        let start = order::ranked(&list.scores);
        let utility = utility::Utility::of(&list.scores, &start, list.scores.len());
        // Each item moves by at most the clamp, so two change places only if they were within two.
        for (a, &above) in order.iter().enumerate() {
            for &below in &order[a + 1..] {
                let gap = utility.base(below as usize) - utility.base(above as usize);
                prop_assert!(gap <= 2.0 * clamp * utility.unit() * (1.0 + 1e-9) + 1e-9);
            }
        }
    }

    fn one_more_impression_costs_at_most_what_is_declared(shown in 0u32..100, each in 0f64..=1.0, most in 0f64..=10.0, free in 0u32..5) {
        let list = |unanswered: u32| {
            let mut list = List::of(&[&[], &[]]);
            list.scores = vec![1.0, 0.0]; // deviation one half
            list.exposures = vec![Exposure { shown: unanswered, unanswered, acted: false }];
            list
        };
        // The first item falls below the second when it is buried by two deviations.
        let rules = json!([{"rule": "fatigue", "each": each, "most": most, "free": free}]);
        let falls = list(shown).apply(&rules).order == [1, 0];
        let burial = |shown: u32| (f64::from(shown.saturating_sub(free)) * each).min(most);
        prop_assert_eq!(falls, burial(shown) > 2.0);
        prop_assert!(burial(shown + 1) - burial(shown) <= each + 1e-12);
    }

    fn a_cold_item_keeps_a_place(list in lists(), rules in prioritised()) {
        let mut list = list;
        let position = list.scores.len();
        list.packer.push("cold", "", &[] as &[&str], f32::NAN, &[f32::NAN; 2]);
        list.scores.push(f32::NAN);
        list.vectors.extend([0.0; 3]);
        let outcome = list.apply(&Value::Array(rules.clone()));
        let there = outcome.order.contains(&(position as u32));
        let filtered = outcome.removed.iter().any(|removal| removal.position as usize == position);
        prop_assert!(there != filtered);
        if filtered {
            let by = outcome.removed.iter().find(|removal| removal.position as usize == position).unwrap().rule;
            prop_assert_eq!(kind(&rules[by as usize]), "filter", "what has no group is no duplicate");
        }
    }
}
