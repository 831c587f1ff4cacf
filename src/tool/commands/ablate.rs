//! In: a folder of ratings. Out: what each part of the student is worth, as a table, Markdown and JSON. Trains the
//! recommended student and its variants on the same lists, and replays validation users: choices are made here, so
//! that test users are not looked at.

use crate::commands::source;
use crate::data::catalogue::Catalogue;
use crate::data::gather::Gathered;
use crate::data::logs::split::SplitBy;
use crate::data::split::Split;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::evaluate::answers::{Answers, Cards, labelled};
use crate::evaluate::bootstrap::Bootstrap;
use crate::evaluate::protocol::Protocol;
use crate::evaluate::score::{Measure, Metric, Subset};
use crate::train::ablation::{
    TeacherScores, Variant, lend_scores, scores, teacher_scores, tensors_key, variants,
};
use crate::train::calibrate;
use crate::train::pipeline::{Pipeline, Settings};
use crate::train::predict::Predictor;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: source::SourceArgs,
    /// Only these variants, by their keys; the recipe is always trained
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    only: Vec<String>,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of the recipe's steps to take: above 0; less is a quick look
    #[arg(long, default_value_t = 1.0)]
    effort: f64,
    /// Write the table as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Feedback sizes that are replayed.
const SIZES: [usize; 3] = [0, 10, 20];
const NDCG: Measure = Measure { metric: Metric::Ndcg, subset: Subset::All };
const GAUC: Measure = Measure { metric: Metric::Gauc, subset: Subset::All };
const COLD: Measure = Measure { metric: Metric::Gauc, subset: Subset::Cold };
const LOSS: Measure = Measure { metric: Metric::LogLoss, subset: Subset::All };

/// A variant's scorecards, the second protocol's first.
type Results = Vec<(&'static str, &'static str, [Cards; 2])>;

pub fn run(args: &Args) -> Result {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    let recipe = Settings::new("ablation", args.seed, args.effort, true);
    let chosen = chosen(&recipe, &args.only)?;
    let source = source::read(&args.source, SplitBy::User)?;
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let visits = [Protocol::V2, Protocol::V1].map(|protocol| protocol.visits(histories, Split::Validation));
    if visits.iter().any(Vec::is_empty) {
        return Err("too few ratings: no validation user has a list".into());
    }
    let mut pipeline = Pipeline::prepare(histories, catalogue, &recipe, true)?;
    let taught = teacher_scores(&pipeline);
    let mut key = tensors_key(&recipe);
    let mut results: Results = Vec::new();
    for variant in &chosen {
        if tensors_key(&variant.settings) != key {
            key = tensors_key(&variant.settings);
            let untaught = Settings { distil: false, ..variant.settings.clone() };
            pipeline = Pipeline::prepare(histories, catalogue, &untaught, true)?;
            if !lend_scores(&mut pipeline, &taught) {
                return Err("another width or history gave other lists than the teacher knows".into());
            }
        }
        let cards = examined(&mut pipeline, &taught, variant, catalogue, &visits)?;
        eprintln!("{}: {}", variant.key, line(&cards));
        results.push((variant.key, variant.name, cards));
        // After each variant: a run of an hour that is broken off has something to show.
        save(args, &results, &visits)?;
    }
    println!("{}", table(&results, &visits));
    Ok(())
}

fn save(args: &Args, results: &Results, visits: &[Vec<Visit>; 2]) -> Result {
    let write = |path: &PathBuf, text: &str| {
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    if let Some(path) = &args.markdown {
        write(path, &table(results, visits))?;
    }
    if let Some(path) = &args.json {
        write(path, &(serde_json::to_string_pretty(&document(results))? + "\n"))?;
    }
    Ok(())
}

/// The recipe and the variants that were asked for, those with the same tensors together.
fn chosen(recipe: &Settings, only: &[String]) -> Result<Vec<Variant>> {
    let all = variants(recipe);
    if let Some(unknown) = only.iter().find(|key| !all.iter().any(|variant| variant.key == key.as_str())) {
        let keys: Vec<&str> = all.iter().map(|variant| variant.key).collect();
        return Err(format!("--only {unknown}: the variants are {}", keys.join(", ")).into());
    }
    let wanted = |variant: &Variant| {
        only.is_empty() || variant.key == "recipe" || only.iter().any(|key| key == variant.key)
    };
    let mut chosen: Vec<Variant> = all.into_iter().filter(wanted).collect();
    let own = tensors_key(recipe);
    chosen.sort_by_key(|variant| {
        let key = tensors_key(&variant.settings);
        (key != own, key)
    });
    Ok(chosen)
}

/// Trains a variant and replays the validation users.
fn examined(
    pipeline: &mut Pipeline,
    taught: &TeacherScores,
    variant: &Variant,
    catalogue: &Catalogue,
    visits: &[Vec<Visit>; 2],
) -> Result<[Cards; 2]> {
    let settings = &variant.settings;
    if settings.distil {
        lend_scores(pipeline, taught);
    } else {
        lend_scores(pipeline, &vec![None; taught.len()]);
    }
    let model = pipeline.student(settings)?;
    let shown = pipeline.shown(settings.hidden)?;
    let predictor = Predictor { pipeline, catalogue, settings };
    let cards = |protocol: Protocol, visits: &[Visit]| -> Result<Cards> {
        let score = |list: &_| scores(&model, shown.as_ref(), list);
        let outputs = predictor.outputs(protocol.task(), visits, &SIZES, score, || ())?;
        // As in training, probabilities are fitted on these very users.
        let platt = calibrate::platt(&labelled(visits, &outputs));
        Ok(Answers::calibrated(visits, &SIZES, &outputs, platt).cards(protocol, visits)?)
    };
    Ok([cards(Protocol::V2, &visits[0])?, cards(Protocol::V1, &visits[1])?])
}

fn mean(cards: &Cards, k: usize, measure: Measure) -> f64 {
    cards.get(&k).and_then(|card| card.mean(measure.metric, measure.subset)).unwrap_or(f64::NAN)
}

fn line([second, first]: &[Cards; 2]) -> String {
    format!(
        "v2 GAUC {:.4} → {:.4}, v1 GAUC {:.4} → {:.4}",
        mean(second, 0, GAUC),
        mean(second, 20, GAUC),
        mean(first, 0, GAUC),
        mean(first, 20, GAUC)
    )
}

/// Markdown: figures by variant, with the difference to the recipe paired by user.
fn table(results: &Results, visits: &[Vec<Visit>; 2]) -> String {
    let bootstraps = [Bootstrap::new(visits[0].len()), Bootstrap::new(visits[1].len())];
    let mut text = String::from(
        "| student | v2 NDCG@10, k = 0 | k = 10 | k = 20 | v2 GAUC, k = 0 | k = 20 | cold | to the recipe, k = 20 | v1 NDCG@10, k = 0 | v1 GAUC, k = 20 | to the recipe | v1 LogLoss |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let recipe = results.iter().find(|(key, ..)| *key == "recipe");
    for (key, name, [second, first]) in results {
        let against = |which: usize| {
            let own = [second, first][which].get(&20).and_then(|card| card.columns.get(&GAUC));
            let other = recipe.and_then(|(.., cards)| cards[which].get(&20)?.columns.get(&GAUC));
            let (own, other) = own.zip(other).filter(|_| *key != "recipe")?;
            let d = bootstraps[which].difference(own, other)?;
            Some(format!("{:+.3} [{:+.3}, {:+.3}]", d.diff, d.lo, d.hi))
        };
        let cell = |which| against(which).unwrap_or_else(|| "–".into());
        // Formatting into a String cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {} | {:.3} | {:.3} | {} | {:.3} |",
            mean(second, 0, NDCG),
            mean(second, 10, NDCG),
            mean(second, 20, NDCG),
            mean(second, 0, GAUC),
            mean(second, 20, GAUC),
            mean(second, 20, COLD),
            cell(0),
            mean(first, 0, NDCG),
            mean(first, 20, GAUC),
            cell(1),
            mean(first, 20, LOSS)
        );
    }
    text
}

fn document(results: &Results) -> Value {
    let rows = results.iter().flat_map(|(key, name, cards)| {
        let by_protocol = [2, 1].into_iter().zip(cards);
        by_protocol.flat_map(move |(protocol, cards)| {
            cards.keys().map(move |&k| {
                json!({"method": key, "what": name, "protocol": protocol, "k": k,
                    "ndcg10": mean(cards, k, NDCG), "gauc": mean(cards, k, GAUC),
                    "gauc_cold": mean(cards, k, COLD), "logloss": mean(cards, k, LOSS)})
            })
        })
    });
    Value::Array(rows.collect())
}
