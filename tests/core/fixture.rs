//! In: nothing. Out: a small model that reads everything a model can read, and items to rank with it.
//! Its weights are drawn once from a fixed sequence: what it says means nothing, and never changes.
//! Must never depend on the trained model: laws and golden orders outlive its retraining.
#![allow(clippy::unwrap_used, dead_code)]

use crate::item::Packer;
use crate::model::hostile_models::builder;
use crate::text::TextSpec;
use crate::{Options, Ranker, Ranking};
use builder::{float, floats, ids, int, ints, node, value};
use serde_json::{Value, json};

const TABLE: usize = 64;
const TOKENS: usize = 6;
const VECTOR: usize = 4;
const HISTORY: usize = 8;
const HIDDEN: usize = 8;
const HEADS: usize = 2;

/// Columns of `dense`, the server's first: the hidden layer reads all but those.
fn features() -> Vec<Value> {
    let clip = |low: f32, high: f32| json!({ "clip": { "low": low, "high": high } });
    let affinity =
        |channel: &str, pool: &str| json!({ "kind": "tag_affinity", "channel": channel, "pool": pool });
    let context = |value: Value| json!({ "kind": "context", "value": value });
    let rows = [
        ("server_score", json!({ "kind": "server_score" }), vec![clip(-8.0, 8.0)]),
        ("server_rank", json!({ "kind": "server_rank" }), vec![]),
        ("server_absent", json!({ "kind": "server_absent" }), vec![]),
        ("price", json!({ "kind": "field", "field": "price" }), vec![json!("log1p"), clip(0.0, 8.0)]),
        (
            "price_gap",
            json!({ "kind": "field_gap", "field": "price" }),
            vec![json!({ "standardise": { "mean": 0.0, "scale": 20.0 } }), clip(-4.0, 4.0)],
        ),
        ("tag_count", json!({ "kind": "tag_count" }), vec![clip(0.0, 8.0)]),
        ("tags_net", affinity("net", "mean"), vec![]),
        ("tags_positive", affinity("positive", "peak"), vec![]),
        ("tags_exposed", affinity("exposed", "mean"), vec![]),
        (
            "session_positive",
            json!({ "kind": "session_strength", "channel": "positive" }),
            vec![json!("log1p")],
        ),
        ("hour_sin", context(json!("hour_sin")), vec![]),
        ("phone", context(json!({ "device": "phone" })), vec![]),
        ("german", context(json!({ "locale": "de" })), vec![]),
    ];
    rows.into_iter()
        .map(|(name, source, transform)| json!({ "name": name, "source": source, "transform": transform }))
        .collect()
}

/// Multiples of 1/64 in -1 to 1: exact in every format.
struct Weights(u64);

impl Weights {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % 129) as f32 / 64.0 - 1.0
    }

    fn draw(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// `heads = relu([dense, vector, attended] · w1 + b1) · w2 + dense · wide`, where the history is
/// attended by the exponential of the vectors' products, for and against.
pub fn model() -> Vec<u8> {
    model_with(|_| ())
}

/// The same with something changed in its manifest.
pub fn model_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let features = features();
    let width = features.len();
    let mixed = width + VECTOR + 1;
    let mut weights = Weights(2_026);
    let mut table = weights.draw(TABLE * VECTOR);
    table[..VECTOR].fill(0.0);
    let mut w1 = weights.draw(mixed * HIDDEN);
    w1[..3 * HIDDEN].fill(0.0);
    let b1 = weights.draw(HIDDEN);
    let w2 = weights.draw(HIDDEN * HEADS);
    // Monotone in the server's score.
    let mut wide = vec![0.0; width * HEADS];
    wide[..6].copy_from_slice(&[1.0, 0.5, 0.25, 0.125, -0.5, -0.25]);

    let mut parts = builder::Parts::plain();
    let graph = parts.graph();
    graph.name = "fixture".into();
    graph.initializer = vec![
        floats("table", &[TABLE as i64, VECTOR as i64], &table),
        ids("axis", &[1], &[1]),
        floats("sides", &[3, 1], &[1.0, -1.0, -0.125]),
        floats("sum", &[3, 1], &[1.0; 3]),
        floats("one", &[1], &[1.0]),
        floats("w1", &[mixed as i64, HIDDEN as i64], &w1),
        floats("b1", &[HIDDEN as i64], &b1),
        floats("w2", &[HIDDEN as i64, HEADS as i64], &w2),
        floats("b2", &[HEADS as i64], &[0.0; HEADS]),
        floats("wide", &[width as i64, HEADS as i64], &wide),
        floats("low", &[], &[-4.0]),
        floats("high", &[], &[4.0]),
    ];
    graph.input = vec![
        value("tokens", 7, TOKENS as i64),
        value("dense", 1, width as i64),
        value("history", 1, VECTOR as i64),
        value("history_action", 1, 3),
    ];
    graph.output = vec![value("heads", 1, HEADS as i64)];
    graph.node = vec![
        node("Gather", &["table", "tokens"], "rows", vec![]),
        node("ReduceSum", &["rows", "axis"], "item_vector", vec![int("keepdims", 0)]),
        node("Transpose", &["history"], "history_t", vec![ints("perm", &[1, 0])]),
        node("MatMul", &["item_vector", "history_t"], "products", vec![]),
        node("Clip", &["products", "low", "high"], "logits", vec![]),
        node("Exp", &["logits"], "attention", vec![]),
        node("MatMul", &["history_action", "sides"], "for_and_against", vec![]),
        node("MatMul", &["history_action", "sum"], "mass", vec![]),
        node("MatMul", &["attention", "for_and_against"], "pooled", vec![]),
        node("MatMul", &["attention", "mass"], "mass_pooled", vec![]),
        node("Add", &["mass_pooled", "one"], "mass_prior", vec![]),
        node("Div", &["pooled", "mass_prior"], "attended", vec![]),
        node("Concat", &["dense", "item_vector", "attended"], "mixed", vec![int("axis", 1)]),
        node("Gemm", &["mixed", "w1", "b1"], "layer", vec![float("alpha", 1.0)]),
        node("Relu", &["layer"], "hidden", vec![]),
        node("Gemm", &["hidden", "w2", "b2"], "deep", vec![]),
        node("MatMul", &["dense", "wide"], "linear", vec![]),
        node("Add", &["deep", "linear"], "heads", vec![]),
    ];

    let tokens = [1, 2, 3, 0, 0, 0, 63, 0, 0, 0, 0, 0];
    let dense: Vec<f32> = weights.draw(2 * width);
    let vector: Vec<f32> = tokens
        .chunks_exact(TOKENS)
        .flat_map(|row| {
            (0..VECTOR).map(|d| row.iter().map(|&t| table[t * VECTOR + d]).sum()).collect::<Vec<f32>>()
        })
        .collect();
    // By hand, with nothing in the history.
    let heads: Vec<f32> = (0..2)
        .flat_map(|row| {
            let own = &dense[row * width..(row + 1) * width];
            let mixed: Vec<f32> =
                own.iter().chain(&vector[row * VECTOR..(row + 1) * VECTOR]).copied().chain([0.0]).collect();
            let unit =
                |h: usize| mixed.iter().zip(0..).map(|(x, i)| x * w1[i * HIDDEN + h]).sum::<f32>() + b1[h];
            let hidden: Vec<f32> = (0..HIDDEN).map(|h| unit(h).max(0.0)).collect();
            let head = |o: usize| {
                let deep: f32 = hidden.iter().zip(0..).map(|(x, h)| x * w2[h * HEADS + o]).sum();
                let linear: f32 = own.iter().zip(0..).map(|(x, i)| x * wide[i * HEADS + o]).sum();
                deep + linear
            };
            (0..HEADS).map(head).collect::<Vec<f32>>()
        })
        .collect();

    let action = |positive: f32, negative: f32, exposed: f32| json!({ "positive": positive, "negative": negative, "exposed": exposed });
    parts.manifest = json!({
        "schema": 1, "name": "fixture", "version": "1", "block": 16, "vector": VECTOR, "history": HISTORY,
        "text": { "table": TABLE, "max_tokens": TOKENS, "seed": 3, "tag_words": false, "title_words": true },
        "stages": {
            "encode": { "inputs": { "tokens": "tokens" }, "output": "item_vector" },
            "score": {
                "inputs": {
                    "item": "item_vector", "dense": "dense", "history": "history",
                    "history_action": "history_action",
                },
                "output": "heads",
            },
        },
        "fields": ["price", "popularity"],
        "features": features,
        "actions": {
            "impression": action(0.0, 0.0, 0.25), "click": action(0.5, 0.0, 0.0), "like": action(1.0, 0.0, 0.0),
            "dislike": action(0.0, 1.0, 0.0), "skip": action(0.0, 0.5, 0.25),
            "dwell": { "positive": 0.5, "full_at": 60.0 },
            // One that no vocabulary has: what a type means is the manifest's to say.
            "add_to_gift_list": action(0.75, 0.0, 0.0),
        },
        "session": { "half_life_hours": 24.0 },
        "prior": "popularity",
        "heads": [
            { "name": "engage", "weight": 1.0, "calibration": { "slope": 1.0, "intercept": -0.5 } },
            { "name": "return", "weight": 0.25 },
        ],
        "golden": {
            "inputs": {
                "tokens": { "shape": [2, TOKENS], "data": tokens },
                "dense": { "shape": [2, width], "data": dense },
                "history": { "shape": [HISTORY, VECTOR], "data": vec![0.0; HISTORY * VECTOR] },
                "history_action": { "shape": [HISTORY, 3], "data": vec![0.0; HISTORY * 3] },
            },
            "outputs": {
                "item_vector": { "shape": [2, VECTOR], "data": vector },
                "heads": { "shape": [2, HEADS], "data": heads },
            },
        },
        "graph_sha256": null,
    });
    change(&mut parts.manifest);
    parts.seal()
}

/// The text settings of the model.
pub fn text() -> TextSpec {
    TextSpec { table: TABLE as u32, max_tokens: TOKENS, seed: 3, tag_words: false, title_words: true }
}

pub fn ranker() -> Ranker {
    Ranker::load(&model()).unwrap()
}

const TAGS: [&str; 8] = ["tea", "coffee", "cups", "books", "garden", "night train", "wool", "radio"];
const WORDS: [&str; 8] = ["green", "old", "small", "loud", "quiet", "red", "north", "plain"];

/// One item of an endless catalogue: the same number is always the same item. Absent facts are NaN.
pub struct Item {
    pub id: String,
    pub title: String,
    pub tags: Vec<&'static str>,
    pub score: f32,
    pub fields: [f32; 2],
}

pub fn item(number: usize) -> Item {
    let mut draw = Weights(number as u64 * 7_919 + 11);
    let mut pick = |most: usize| (draw.next().abs() * 64.0) as usize % most;
    let mut tags: Vec<&str> = (0..pick(4)).map(|_| TAGS[pick(8)]).collect();
    tags.dedup();
    let title = format!("{} {} {number}", WORDS[pick(8)], TAGS[pick(8)]);
    let score = if pick(7) == 0 { f32::NAN } else { pick(64) as f32 / 16.0 };
    let price = if pick(5) == 0 { f32::NAN } else { 1.0 + pick(60) as f32 };
    Item { id: format!("item-{number}"), title, tags, score, fields: [price, pick(65) as f32] }
}

pub fn push(packer: &mut Packer, item: &Item) {
    packer.push(&item.id, &item.title, &item.tags, item.score, &item.fields);
}

pub fn packed(items: impl IntoIterator<Item = Item>) -> Packer {
    let mut packer = Packer::default();
    items.into_iter().for_each(|item| push(&mut packer, &item));
    packer
}

pub fn rank(ranker: &mut Ranker) -> Ranking {
    ranker.rank(&Options::default(), &mut || 0.0)
}

/// The bits of scores: equal only if every score is the very same number.
pub fn bits(scores: &[f32]) -> Vec<u32> {
    scores.iter().map(|score| score.to_bits()).collect()
}
