//! In: a folder of ratings. Out: what each part of the student is worth, as a table, Markdown and JSON.
//! Trains the recipe's student and its variants on the same lists, and replays validation users.
//! Must never look at a test user: choices are made here.

use super::replayed::{Answers, Cards};
use super::train::settings;
use super::{Outcome, source};
use crate::catalogue::Catalogue;
use crate::import::Gathered;
use crate::logs::SplitBy;
use crate::replay::bootstrap::Bootstrap;
use crate::replay::score::{Measure, Metric, Subset};
use crate::replay::{Protocol, Split, Visit, calibrate};
use crate::train::ablation::{Variant, scores, variants};
use crate::train::course::{Course, Settings};
use crate::train::trial::outputs;
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

pub fn run(args: &Args) -> Outcome {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    let recipe = settings("ablation", args.seed, args.effort, true);
    let chosen = chosen(&recipe, &args.only)?;
    let source = source::read(&args.source, SplitBy::User)?;
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let visits = [Protocol::V2, Protocol::V1].map(|protocol| protocol.visits(histories, Split::Validation));
    if visits.iter().any(Vec::is_empty) {
        return Err("too few ratings: no validation user has a list".into());
    }
    let mut course = Course::prepare(histories, catalogue, &recipe, true)?;
    let lessons = course.lessons();
    let mut key = recipe.pages_key();
    let mut results: Results = Vec::new();
    for variant in &chosen {
        if variant.settings.pages_key() != key {
            key = variant.settings.pages_key();
            let untaught = Settings { distil: false, ..variant.settings.clone() };
            course = Course::prepare(histories, catalogue, &untaught, true)?;
            if !course.learn_from(&lessons) {
                return Err("another width or history gave other lists than the teacher knows".into());
            }
        }
        let cards = examined(&mut course, &lessons, variant, catalogue, &visits)?;
        eprintln!("{}: {}", variant.key, line(&cards));
        results.push((variant.key, variant.name, cards));
        // After each variant: a run of an hour that is broken off has something to show.
        save(args, &results, &visits)?;
    }
    println!("{}", table(&results, &visits));
    Ok(())
}

fn save(args: &Args, results: &Results, visits: &[Vec<Visit>; 2]) -> Outcome {
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

/// The recipe and the variants that were asked for, those with the same pages together.
fn chosen(recipe: &Settings, only: &[String]) -> Outcome<Vec<Variant>> {
    let all = variants(recipe);
    if let Some(unknown) = only.iter().find(|key| !all.iter().any(|variant| variant.key == key.as_str())) {
        let keys: Vec<&str> = all.iter().map(|variant| variant.key).collect();
        return Err(format!("--only {unknown}: the variants are {}", keys.join(", ")).into());
    }
    let wanted = |variant: &Variant| {
        only.is_empty() || variant.key == "recipe" || only.iter().any(|key| key == variant.key)
    };
    let mut chosen: Vec<Variant> = all.into_iter().filter(wanted).collect();
    let own = recipe.pages_key();
    chosen.sort_by_key(|variant| {
        let key = variant.settings.pages_key();
        (key != own, key)
    });
    Ok(chosen)
}

fn examined(
    course: &mut Course,
    lessons: &[Option<Vec<f32>>],
    variant: &Variant,
    catalogue: &Catalogue,
    visits: &[Vec<Visit>; 2],
) -> Outcome<[Cards; 2]> {
    let settings = &variant.settings;
    if settings.distil {
        course.learn_from(lessons);
    } else {
        course.learn_from(&vec![None; lessons.len()]);
    }
    let model = course.student(settings)?;
    let shown = course.shown(settings.hidden)?;
    let cards = |protocol: Protocol, visits: &[Visit]| -> Outcome<Cards> {
        let said = outputs(
            (course, catalogue, settings),
            (protocol, visits, &SIZES),
            |page| scores(&model, shown.as_ref(), protocol, page),
            || (),
        )?;
        // As in training, probabilities are fitted on these very users.
        let mut rows = Vec::new();
        for (visit, by_size) in visits.iter().zip(&said) {
            for scores in by_size {
                rows.extend(scores.iter().copied().zip(visit.candidates.iter().map(|c| c.relevant())));
            }
        }
        let platt = calibrate::platt(&rows);
        let mut answers = Answers::default();
        for (visit, by_size) in visits.iter().zip(&said) {
            for (&k, scores) in SIZES.iter().zip(by_size) {
                let probabilities: Vec<f32> = scores.iter().map(|&score| platt.probability(score)).collect();
                answers.push(visit, k, scores, &probabilities);
            }
        }
        Ok(answers.cards(protocol, visits)?)
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
