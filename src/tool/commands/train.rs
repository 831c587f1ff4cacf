//! In: a folder of ratings or a log. Out: a trained model file, checked by loading it as a browser would: what does not
//! load is not written. Reads, trains teacher and student, rounds, calibrates on validation users, exports, and prints
//! what it reached there.

use crate::commands::source;
use crate::data::catalogue::FIELDS;
use crate::data::gather::Gathered;
use crate::data::logs::split::SplitBy;
use crate::data::split::Split;
use crate::data::stats::LOG_WEIGHT;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::evaluate::protocol::Protocol;
use crate::evaluate::replay::Replayer;
use crate::evaluate::score::{Metric, Subset};
use crate::train::calibrate;
use crate::train::examples::{Example, ExampleBuilder};
use crate::train::export::{self, Sample};
use crate::train::manifest::TOKENS;
use crate::train::model::heads::Model;
use crate::train::pipeline::{Pipeline, Settings};
use crate::train::prune;
use crate::train::quantise;
use ranklet::Ranker;
use ranklet::internals::model::{Bundle, Manifest};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: source::SourceArgs,
    /// What may be learnt from: `user`, all that happened; a time, what happened before it; of two times,
    /// what happened before the first. Of users, 70 in 100 train and 10 validate, by a hash of the id
    #[arg(long, default_value = "user", value_name = "RULE")]
    split_at: SplitBy,
    /// The ONNX file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write the model before rounding, for `evaluate --f32`
    #[arg(long, value_name = "FILE")]
    out_f32: Option<PathBuf>,
    /// Also write the items' vectors as a server would send them, one JSON object a line
    #[arg(long, value_name = "FILE")]
    out_vectors: Option<PathBuf>,
    /// The model's name in its manifest
    #[arg(long, default_value = "movies")]
    name: String,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of the recipe's steps to take: above 0; less is a quick look
    #[arg(long, default_value_t = 1.0)]
    effort: f64,
    /// Share of the hidden units to cut after training, from 0 to below 1: a smaller, faster model
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    prune: f64,
    /// Train on labels alone, without a teacher
    #[arg(long)]
    no_teacher: bool,
    /// Train nothing: take the layers of a model that `--out-f32` wrote from the same data, and round and
    /// calibrate them anew
    #[arg(long, value_name = "FILE", conflicts_with_all = ["no_teacher", "prune", "effort"])]
    from: Option<PathBuf>,
}

/// Of so many lists one is an example for rounding.
const STRIDE: usize = 7;
/// Feedback sizes of the examples for rounding, in turn.
const ROUNDING_SIZES: [usize; 4] = [0, 3, 10, 20];
/// The example of which golden vectors are made.
const GOLDEN: usize = 2;
/// Feedback sizes at which probabilities are fitted.
const FITTED: [usize; 3] = [0, 5, 20];
/// Feedback sizes whose figures are printed.
const PRINTED: [usize; 3] = [0, 10, 20];

pub fn run(args: &Args) -> Result {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    if !(0.0..1.0).contains(&args.prune) {
        return Err("--prune must be from 0 to below 1".into());
    }
    let source = source::read(&args.source, args.split_at)?;
    let started = Instant::now();
    let distil = !args.no_teacher && args.from.is_none();
    let settings =
        Settings { prune: args.prune, ..Settings::new(&args.name, args.seed, args.effort, distil) };
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let pipeline = Pipeline::prepare(histories, catalogue, &settings, true)?;
    let (model, card) = model(args, &source, &pipeline, &settings)?;
    tell(args, &model, pipeline.list_count, started);
    let (rounded, sample) = rounded(&model, &pipeline, &settings, &source.gathered)?;
    let finish = Finish { pipeline: &pipeline, gathered: &source.gathered, sample };
    let mut manifest = Manifest { card, ..pipeline.manifest.clone() };
    let drafts = [finish.export(&model, &manifest, true)?, finish.export(&rounded, &manifest, false)?];
    let whole = finish.calibrate(&mut manifest.clone(), &drafts[0])?;
    let reached = finish.calibrate(&mut manifest, &drafts[1])?;
    eprintln!("validation, f32:  {whole}\nvalidation, int8: {reached}");
    let bytes = finish.export(&rounded, &manifest, false)?;
    Ranker::load(&bytes)?;
    save(&args.out, &bytes)?;
    if let Some(out) = &args.out_f32 {
        save(out, &finish.export(&model, &manifest, true)?)?;
    }
    if let Some(out) = &args.out_vectors {
        save(out, vectors(&pipeline, &manifest, &source.gathered).as_bytes())?;
    }
    println!("next: ranklet evaluate --model {}", args.out.display());
    Ok(())
}

/// The model, trained or taken from a file, and its card.
fn model(
    args: &Args,
    source: &source::Source,
    pipeline: &Pipeline,
    settings: &Settings,
) -> Result<(Model, Value)> {
    let Some(path) = &args.from else {
        return Ok((pipeline.student(settings)?, card(args, source, pipeline.list_count)));
    };
    let placed = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let file = std::fs::read(path).map_err(|e| placed(&e))?;
    let model = pipeline.restored(settings, &file).map_err(|e| placed(&e))?;
    // How it was trained is what its own card says.
    Ok((model, Bundle::open(&file).map_err(|e| placed(&e))?.manifest().card.clone()))
}

fn tell(args: &Args, model: &Model, lists: usize, started: Instant) {
    let widths: Vec<String> =
        model.towers.iter().map(|tower| format!("{} {:?}", tower.name, prune::widths(tower))).collect();
    let did = if args.from.is_some() { "taken as trained" } else { "trained" };
    eprintln!(
        "{did} on {lists} lists ({:.0} s); hidden units: {}",
        started.elapsed().as_secs_f64(),
        widths.join(", ")
    );
}

fn save(path: &Path, bytes: &[u8]) -> Result {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

/// The model in 8 bits, its activations' steps fitted to train users, and a sample for golden vectors.
fn rounded(
    model: &Model,
    pipeline: &Pipeline,
    settings: &Settings,
    gathered: &Gathered,
) -> Result<(Model, Sample)> {
    let builder = ExampleBuilder {
        catalogue: &gathered.catalogue,
        manifest: &pipeline.manifest,
        cross_fit: &pipeline.cross_fit,
        augmentation: settings.augmentation,
    };
    let mut examples = Vec::new();
    let mut golden = None;
    for protocol in [Protocol::V1, Protocol::V2] {
        let visits = protocol.visits(&gathered.histories, Split::Train);
        for (index, visit) in visits.into_iter().step_by(STRIDE).enumerate() {
            let example = builder.plain(&visit, ROUNDING_SIZES[index % ROUNDING_SIZES.len()])?;
            if index == GOLDEN {
                golden = Some((visit, example.clone()));
            }
            examples.push(example);
        }
    }
    let (visit, example) = golden.ok_or("too few ratings: not three users have a list")?;
    let rounded = quantise::quantised(model, &examples)?;
    for (tower, share) in model.towers.iter().zip(quantise::distance(model, &rounded, &examples)?) {
        eprintln!("rounding moves {} by {:.2} % of a list's spread", tower.name, share * 100.0);
    }
    Ok((rounded, sample(pipeline, &visit, example)))
}

/// What the golden vectors of a visit are made of.
fn sample(pipeline: &Pipeline, visit: &Visit, example: Example) -> Sample {
    let tokens = |item: u64| {
        let mut tokens = pipeline.cross_fit.texts.tokens.get(&item).cloned().unwrap_or_default();
        tokens.resize(TOKENS, 0);
        tokens
    };
    let server = |item: u64| pipeline.cross_fit.all.served.vectors.get(item).map(<[i8]>::to_vec);
    Sample {
        tokens: visit.candidates.iter().map(|candidate| tokens(candidate.item)).collect(),
        server: visit.candidates.iter().map(|candidate| server(candidate.item)).collect(),
        example,
    }
}

/// What makes a file of a model.
struct Finish<'a> {
    pipeline: &'a Pipeline,
    gathered: &'a Gathered,
    sample: Sample,
}

impl Finish<'_> {
    fn export(&self, model: &Model, manifest: &Manifest, whole: bool) -> Result<Vec<u8>> {
        let encoder = &self.pipeline.cross_fit.all.encoder;
        export::export(model, encoder, manifest.clone(), &self.sample, whole)
    }

    /// Fits each head's Platt scaling on the validation users, through an exported model; gives the
    /// figures that it reaches there.
    fn calibrate(&self, manifest: &mut Manifest, draft: &[u8]) -> Result<String> {
        let Gathered { histories, catalogue, .. } = self.gathered;
        let mut ranker = Ranker::load(draft)?;
        let served = &self.pipeline.cross_fit.all.served;
        let mut replayer = Replayer { ranker: &mut ranker, catalogue, served };
        let mut figures = Vec::new();
        for protocol in [Protocol::V2, Protocol::V1] {
            let visits = protocol.visits(histories, Split::Validation);
            if visits.is_empty() {
                return Err("too few ratings: no validation user has a list".into());
            }
            let mut rows = Vec::new();
            for visit in &visits {
                for k in FITTED {
                    let replayed = replayer.replay(protocol, visit, visit.feedback(k))?;
                    let labels = visit.candidates.iter().map(|candidate| candidate.relevant());
                    rows.extend(replayed.outputs.into_iter().zip(labels));
                }
            }
            manifest.heads[protocol.task().head()].calibration = Some(calibrate::platt(&rows));
            let cards = replayer.predict(protocol, &visits, &PRINTED, || ())?.cards(protocol, &visits)?;
            for (k, card) in &cards {
                let mean = |metric| card.mean(metric, Subset::All).unwrap_or(f64::NAN);
                let (ndcg, gauc) = (mean(Metric::Ndcg), mean(Metric::Gauc));
                figures.push(format!("v{} k={k} {ndcg:.4}/{gauc:.4}", protocol.number()));
            }
        }
        Ok(figures.join("  "))
    }
}

/// One line an item: id, basis, vector.
fn vectors(pipeline: &Pipeline, manifest: &Manifest, gathered: &Gathered) -> String {
    let basis = manifest.vectors.as_ref().map_or("", |vectors| &vectors.basis);
    let line = |(item, vector): (u64, &[i8])| {
        format!("{}\n", json!({"id": gathered.id_of(item), "basis": basis, "vector": vector}))
    };
    pipeline.cross_fit.all.served.vectors.iter().map(line).collect()
}

fn card(args: &Args, source: &source::Source, lists: usize) -> Value {
    let (data, licence) = if source.official() {
        let licence =
            "derived from MovieLens: research use; cite Harper and Konstan 2015, doi 10.1145/2827872";
        ("MovieLens ml-latest-small (GroupLens, 2018-09)".to_owned(), licence)
    } else {
        (source.name(), "as that of the data")
    };
    let teacher = if args.no_teacher { " --no-teacher" } else { "" };
    let prune = if args.prune > 0.0 { format!(" --prune {}", args.prune) } else { String::new() };
    let until = match args.split_at {
        SplitBy::User => String::new(),
        rule => format!(" --split-at {rule}"),
    };
    json!({
        "data": data,
        "users": "train split for weights, statistics and vectors, validation split for calibration",
        "fields": FIELDS,
        "lists": lists,
        "server_score": format!("(sum + 10 mu)/(n + 10) + {LOG_WEIGHT} ln(1 + n) over train users"),
        "command": format!("ranklet train --seed {} --effort {}{teacher}{prune}{until}", args.seed, args.effort),
        "licence": licence,
    })
}
