//! In: a model, a folder of ratings. Out: metrics by feedback size, as a table, JSON, plots, predictions.
//! The student is scored by the ranker that the wasm runs; baselines by their formulas; a teacher, where
//! one is asked for, by the members it was trained as. Test users are evaluated only when asked for.

use crate::commands::source;
use crate::data::catalogue::Catalogue;
use crate::data::gather::Gathered;
use crate::data::logs::split::SplitBy;
use crate::data::served::Served;
use crate::data::split::Split;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::evaluate::methods::{self, Method, STUDENT, STUDENT_F32};
use crate::evaluate::predictions;
use crate::evaluate::protocol::{FEEDBACK_SIZES, Protocol};
use crate::evaluate::replay::Replayer;
use crate::evaluate::report::Report;
use crate::evaluate::serve::{self, Space};
use crate::evaluate::teacher::TrainedTeacher;
use crate::evaluate::{controls, curves};
use crate::progress;
use ranklet::Ranker;
use serde_json::Value;
use std::path::{Path, PathBuf};

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

/// What is evaluated, and on what.
struct Subjects<'a> {
    catalogue: &'a Catalogue,
    served: Served,
    student: Ranker,
    /// The student before rounding, if there is one.
    whole: Option<Ranker>,
    teacher: Option<TrainedTeacher>,
}

pub fn run(args: &Args) -> Result {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    let source = source::read(&args.source, SplitBy::User)?;
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let mut student = load(&args.model)?;
    let whole = args.f32.clone().or_else(|| beside(&args.model));
    let whole = whole.as_deref().map(load).transpose()?;
    let (served, space) = serve::served(histories, catalogue, &mut student)?;
    println!("vectors: {}", told(space));
    let split: Split = args.split.parse()?;
    let teacher =
        if args.no_teacher { None } else { Some(TrainedTeacher::train(args.effort, histories, catalogue)?) };
    let mut subjects = Subjects { catalogue, served, student, whole, teacher };
    let mut documents = Vec::new();
    for protocol in [Protocol::V1, Protocol::V2] {
        let visits = protocol.visits(histories, split);
        if visits.is_empty() {
            println!("protocol {}: no user has a list", protocol.number());
            continue;
        }
        let tuning = protocol.visits(histories, Split::Validation);
        let methods = subjects.methods(protocol, &visits, &tuning)?;
        if let Some(folder) = &args.dump {
            dump(folder, protocol, split, &methods)?;
        }
        let controls = controls::run(protocol, &visits, subjects.replayer())?;
        let report = Report::of(protocol, split, &visits, &methods, controls)?;
        report.print();
        documents.push(report.document(&source.name()));
        if let Some(folder) = &args.plots {
            curves::draw(folder, &report, &methods, &visits)?;
        }
    }
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&Value::Array(documents))?;
        std::fs::write(file, text + "\n").map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

impl Subjects<'_> {
    fn replayer(&mut self) -> Replayer<'_> {
        Replayer { ranker: &mut self.student, catalogue: self.catalogue, served: &self.served }
    }

    /// What every method says of the visits; what is to be fitted is fitted on `tuning`.
    fn methods(&mut self, protocol: Protocol, visits: &[Visit], tuning: &[Visit]) -> Result<Vec<Method>> {
        let mut methods = methods::baselines(visits, tuning, &self.served.stats);
        if let Some(teacher) = &self.teacher {
            methods.extend(teacher.method(protocol, visits, tuning, self.catalogue)?);
        }
        if let Some(ranker) = &mut self.whole {
            let replayer = Replayer { ranker, catalogue: self.catalogue, served: &self.served };
            methods.push(replayed(STUDENT_F32, protocol, visits, replayer)?);
        }
        methods.push(replayed(STUDENT, protocol, visits, self.replayer())?);
        Ok(methods)
    }
}

/// Writes each method's predictions into a folder.
fn dump(folder: &Path, protocol: Protocol, split: Split, methods: &[Method]) -> Result {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for method in methods {
        let path = predictions::path(folder, protocol, split, method.name);
        predictions::write(&path, method.answers.scored(protocol))?;
    }
    Ok(())
}

fn replayed(
    name: &'static str,
    protocol: Protocol,
    visits: &[Visit],
    mut replayer: Replayer,
) -> Result<Method> {
    let bar = progress::users(name, visits.len());
    let answers = replayer.predict(protocol, visits, &FEEDBACK_SIZES, || bar.inc(1))?;
    bar.finish_and_clear();
    Ok(Method { name, fixed: false, answers })
}

fn load(path: &Path) -> Result<Ranker> {
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
