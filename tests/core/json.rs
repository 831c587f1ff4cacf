//! What [`Json`] reads, beside what `serde_json` reads: the same values, and the same words where it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::Json;
use crate::features::Feature;
use crate::model::manifest::{Array, Head, Stage};
use crate::rules::Condition;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    Json::parse(&json.to_string()).unwrap().read().map_err(|error| error.to_string())
}

/// Reads it both ways, which must agree.
fn both<T: DeserializeOwned + PartialEq + Debug>(json: Value) -> Result<T, String> {
    let ours = read(&json);
    assert_eq!(ours, serde_json::from_value(json.clone()).map_err(|error| error.to_string()), "{json}");
    ours
}

#[test]
fn values_are_read_as_serde_json_reads_them() {
    both::<Feature>(json!({"name": "a", "source": {"kind": "server_score"}})).unwrap();
    let affinity = json!({"kind": "tag_affinity", "channel": "net", "pool": "peak"});
    let steps = json!(["log1p", {"clip": {"low": -1, "high": 2.5}}]);
    both::<Feature>(json!({"name": "b", "source": affinity, "transform": steps, "missing": -3})).unwrap();
    let locale = json!({"kind": "context", "value": {"locale": "de"}});
    both::<Feature>(json!({"name": "c", "source": locale})).unwrap();
    both::<Head>(json!({"name": "h", "weight": 1, "calibration": null})).unwrap();
    both::<Head>(json!({"name": "h", "weight": 0.1, "calibration": {"slope": 2, "intercept": -0.5}}))
        .unwrap();
    both::<Stage>(json!({"inputs": {"dense": "x", "history_action": "y"}, "output": "z"})).unwrap();
    both::<Condition>(json!({"all": [{"ids": ["a", "b"]}, {"not": "acted"}, {"seen": 2}]})).unwrap();
    both::<Condition>(json!({"field": {"name": "year", "atMost": 1990}})).unwrap();
    both::<Condition>(json!({"acted": null})).unwrap();
    both::<Value>(json!({"any": [1, -1, 0.5, true, null, "text", {"more": []}]})).unwrap();
}

#[test]
fn what_is_refused_is_refused_in_the_same_words() {
    for wrong in [
        json!(null),
        json!("text"),
        json!({"name": "h"}),
        json!({"name": null, "weight": 1}),
        json!({"name": "h", "weight": "1"}),
        json!({"name": "h", "weight": null}),
        json!({"name": "h", "weight": 1, "wait": 2}),
        json!({"name": "h", "weight": 1, "calibration": {"slope": true, "intercept": 0}}),
        json!({"name": "h", "weight": 1, "calibration": 1.5}),
    ] {
        both::<Head>(wrong).unwrap_err();
    }
    for wrong in [
        json!(1),
        json!("seen"),
        json!("none"),
        json!({}),
        json!({"acted": 1}),
        json!({"tag": "a", "prefix": "b"}),
        json!({"seen": -1}),
        json!({"seen": 1.5}),
        json!({"seen": 5_000_000_000_u64}),
        json!({"ids": "a"}),
        json!({"any": {"tag": "a"}}),
        json!({"field": {"atMost": 1}}),
        json!({"field": {"name": "year", "at_most": 1}}),
        json!({"not": ["acted"]}),
    ] {
        both::<Condition>(wrong).unwrap_err();
    }
    for kind in [json!({"kind": "pun"}), json!({}), json!("server_score"), json!({"kind": "field"})] {
        both::<Feature>(json!({"name": "a", "source": kind})).unwrap_err();
    }
    both::<Stage>(json!({"inputs": {"dance": "x"}, "output": "z"})).unwrap_err();
}

#[test]
fn a_struct_is_neither_an_array_nor_given_a_field_twice() {
    assert!(read::<Head>(&json!(["h", "", 1, null])).is_err());
    let twice = Json::parse(r#"{"name": "h", "weight": 1, "weight": 2}"#).unwrap();
    assert_eq!(twice.read::<Head>().unwrap_err().to_string(), "duplicate field `weight`");
}

#[test]
fn a_text_that_is_no_json_or_nests_too_deep_is_refused_with_its_place() {
    for (text, place) in [("", "line 1 column 0"), ("{\"a\":\n1e999}", "line 2"), ("[1,]", "line 1 column 4")]
    {
        let said = Json::parse(text).unwrap_err().to_string();
        assert!(said.contains(place), "{said}");
    }
    assert!(Json::parse(&"[".repeat(100_000)).is_err());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..6)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_value_comes_back(json in any_json()) {
        let text = json.to_string();
        prop_assert_eq!(Json::parse(&text).unwrap().read::<Value>().unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn numbers_keep_their_bits(values in prop::collection::vec(prop::num::f32::NORMAL, 0..20)) {
        let json = json!({"shape": [values.len()], "data": values});
        let bits = |array: Array| array.data.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(read::<Array>(&json).map(bits), serde_json::from_str::<Array>(&json.to_string()).map(bits).map_err(|e| e.to_string()));
    }
}
