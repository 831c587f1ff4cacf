//! In: a model, a folder of ratings. Out: metrics by feedback size, as a table, JSON and predictions.
//! The student is scored by the ranker that the wasm runs; baselines by their formulas.
//! Must never look at test users unless asked to.

use super::replayed::{Replayer, head_name};
use super::{Outcome, find};
use crate::data::Catalogue;
use crate::rank::Ranker;
use crate::replay::bootstrap::Bootstrap;
use crate::replay::predictions::{self, Prediction};
use crate::replay::score::{Measure, Metric, Scorecard, Subset, score};
use crate::replay::stats::Stats;
use crate::replay::{FEEDBACK_SIZES, Histories, Protocol, Split, Visit, hash};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The model file
    #[arg(long, value_name = "FILE", default_value = "www/movies/movies.onnx")]
    model: PathBuf,
    /// Folder with ratings.csv, movies.csv and tags.csv [default: the official ml-latest-small]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Which users: val while building, test once a release
    #[arg(long, default_value = "val", value_parser = ["val", "test"])]
    split: String,
    /// Write predictions as {protocol}-{split}-{method}.jsonl for other scorers
    #[arg(long, value_name = "DIR")]
    dump: Option<PathBuf>,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

const STUDENT: &str = "student_int8";
const SERVER: &str = "server";

/// Methods with their predictions, baselines first.
type Predictions = Vec<(&'static str, Vec<Prediction>)>;
/// Scorecards of one method by feedback size.
type Cards = BTreeMap<usize, Scorecard>;

pub fn run(args: &Args) -> Outcome {
    let folder = find::data(args.data.as_deref())?;
    let bytes = std::fs::read(&args.model).map_err(|e| format!("{}: {e}", args.model.display()))?;
    let mut ranker = Ranker::load(&bytes)?;
    let histories = Histories::read(&folder)?;
    let catalogue = Catalogue::read(&folder)?;
    let (served, _) = super::serve::served(&histories, &catalogue, &mut ranker)?;
    let split = if args.split == "test" { Split::Test } else { Split::Validation };
    let mut documents = Vec::new();
    for protocol in [Protocol::V1, Protocol::V2] {
        let visits = protocol.visits(&histories, split);
        if visits.is_empty() {
            println!("protocol {}: no user has a list", protocol.number());
            continue;
        }
        let mut replayer = Replayer { ranker: &mut ranker, catalogue: &catalogue, served: &served };
        let methods = predict(protocol, &visits, &served.stats, &mut replayer)?;
        if let Some(folder) = &args.dump {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            for (method, predicted) in &methods {
                predictions::write(&predictions::path(folder, protocol, split, method), predicted)?;
            }
        }
        let cards = methods
            .iter()
            .map(|(method, predicted)| Ok((*method, score(protocol, &visits, predicted)?)))
            .collect::<Result<Vec<(&str, Cards)>, crate::replay::Error>>()?;
        documents.push(report(protocol, split, &visits, &cards));
    }
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&Value::Array(documents))?;
        std::fs::write(file, text + "\n").map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

fn predict(
    protocol: Protocol,
    visits: &[Visit],
    stats: &Stats,
    replayer: &mut Replayer,
) -> Result<Predictions, Box<dyn std::error::Error>> {
    let fixed = |score: &dyn Fn(u64, u64) -> f64| {
        predictions::predict(visits, &FEEDBACK_SIZES, false, |visit, _, c| score(visit.user, c.item))
    };
    let style = ProgressStyle::with_template("replay {bar:32} {pos}/{len} users, {eta} left")?;
    let bar = ProgressBar::new(visits.len() as u64).with_style(style);
    let student = replayer.predict(protocol, visits, &FEEDBACK_SIZES, || bar.inc(1))?;
    bar.finish_and_clear();
    Ok(vec![
        ("random", fixed(&|user, item| -(hash::tie(user, item) as f64) / 2f64.powi(64))),
        ("popularity", fixed(&|_, item| f64::from(stats.popularity(item)))),
        (SERVER, fixed(&|_, item| stats.server_score(item))),
        (STUDENT, student),
    ])
}

fn report(protocol: Protocol, split: Split, visits: &[Visit], cards: &[(&str, Cards)]) -> Value {
    let candidates: usize = visits.iter().map(|visit| visit.candidates.len()).sum();
    println!(
        "\nprotocol {} ({split}): {} users, {candidates} candidates; the student's head is `{}`; 95 % intervals over users",
        protocol.number(),
        visits.len(),
        head_name(protocol)
    );
    println!(
        "{:<14}{:>3}  {:<24}{:<24}{:<8}{:<8}{:<24}",
        "method", "k", "NDCG@10", "GAUC", "warm", "cold", "LogLoss"
    );
    let bootstrap = Bootstrap::new(visits.len());
    let mut rows = Vec::new();
    for (method, by_k) in cards {
        for (&k, card) in by_k {
            // A method that ignores feedback is the same at every k: one line is enough.
            if *method == STUDENT || k == 0 {
                println!("{}", line(method, k, card, &bootstrap));
            }
            rows.push(row(method, k, card, &bootstrap));
        }
    }
    let paired = paired(cards, &bootstrap);
    json!({
        "dataset": "ml-latest-small", "protocol": protocol.number(), "split": split.to_string(),
        "users": visits.len(), "candidates": candidates, "rows": rows, "paired": paired,
    })
}

const NDCG: Measure = Measure { metric: Metric::Ndcg, subset: Subset::All };
const GAUC: Measure = Measure { metric: Metric::Gauc, subset: Subset::All };
const LOSS: Measure = Measure { metric: Metric::LogLoss, subset: Subset::All };

fn line(method: &str, k: usize, card: &Scorecard, bootstrap: &Bootstrap) -> String {
    let cell = |measure: Measure| {
        let estimate = card.columns.get(&measure).and_then(|column| bootstrap.estimate(column));
        estimate.map_or("–".into(), |e| format!("{:.4} [{:.4}, {:.4}]", e.mean, e.lo, e.hi))
    };
    let mean = |subset| card.mean(Metric::Gauc, subset).map_or("–".into(), |mean| format!("{mean:.3}"));
    format!(
        "{method:<14}{k:>3}  {:<24}{:<24}{:<8}{:<8}{:<24}",
        cell(NDCG),
        cell(GAUC),
        mean(Subset::Warm),
        mean(Subset::Cold),
        cell(LOSS)
    )
}

fn row(method: &str, k: usize, card: &Scorecard, bootstrap: &Bootstrap) -> Value {
    let estimate = |measure: Measure| {
        let estimate = card.columns.get(&measure).and_then(|column| bootstrap.estimate(column));
        estimate.map_or(Value::Null, |e| json!({"mean": e.mean, "lo": e.lo, "hi": e.hi}))
    };
    json!({
        "method": method, "k": k,
        "ndcg10": estimate(NDCG), "gauc": estimate(GAUC), "logloss": estimate(LOSS),
        "gauc_warm": card.mean(Metric::Gauc, Subset::Warm), "gauc_cold": card.mean(Metric::Gauc, Subset::Cold),
        "ece": card.ece,
    })
}

/// The student against the server at each k, and against itself before any feedback.
fn paired(cards: &[(&str, Cards)], bootstrap: &Bootstrap) -> Vec<Value> {
    let of = |name: &str| cards.iter().find(|(method, _)| *method == name).map(|(_, cards)| cards);
    let (Some(student), Some(server)) = (of(STUDENT), of(SERVER)) else { return Vec::new() };
    let mut rows = Vec::new();
    println!("\nstudent minus …  k  NDCG@10                     GAUC");
    for (&k, card) in student {
        let rivals = [("server", server.get(&k)), ("student at k = 0", student.get(&0).filter(|_| k > 0))];
        for (name, rival) in rivals {
            let Some(rival) = rival else { continue };
            let mut cells = Vec::new();
            for (label, measure) in [("ndcg10", NDCG), ("gauc", GAUC)] {
                let columns = card.columns.get(&measure).zip(rival.columns.get(&measure));
                let Some(d) = columns.and_then(|(a, b)| bootstrap.difference(a, b)) else { continue };
                let mark = if d.significant() { "*" } else { " " };
                cells.push(format!("{:+.4} [{:+.4}, {:+.4}]{mark}", d.diff, d.lo, d.hi));
                rows.push(json!({"a": STUDENT, "b": name, "k": k, "metric": label, "diff": d.diff, "lo": d.lo, "hi": d.hi}));
            }
            println!("{name:<17}{k:>2}  {}", cells.join("  "));
        }
    }
    println!("(* the interval excludes 0)");
    rows
}
