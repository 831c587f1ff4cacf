//! Lists and rules drawn at random, for the laws.
use super::*;
use proptest::prelude::*;

/// Each as a test and a law: `argument in strategy`, as in `proptest!`.
macro_rules! laws {
    ($(fn $name:ident($($arg:ident in $strategy:expr),+ $(,)?) $body:block)+) => {$(
        #[test]
        fn $name() {
            crate::laws::law(&format!("rules: {}", stringify!($name).replace('_', " ")), ($($strategy,)+), |($($arg,)+)| {
                $body
                Ok(())
            });
        }
    )+};
}
pub(super) use laws;

#[derive(Debug, Clone)]
struct Row {
    topic: u8,
    author: u8,
    fields: [f32; 2],
    score: f32,
    vector: [f32; 3],
    count: Exposure,
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![6 => -4f32..4.0, 1 => Just(f32::NAN), 1 => Just(1.0), 1 => any::<u32>().prop_map(f32::from_bits)]
}

fn row() -> impl Strategy<Value = Row> {
    let count = (0u32..5, 0u32..5, any::<bool>());
    let count = count.prop_map(|(shown, unanswered, acted)| Exposure { shown, unanswered, acted });
    let numbers = (number(), number(), number(), [number(), number(), number()]);
    (0u8..4, 0u8..6, numbers, count).prop_map(|(topic, author, (price, published, score, vector), count)| {
        Row { topic, author, fields: [price, published], score, vector, count }
    })
}

pub(super) fn lists() -> impl Strategy<Value = List> {
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
            exposures: rows.iter().map(|row| row.count).collect(),
            seed,
            now_ms: 3.0,
        }
    })
}

pub(super) fn letter() -> impl Strategy<Value = String> {
    (0usize..18).prop_map(id)
}

pub(super) fn conditions() -> impl Strategy<Value = Value> {
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

pub(super) fn attributes() -> impl Strategy<Value = Value> {
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

pub(super) fn rule() -> impl Strategy<Value = Value> {
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
pub(super) fn rulesets() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(rule(), 0..8)
}

/// The same, with priorities.
pub(super) fn prioritised() -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec((rule(), -2i32..3), 0..8).prop_map(|rules| {
        let with = |(mut rule, priority): (Value, i32)| {
            rule["priority"] = json!(priority);
            rule
        };
        rules.into_iter().map(with).collect()
    })
}

pub(super) fn kind(rule: &Value) -> &str {
    rule["rule"].as_str().unwrap()
}

pub(super) fn position(rule: &Value) -> u32 {
    u32::from(rule["id"].as_str().unwrap().as_bytes()[0] - b'a')
}
