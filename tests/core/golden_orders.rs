//! 200 requests on the fixture model and the orders that they must give, on every host.
//! `./build.sh golden` writes `tests/golden/` anew; what changed is then read as a diff.
//! Must never hold a request that rounding could turn: other hosts compute with other instructions.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::context::Context;
use crate::event::Event;
use crate::item::Packer;
use crate::{Options, Ranker, Ranking};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MODEL: &[u8] = include_bytes!("../golden/fixture.onnx");
const REQUESTS: &str = include_str!("../golden/requests.json");
const ORDERS: &str = include_str!("../golden/orders.json");

/// What `requests.json` holds: in the shapes of the package's JavaScript.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    catalogue: Vec<Candidate>,
    requests: Vec<Request>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Candidate {
    id: String,
    title: String,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    fields: BTreeMap<String, f32>,
}

/// Items are positions in the catalogue.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Request {
    list: Vec<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prefer: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<Act>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undo: Vec<String>,
    options: Asked,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    item: usize,
    at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    at: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    budget_units: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    weights: BTreeMap<String, f32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    context: BTreeMap<String, serde_json::Value>,
}

fn push(packer: &mut Packer, candidate: &Candidate, fields: &[String]) {
    let fields: Vec<f32> =
        fields.iter().map(|name| candidate.fields.get(name).copied().unwrap_or(f32::NAN)).collect();
    let score = candidate.score.unwrap_or(f32::NAN);
    packer.push(&candidate.id, &candidate.title, &candidate.tags, score, &fields);
}

fn run(ranker: &mut Ranker, file: &File, request: &Request) -> Ranking {
    let fields = ranker.manifest().fields.clone();
    let pack = |positions: &[usize]| {
        let mut packer = Packer::default();
        positions.iter().for_each(|&at| push(&mut packer, &file.catalogue[at], &fields));
        packer
    };
    ranker.forget();
    ranker.set_packed(&pack(&request.list).packed()).unwrap();
    ranker.prefer(&request.prefer, &pack(&[]).packed()).unwrap();
    for act in &request.events {
        ranker.remember(&pack(&[act.item]).packed()).unwrap();
        let event =
            Event { kind: &act.kind, id: &act.id, at_ms: act.at, value: act.value.unwrap_or(f64::NAN) };
        ranker.observe(&event, &file.catalogue[act.item].id).unwrap();
    }
    request.undo.iter().for_each(|id| assert_eq!(ranker.undo(id), Ok(true), "{id}"));
    let asked = &request.options;
    let weight = |head: &crate::model::Head| asked.weights.get(&head.name).copied().unwrap_or(head.weight);
    let options = Options {
        budget_units: asked.budget_units,
        weights: Some(ranker.manifest().heads.iter().map(weight).collect()),
        without: asked.without.clone(),
        at: Some(asked.at),
        context: serde_json::from_value::<Context>(serde_json::to_value(&asked.context).unwrap()).unwrap(),
        ..Options::default()
    };
    let ranking = ranker.rank(&options, &mut || 0.0);
    assert!(ranking.report.warnings.is_empty(), "{:?}", ranking.report.warnings);
    ranking
}

#[test]
fn golden_orders_are_what_they_were() {
    let file: File = serde_json::from_str(REQUESTS).unwrap();
    let orders: Vec<Vec<u32>> = serde_json::from_str(ORDERS).unwrap();
    assert_eq!((file.requests.len(), orders.len()), (200, 200));
    let mut ranker = Ranker::load(MODEL).unwrap();
    let mut wrong = Vec::new();
    for (index, (request, order)) in file.requests.iter().zip(&orders).enumerate() {
        if run(&mut ranker, &file, request).order != *order {
            wrong.push(index);
        }
    }
    assert!(wrong.is_empty(), "requests {wrong:?}: if meant, run ./build.sh golden and read the diff");
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("\ngolden orders on native: {}\n", orders.len()),
    );
}

#[test]
fn the_committed_fixture_is_the_one_that_the_laws_use() {
    assert!(MODEL == crate::fixture::model(), "run ./build.sh golden");
}

/// Draws requests. Those with a pair of scores closer than this, yet not equal, are drawn again.
#[cfg(not(target_arch = "wasm32"))]
#[cfg(feature = "golden")]
const APART: f32 = 2e-4;

/// Not a test: `./build.sh golden` runs it, and what it changed is read as a diff.
#[cfg(feature = "golden")]
#[test]
fn write_golden_orders() {
    const HOUR: f64 = 3.6e6;
    const NOW: f64 = 1.764e12;
    let catalogue: Vec<Candidate> = (0..120)
        .map(|number| {
            let item = crate::fixture::item(number);
            let fields =
                ["price", "popularity"].into_iter().zip(item.fields).filter(|(_, value)| !value.is_nan());
            Candidate {
                fields: fields.map(|(name, value)| (name.to_string(), value)).collect(),
                tags: item.tags.into_iter().map(String::from).collect(),
                score: (!item.score.is_nan()).then_some(item.score),
                id: item.id,
                title: item.title,
            }
        })
        .collect();
    let mut file = File { catalogue, requests: Vec::new() };
    let mut orders = Vec::new();
    let model = crate::fixture::model();
    let mut ranker = Ranker::load(&model).unwrap();
    let units = ranker.block_units() as f64;
    let mut state = 1u64;
    let mut draw = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    while file.requests.len() < 200 {
        let mut list: Vec<usize> = (0..5 + draw(45)).map(|_| draw(120)).collect();
        list.sort_by_key(|number| number * 37 % 120);
        list.dedup();
        let events: Vec<Act> = (0..draw(9))
            .map(|index| {
                let kind =
                    ["impression", "click", "like", "dislike", "skip", "dwell", "add_to_gift_list"][draw(7)];
                Act {
                    id: format!("e{index}"),
                    kind: kind.into(),
                    item: draw(120),
                    at: NOW - HOUR * draw(72) as f64,
                    value: (kind == "dwell").then(|| draw(90) as f64),
                }
            })
            .collect();
        let mut some = |share: usize| draw(100) < share;
        let prefer = if some(30) { vec!["tea".into(), "night train".into()] } else { vec![] };
        let undo = if !events.is_empty() && some(30) { vec!["e0".into()] } else { vec![] };
        let without = if events.len() > 2 && some(30) { vec!["e2".into()] } else { vec![] };
        let mut options = Asked { at: NOW, without, ..Asked::default() };
        if some(30) {
            options.weights.insert("return".into(), 2.0);
        }
        if some(20) {
            options.budget_units = Some(units * 1.5);
        }
        if some(40) {
            options.context.insert("hour".into(), 21.5.into());
            options.context.insert("locale".into(), "de-AT".into());
            options.context.insert("device".into(), "phone".into());
        }
        let request = Request { list, prefer, events, undo, options };
        let ranking = run(&mut ranker, &file, &request);
        let scores: Vec<f32> = ranking.order.iter().map(|&p| ranking.scores[p as usize]).collect();
        let near = |pair: &[f32]| pair[0] != pair[1] && (pair[0] - pair[1]).abs() < APART;
        if !scores.windows(2).any(near) {
            orders.push(ranking.order);
            file.requests.push(request);
        }
    }
    // One request and one order a line: a change is a line of the diff.
    let catalogue = lines(&file.catalogue);
    let requests = lines(&file.requests);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = format!("{{\n\"catalogue\": {},\n\"requests\": {}\n}}\n", catalogue, requests);
    std::fs::write(folder.join("requests.json"), text).unwrap();
    std::fs::write(folder.join("orders.json"), lines(&orders) + "\n").unwrap();
    std::fs::write(folder.join("fixture.onnx"), model).unwrap();
}

#[cfg(not(target_arch = "wasm32"))]
#[cfg(feature = "golden")]
fn lines<T: Serialize>(rows: &[T]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    format!("[\n{}\n]", rows.join(",\n"))
}
