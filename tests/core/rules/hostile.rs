//! Rules that are none: whatever is sent as rules, each is refused by itself and the others apply.
use super::cases::*;
use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9.\\-]{0,60}") {
        if let Err(error) = Ruleset::from_json(&text) {
            prop_assert!(error.code().starts_with("rules/"));
        }
    }

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
