//! In: a model, a folder of ratings. Out: metrics by feedback size, as a table, JSON, plots, predictions.
//! The student is scored by the ranker that the wasm runs; baselines by their formulas; a teacher, where
//! one is asked for, by the members it was trained as. Must never look at test users unless asked to.

mod controls;
mod curves;
mod methods;
mod report;
mod teacher;

use super::serve::{self, Space};
use super::{Outcome, source};
use crate::import::Gathered;
use crate::logs::SplitBy;
use crate::replay::{FEEDBACK_SIZES, Protocol, Split, predictions};
use indicatif::{ProgressBar, ProgressStyle};
use methods::{Method, STUDENT, STUDENT_F32};
use ranklet::rank::Ranker;
use report::Report;
use serde_json::Value;
use std::path::{Path, PathBuf};
use teacher::Teacher;

#[derive(clap::Args)]
pub struct Args {
    /// The model file
    #[arg(long, value_name = "FILE", default_value = "www/movies/movies.onnx")]
    model: PathBuf,
    /// The same model before rounding [default: NAME-f32.onnx beside NAME.onnx, if there is one]
    #[arg(long, value_name = "FILE")]
    f32: Option<PathBuf>,
    #[command(flatten)]
    source: source::SourceArgs,
    /// Which users: val while building, test once a release
    #[arg(long, default_value = "val", value_parser = ["val", "test"])]
    split: String,
    /// Leave out the teacher, which is trained anew from the data's train users (2 to 4 minutes)
    #[arg(long)]
    no_teacher: bool,
    /// Share of the teacher's steps to take: above 0; less is a quick look
    #[arg(long, default_value_t = 1.0)]
    effort: f64,
    /// Write predictions as {protocol}-{split}-{method}.jsonl for other scorers
    #[arg(long, value_name = "DIR")]
    dump: Option<PathBuf>,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the curves over feedback and the reliability of probabilities, as SVG
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

pub fn run(args: &Args) -> Outcome {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    let source = source::read(&args.source, SplitBy::User)?;
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let mut student = load(&args.model)?;
    let whole = args.f32.clone().or_else(|| beside(&args.model));
    let mut whole = whole.as_deref().map(load).transpose()?;
    let (served, space) = serve::served(histories, catalogue, &mut student)?;
    println!("vectors: {}", told(space));
    let split = if args.split == "test" { Split::Test } else { Split::Validation };
    let teacher = Teacher::train(args, histories, catalogue)?;
    let dataset = source.name();
    let mut documents = Vec::new();
    for protocol in [Protocol::V1, Protocol::V2] {
        let visits = protocol.visits(histories, split);
        if visits.is_empty() {
            println!("protocol {}: no user has a list", protocol.number());
            continue;
        }
        let tuning = protocol.visits(histories, Split::Validation);
        let mut found = methods::baselines(&visits, &tuning, &served.stats);
        found.extend(teacher.method(protocol, &visits, &tuning, catalogue)?);
        for (name, ranker) in [(STUDENT_F32, whole.as_mut()), (STUDENT, Some(&mut student))] {
            let Some(ranker) = ranker else { continue };
            let replayer = super::replayed::Replayer { ranker, catalogue, served: &served };
            found.push(replayed(name, protocol, &visits, replayer)?);
        }
        if let Some(folder) = &args.dump {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            for method in &found {
                let path = predictions::path(folder, protocol, split, method.name);
                predictions::write(&path, method.answers.scored(protocol))?;
            }
        }
        let replayer = super::replayed::Replayer { ranker: &mut student, catalogue, served: &served };
        let controls = controls::run(protocol, &visits, replayer)?;
        let report = Report::of(protocol, split, &visits, &found, controls)?;
        report.print();
        documents.push(report.document(&dataset));
        if let Some(folder) = &args.plots {
            curves::draw(folder, &report, &found, &visits)?;
        }
    }
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&Value::Array(documents))?;
        std::fs::write(file, text + "\n").map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

fn load(path: &Path) -> Outcome<Ranker> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(Ranker::load(&bytes)?)
}

/// `movies-f32.onnx` beside `movies.onnx`.
fn beside(model: &Path) -> Option<PathBuf> {
    let name = model.file_name()?.to_str()?.strip_suffix(".onnx")?;
    Some(model.with_file_name(format!("{name}-f32.onnx"))).filter(|path| path.is_file())
}

fn told(space: Space) -> &'static str {
    match space {
        Space::None => "the model reads none",
        Space::Same => "those that the model was trained with, learnt again from this data",
        Space::Turned => {
            "learnt from this data's own train users and turned onto the model's space (another basis than its own)"
        }
    }
}

/// Lists of this many users, with a bar.
fn progress(name: &str, users: usize) -> ProgressBar {
    let template = format!("{name:<13} {{bar:32}} {{pos}}/{{len}} users, {{eta}} left");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(users as u64).with_style(style)
}

fn replayed(
    name: &'static str,
    protocol: Protocol,
    visits: &[crate::replay::Visit],
    mut replayer: super::replayed::Replayer,
) -> Outcome<Method> {
    let bar = progress(name, visits.len());
    let answers = replayer.predict(protocol, visits, &FEEDBACK_SIZES, || bar.inc(1))?;
    bar.finish_and_clear();
    Ok(Method { name, fixed: false, answers })
}
