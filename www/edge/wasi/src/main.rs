//! In: a model's path as argument; on stdin JSON `{"items": […], "events": […], "at": ms}`. Out: on stdout the items in order.
//! A program for hosts that run WASI (`wasm32-wasip1`); a Fastly service calls [`ranked`] with its origin's answer.
//! Must never lose a list: whatever cannot be ranked goes out byte for byte, and stderr says why.

use ranklet::{Candidate, Event, Options, Ranker};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::{Read, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Such hosts bill CPU and their clocks may stand still: the work is bounded in units. Enough for about
/// 800 candidates of the film model.
const BUDGET_UNITS: f64 = 8_000.0;

/// What a visitor did with an item that is given whole.
#[derive(Deserialize)]
struct Activity {
    #[serde(rename = "type")]
    kind: String,
    item: Candidate,
    #[serde(default)]
    id: String,
    at: f64,
    value: Option<f64>,
}

/// The request's JSON, its `items` in order for this visitor; what else it holds stays, less `events` and `at`.
fn ranked(ranker: &mut Ranker, text: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut sent: Map<String, Value> = serde_json::from_slice(text)?;
    let events: Vec<Activity> = serde_json::from_value(sent.remove("events").unwrap_or_else(|| json!([])))?;
    let at = sent.remove("at").and_then(|at| at.as_f64()).unwrap_or_else(now_ms);
    let listed = sent.get("items").and_then(Value::as_array).ok_or("there is no list of items")?;
    let candidates = listed.iter().map(Candidate::deserialize).collect::<Result<Vec<_>, _>>()?;

    ranker.forget(); // the last visitor
    ranker.set_candidates(&candidates)?;
    for Activity { kind, item, id, at, value } in &events {
        let event = Event { kind, id, at_ms: *at, value: value.unwrap_or(f64::NAN) };
        ranker.observe_candidate(&event, item)?;
    }
    let options = Options { budget_units: Some(BUDGET_UNITS), at: Some(at), ..Options::default() };
    let ranking = ranker.rank(&options, &mut || 0.0);

    let order = ranking.order.iter().filter_map(|&at| listed.get(at as usize).cloned()).collect();
    sent.insert("items".into(), Value::Array(order));
    let report = &ranking.report;
    let told =
        json!({"tier": report.tier, "reason": report.reason, "scored": report.scored, "units": report.units});
    sent.insert("ranklet".into(), told);
    Ok(serde_json::to_vec(&sent)?)
}

/// Milliseconds since 1970: what events say fades up to then.
fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1_000.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the model's path")?;
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let answer = std::fs::read(&path)
        .map_err(|error| format!("{path}: {error}").into())
        .and_then(|model| Ok(Ranker::load(&model)?))
        .and_then(|mut ranker| ranked(&mut ranker, &text));
    let body = answer.unwrap_or_else(|error| {
        eprintln!("passed through: {error}");
        text
    });
    Ok(std::io::stdout().write_all(&body)?)
}
