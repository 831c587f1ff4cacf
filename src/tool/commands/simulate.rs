//! In: a model, films, rules. Out: topic entropy and concentration over time, with and without rules: a table, JSON,
//! and a chart of each. Visitors are simulated in parallel; the figures do not depend on it. Each visitor lives both
//! lives from the same seed.

use crate::error::Result;
use crate::evaluate::plot::chart::{Chart, Series};
use crate::simulate::concentration::Concentration;
use crate::simulate::simulation::{Film, Life, Simulation};
use indicatif::{ProgressBar, ProgressStyle};
use ranklet::Ruleset;
use ranklet::{Candidate, Ranker};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A ceiling for every topic, and an exploration floor: what is compared with no rules at all.
const GUARDRAILS: &str = r#"[
  {"rule": "quota", "each": "anyTag", "most": 4, "top": 10, "name": "topic ceiling"},
  {"rule": "explore", "top": 10, "rate": 0.1, "least": 1, "pool": 100, "name": "exploration floor"}
]"#;
/// Windows in which concentration is measured.
const WINDOWS: usize = 40;

#[derive(clap::Args)]
pub struct Args {
    /// The model file
    #[arg(long, value_name = "FILE", default_value = "www/movies/movies.onnx")]
    model: PathBuf,
    /// Films with genres as JSON, as `ranklet catalogue` writes them
    #[arg(long, value_name = "FILE", default_value = "www/movies/films.json")]
    films: PathBuf,
    /// Rules to compare with none, as JSON [default: at most 4 of the top 10 of any tag; at least 1 of
    /// them drawn]
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Rankings that each visitor sees
    #[arg(long, default_value_t = 10_000)]
    steps: usize,
    /// Visitors
    #[arg(long, default_value_t = 50)]
    visitors: usize,
    /// Decides everything that is drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write topic-entropy.svg and topic-concentration.svg into this folder
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
}

/// What is read of a film.
#[derive(Deserialize)]
struct Listed {
    id: u64,
    title: String,
    year: Option<f32>,
    genres: Vec<String>,
    themes: Vec<String>,
    score: Option<f32>,
    popularity: Option<f32>,
}

/// What is simulated with and without.
struct Arm {
    name: &'static str,
    lives: Vec<Life>,
}

pub fn run(args: &Args) -> Result {
    if args.steps == 0 || args.visitors == 0 {
        return Err("--steps and --visitors must be 1 or more".into());
    }
    let model = std::fs::read(&args.model).map_err(|e| format!("{}: {e}", args.model.display()))?;
    let rules = match &args.rules {
        Some(file) => std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?,
        None => GUARDRAILS.to_string(),
    };
    for declared in Ruleset::from_json(&rules)?.declared() {
        declared.rule.as_ref().map_err(ToString::to_string)?;
    }
    let simulation = simulation(args)?;
    let bar = ProgressBar::new((2 * args.steps * args.visitors) as u64);
    bar.set_style(ProgressStyle::with_template("simulate {wide_bar} {pos} of {len} steps, {eta} left")?);
    let arms = [("without", "[]"), ("with", rules.as_str())];
    let arms: Vec<Arm> = arms
        .into_iter()
        .map(|(name, rules)| Ok(Arm { name, lives: lives(&simulation, &model, rules, args.visitors, &bar)? }))
        .collect::<Result<_, String>>()?;
    bar.finish_and_clear();
    print(&simulation, &arms, args.visitors);
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&document(&simulation, &arms, args, &rules)?)?;
        std::fs::write(file, text + "\n").map_err(|e| format!("{}: {e}", file.display()))?;
    }
    if let Some(folder) = &args.plot {
        plot(&simulation, &arms, folder)?;
    }
    Ok(())
}

fn simulation(args: &Args) -> Result<Simulation> {
    let text = std::fs::read_to_string(&args.films).map_err(|e| format!("{}: {e}", args.films.display()))?;
    let listed: Vec<Listed> =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", args.films.display()))?;
    let mut topics: Vec<String> = listed.iter().flat_map(|film| film.genres.iter().cloned()).collect();
    topics.sort_unstable();
    topics.dedup();
    let film = |film: Listed| {
        let topics = film.genres.iter().filter_map(|genre| topics.binary_search(genre).ok()).collect();
        let fields = [("year", film.year), ("popularity", film.popularity)];
        let candidate = Candidate {
            id: film.id.to_string(),
            title: film.title,
            tags: film.genres.into_iter().chain(film.themes).collect(),
            score: film.score,
            fields: fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
            ..Candidate::default()
        };
        Film { candidate, topics }
    };
    let films: Vec<Film> = listed.into_iter().filter(|film| !film.genres.is_empty()).map(film).collect();
    if films.is_empty() {
        return Err(format!("{}: no film has a genre", args.films.display()).into());
    }
    Ok(Simulation { films, topics, steps: args.steps, windows: WINDOWS.min(args.steps), seed: args.seed })
}

/// One life for each visitor, in parallel: a ranker holds one visitor, so each thread has its own.
fn lives(
    simulation: &Simulation,
    model: &[u8],
    rules: &str,
    visitors: usize,
    bar: &ProgressBar,
) -> Result<Vec<Life>, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(visitors);
    let next = AtomicUsize::new(0);
    let work = || -> ranklet::Result<Vec<(usize, Life)>> {
        let mut ranker = Ranker::load(model)?;
        let rules = Rc::new(Ruleset::from_json(rules)?);
        let mut lives = Vec::new();
        loop {
            let visitor = next.fetch_add(1, Ordering::Relaxed);
            if visitor >= visitors {
                return Ok(lives);
            }
            lives.push((visitor, simulation.live(&mut ranker, &rules, visitor as u64, || bar.inc(1))?));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in running {
            let lives = thread.join().map_err(|_| "a simulation thread stopped".to_string())?;
            all.extend(lives.map_err(|error| error.to_string())?);
        }
        Ok::<_, String>(all)
    })?;
    all.sort_by_key(|(visitor, _)| *visitor);
    Ok(all.into_iter().map(|(_, life)| life).collect())
}

/// A figure of a window.
type Figure = fn(&Concentration) -> f64;

const FIGURES: [(&str, Figure); 4] = [
    ("entropy", |window| window.entropy),
    ("hhi", |window| window.hhi),
    ("coverage", |window| window.coverage),
    ("clicks", |window| window.clicks),
];

/// Mean over visitors and its 95 % interval (normal) in a window.
fn mean(arm: &Arm, window: usize, figure: Figure) -> (f64, f64, f64) {
    let values: Vec<f64> = arm.lives.iter().filter_map(|life| life.windows.get(window)).map(figure).collect();
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let half = 1.96 * (variance / n).sqrt();
    (mean, mean - half, mean + half)
}

/// The steps of a window: the first, and the one after the last.
fn steps_of(simulation: &Simulation, window: usize) -> [usize; 2] {
    [window.checked_sub(1).map_or(0, |before| simulation.end(before)), simulation.end(window)]
}

fn print(simulation: &Simulation, arms: &[Arm], visitors: usize) {
    let last = simulation.steps - steps_of(simulation, simulation.windows - 1)[0];
    println!(
        "{visitors} visitors, {} steps each, {} films of {} topics; means of the first {} and the last {last} steps, 95 % intervals over visitors",
        simulation.steps,
        simulation.films.len(),
        simulation.topics.len(),
        simulation.end(0)
    );
    println!("{:<12}{:<9}{:<28}{:<28}", "rules", "steps", "topic entropy, bits", "topic HHI");
    let catalogue = simulation.catalogue();
    println!("{:<12}{:<9}{:<28.3}{:<28.4}", "(catalogue)", "", catalogue.entropy, catalogue.hhi);
    for arm in arms {
        for (name, window) in [("first", 0), ("last", simulation.windows - 1)] {
            let cell = |figure: Figure, digits: usize| {
                let (mean, low, high) = mean(arm, window, figure);
                format!("{mean:.digits$} [{low:.digits$}, {high:.digits$}]")
            };
            let (entropy, hhi) = (cell(FIGURES[0].1, 3), cell(FIGURES[1].1, 4));
            let share = |index: usize| mean(arm, window, FIGURES[index].1).0 * 100.0;
            println!(
                "{:<12}{name:<9}{entropy:<28}{hhi:<28}{:.1} % of films shown, {:.1} % clicked",
                arm.name,
                share(2),
                share(3)
            );
        }
    }
}

fn document(
    simulation: &Simulation,
    arms: &[Arm],
    args: &Args,
    rules: &str,
) -> Result<Value, serde_json::Error> {
    let arm = |arm: &Arm| {
        let window = |window: usize| {
            let figure = |(name, figure): (&str, Figure)| {
                let (mean, lo, hi) = mean(arm, window, figure);
                (name.to_string(), json!({"mean": mean, "lo": lo, "hi": hi}))
            };
            let mut row: serde_json::Map<String, Value> = FIGURES.into_iter().map(figure).collect();
            row.insert("steps".into(), json!(steps_of(simulation, window)));
            Value::Object(row)
        };
        json!({"guardrails": arm.name, "windows": (0..simulation.windows).map(window).collect::<Vec<_>>()})
    };
    Ok(json!({
        "visitors": args.visitors, "steps": args.steps, "seed": args.seed, "films": simulation.films.len(),
        "topics": simulation.topics, "rules": serde_json::from_str::<Value>(rules)?,
        "catalogue": simulation.catalogue(), "arms": arms.iter().map(arm).collect::<Vec<_>>(),
    }))
}

fn plot(simulation: &Simulation, arms: &[Arm], folder: &Path) -> Result {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (index, file, title, label) in [
        (0, "topic-entropy", "Topic entropy of what is shown", "bits"),
        (1, "topic-concentration", "Topic concentration of what is shown", "HHI"),
    ] {
        let (_, figure) = FIGURES[index];
        let catalogue = figure(&simulation.catalogue());
        let ends = [simulation.end(0), simulation.steps].map(|step| (step as f64, catalogue));
        let mut series = vec![Series {
            name: "whole catalogue".into(),
            points: ends.to_vec(),
            band: None,
            reference: true,
        }];
        for arm in arms {
            let at = |window: usize| simulation.end(window) as f64;
            let rows: Vec<_> =
                (0..simulation.windows).map(|window| (at(window), mean(arm, window, figure))).collect();
            series.push(Series {
                name: format!("{} guardrails", arm.name),
                points: rows.iter().map(|(x, (mean, ..))| (*x, *mean)).collect(),
                band: Some(rows.iter().map(|(_, (_, low, high))| (*low, *high)).collect()),
                reference: false,
            });
        }
        let (x_label, y_label) = ("rankings seen by each visitor".to_string(), label.to_string());
        let svg = Chart { title: title.to_string(), x_label, y_label, series }.svg();
        let path = folder.join(file).with_extension("svg");
        std::fs::write(&path, svg).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}
