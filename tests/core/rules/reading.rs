//! What is read as a rule, what is refused with which code, and which fields rules name.
use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn code(rule: Value) -> (Option<&'static str>, String) {
    let outcome = List::of(&[&[], &[], &[]]).apply(&json!([rule]));
    assert_eq!(outcome.order, [0, 1, 2], "a rule that cannot be read changes nothing");
    (outcome.reports[0].code, outcome.reports[0].message.clone().unwrap_or_default())
}

#[test]
fn a_rule_is_read_strictly_and_refused_by_itself() {
    for (rule, expected) in [
        (json!(3), "rules/malformed"),
        (json!({"rule": "pun", "id": "a", "slot": 0}), "rules/malformed"),
        (json!({"rule": "pin", "id": "b", "slot": 0, "slott": 1}), "rules/malformed"),
        (json!({"rule": "pin", "id": "b"}), "rules/malformed"),
        (json!({"rule": "pin", "id": "b", "slot": 100}), "rules/limit"),
        (json!({"rule": "pin", "id": "b", "slot": 0, "priority": 1001}), "rules/limit"),
        (json!({"rule": "boost", "where": {"ids": ["b"]}, "by": 10.5}), "rules/limit"),
        (json!({"rule": "boost", "where": {"ids": ["b"]}, "by": null}), "rules/malformed"),
        (json!({"rule": "filter", "where": {"tag": "!?"}}), "rules/limit"),
        (json!({"rule": "filter", "where": {"absent": "colour"}}), "rules/unknown-field"),
        (json!({"rule": "quota", "of": {"tag": "x"}, "top": 3}), "rules/limit"),
        (json!({"rule": "quota", "of": {"tag": "x"}, "least": 3, "most": 2, "top": 3}), "rules/limit"),
        (json!({"rule": "quota", "each": "id", "least": 1, "top": 3}), "rules/limit"),
        (json!({"rule": "spacing", "by": "id", "within": 1}), "rules/limit"),
        (json!({"rule": "explore", "top": 3, "rate": 1.5}), "rules/limit"),
        (json!({"rule": "diversity", "method": "dpp", "top": 3, "relevance": 0.96}), "rules/limit"),
        (json!({"rule": "freshness", "field": "published", "halfLifeMs": 0, "weight": 1}), "rules/limit"),
        (
            json!({"rule": "freshness", "field": "born", "halfLifeMs": 1e9, "weight": 1}),
            "rules/unknown-field",
        ),
    ] {
        let (code, message) = code(rule.clone());
        assert_eq!(code, Some(expected), "{rule}: {message}");
    }
    let mut deep = json!({"tag": "x"});
    for _ in 0..crate::limits::CONDITION_DEPTH {
        deep = json!({"not": deep});
    }
    assert_eq!(code(json!({"rule": "filter", "where": deep})).0, Some("rules/limit"));
}

#[test]
fn a_ruleset_that_is_none_is_refused_as_a_whole() {
    let code = |json: &str| Ruleset::from_json(json).unwrap_err().code();
    assert_eq!(code("{}"), "rules/malformed");
    assert_eq!(code("[nonsense"), "rules/malformed");
    let many = |n: usize| Value::Array(vec![json!({"rule": "pin", "id": "a", "slot": 0}); n]).to_string();
    assert!(Ruleset::from_json(&many(crate::limits::RULES)).is_ok());
    assert_eq!(code(&many(crate::limits::RULES + 1)), "rules/limit");
    assert_eq!(code(&format!("[{}]", " ".repeat(crate::limits::RULES_BYTES))), "rules/limit");
}

#[test]
fn fields_that_rules_read_are_named_once_each() {
    let rules = json!([
        {"rule": "filter", "where": {"all": [{"absent": "stock"}, {"not": {"field": {"name": "price"}}}]}},
        {"rule": "freshness", "field": "published", "halfLifeMs": 1e9, "weight": 1},
        {"rule": "spacing", "by": {"field": {"name": "price", "band": 1}}, "within": 2},
        {"rule": "quota", "each": {"field": {"name": "size", "band": 1}}, "most": 1, "top": 3}
    ]);
    assert_eq!(
        Ruleset::from_json(&rules.to_string()).unwrap().fields(),
        ["price", "published", "size", "stock"]
    );
}
