//! What holds for every list and every ruleset: 10,000 cases a law, on synthetic scores.
use super::*;
use crate::laws::law;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Each as a test and a law: `argument in strategy`, as in `proptest!`.
macro_rules! laws {
    ($(fn $name:ident($($arg:ident in $strategy:expr),+ $(,)?) $body:block)+) => {$(
        #[test]
        fn $name() {
            law(&format!("rules: {}", stringify!($name).replace('_', " ")), ($($strategy,)+), |($($arg,)+)| {
                $body
                Ok(())
            });
        }
    )+};
}

#[derive(Debug, Clone)]
struct Row {
    topic: u8,
    author: u8,
    fields: [f32; 2],
    score: f32,
    vector: [f32; 3],
    count: Count,
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![6 => -4f32..4.0, 1 => Just(f32::NAN), 1 => Just(1.0), 1 => any::<u32>().prop_map(f32::from_bits)]
}

fn row() -> impl Strategy<Value = Row> {
    let count = (0u32..5, 0u32..5, any::<bool>());
    let count = count.prop_map(|(shown, unanswered, acted)| Count { shown, unanswered, acted });
    let numbers = (number(), number(), number(), [number(), number(), number()]);
    (0u8..4, 0u8..6, numbers, count).prop_map(|(topic, author, (price, published, score, vector), count)| {
        Row { topic, author, fields: [price, published], score, vector, count }
    })
}

fn lists() -> impl Strategy<Value = List> {
    (proptest::collection::vec(row(), 0..18), any::<u64>()).prop_map(|(rows, seed)| {
        let mut packer = Packer::default();
        for (index, row) in rows.iter().enumerate() {
            let tags = [format!("topic:{}", row.topic), format!("author:{}", row.author)];
            // Topic 0 and author 0 stand for none.
            let from = usize::from(row.topic == 0);
            let to = if row.author == 0 { 1 } else { 2 };
            packer.push(&id(index), "", &tags[from.min(to)..to], row.score, &row.fields);
        }
        List {
            packer,
            scores: rows.iter().map(|row| row.score).collect(),
            vectors: rows.iter().flat_map(|row| row.vector).collect(),
            width: 3,
            counts: rows.iter().map(|row| row.count).collect(),
            seed,
            now_ms: 3.0,
        }
    })
}

fn letter() -> impl Strategy<Value = String> {
    (0usize..18).prop_map(id)
}

fn conditions() -> impl Strategy<Value = Value> {
    prop_oneof![
        letter().prop_map(|id| json!({"ids": [id]})),
        (0u8..5).prop_map(|topic| json!({"tag": format!("topic:{topic}")})),
        Just(json!({"prefix": "author"})),
        (-2.0..2.0).prop_map(|low: f64| json!({"field": {"name": "price", "atLeast": low}})),
        Just(json!({"absent": "published"})),
        (0u32..5).prop_map(|times| json!({"seen": times})),
        Just(json!("acted")),
        (0u8..5).prop_map(|topic| json!({"not": {"any": [{"tag": format!("topic:{topic}")}, "acted"]}})),
    ]
}

fn attributes() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"prefix": "author"})),
        Just(json!("firstTag")),
        Just(json!("anyTag")),
        Just(json!("id")),
        Just(json!({"field": {"name": "price", "band": 1.5}})),
    ]
}

fn pin() -> impl Strategy<Value = Value> {
    (letter(), 0u32..12).prop_map(|(id, slot)| json!({"rule": "pin", "id": id, "slot": slot}))
}

fn quota() -> impl Strategy<Value = Value> {
    prop_oneof![
        (conditions(), 0u32..6, 1u32..12)
            .prop_map(|(of, m, top)| { json!({"rule": "quota", "of": of, "least": m.min(top), "top": top}) }),
        (conditions(), 0u32..6, 1u32..12)
            .prop_map(|(of, m, top)| { json!({"rule": "quota", "of": of, "most": m.min(top), "top": top}) }),
        (attributes(), 0u32..6, 1u32..12).prop_map(|(by, m, top)| {
            json!({"rule": "quota", "each": by, "most": m.min(top), "top": top})
        }),
    ]
}

fn rule() -> impl Strategy<Value = Value> {
    prop_oneof![
        conditions().prop_map(|of| json!({"rule": "filter", "where": of})),
        (conditions(), -3f64..3.0, 0f64..4.0)
            .prop_map(|(of, by, clamp)| json!({"rule": "boost", "where": of, "by": by, "clamp": clamp})),
        (0f64..5.0).prop_map(
            |w| json!({"rule": "freshness", "field": "published", "halfLifeMs": 1e3, "weight": w, "unitMs": 500})
        ),
        (0f64..1.0, 0f64..3.0).prop_map(|(each, most)| json!({"rule": "fatigue", "each": each, "most": most})),
        (attributes(), 1u32..3, any::<bool>()).prop_map(|(by, keep, last)| {
            json!({"rule": "dedupe", "by": by, "keep": keep, "rest": if last { "last" } else { "remove" }})
        }),
        (any::<bool>(), 1u32..10, 0f64..0.9).prop_map(|(dpp, top, relevance)| {
            json!({"rule": "diversity", "method": if dpp { "dpp" } else { "mmr" }, "top": top, "relevance": relevance})
        }),
        pin(),
        pin(),
        quota(),
        quota(),
        (attributes(), 2u32..6, 2u32..20)
            .prop_map(|(by, within, top)| json!({"rule": "spacing", "by": by, "within": within, "top": top})),
        (1u32..10, 0f64..1.0, 0u32..3, 1u32..9).prop_map(|(top, rate, least, pool)| {
            json!({"rule": "explore", "top": top, "rate": rate, "least": least.min(top), "pool": pool})
        }),
    ]
}

/// Up to seven rules, all of the same priority.
fn rulesets() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(rule(), 0..8)
}

/// The same, with priorities.
fn prioritised() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec((rule(), -2i32..3), 0..8).prop_map(|rules| {
        let with = |(mut rule, priority): (Value, i32)| {
            rule["priority"] = json!(priority);
            rule
        };
        rules.into_iter().map(with).collect()
    })
}

fn kind(rule: &Value) -> &str {
    rule["rule"].as_str().unwrap()
}

fn position(rule: &Value) -> u32 {
    u32::from(rule["id"].as_str().unwrap().as_bytes()[0] - b'a')
}

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
            list.counts = vec![Count { shown: unanswered, unanswered, acted: false }];
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

    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9.\\-]{0,60}") {
        if let Err(error) = Ruleset::from_json(&text) {
            prop_assert!(error.code().starts_with("rules/"));
        }
    }
}

fn nonsense() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        attributes(),
        conditions(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = prop_oneof![
            Just("of"),
            Just("by"),
            Just("where"),
            Just("top"),
            Just("least"),
            Just("any"),
            Just("x")
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..3).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_string(), value))
                .collect()),
        ]
    })
}

laws! {
    fn hostile_rules_are_refused_and_the_others_apply(
        list in lists(),
        rule in rule(),
        key in prop::sample::select(vec!["of", "by", "where", "top", "least", "most", "slot", "rate", "pool", "relevance", "name", "priority", "rule", "clamp", "within"]),
        value in nonsense(),
    ) {
        let mut broken = rule;
        broken[key] = value.clone();
        let outcome = list.apply(&json!([broken, value, {"rule": "filter", "where": {"all": []}}]));
        prop_assert!(outcome.order.is_empty(), "the last rule filters everything");
        prop_assert_eq!(outcome.reports.len(), 3);
        prop_assert!(outcome.reports[1].code.is_some());
    }
}
