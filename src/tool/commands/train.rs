//! In: a folder of ratings. Out: a trained model file, checked by loading it as a browser would.
//! Reads, trains teacher and student, rounds, calibrates, exports, loads, and prints what it reached.
//! Must never use a test user, or write a file that does not load.

use super::replayed::Replayer;
use super::{Outcome, source};
use crate::catalogue::{Catalogue, FIELDS};
use crate::import::Gathered;
use crate::logs::SplitBy;
use crate::replay::calibrate;
use crate::replay::score::{Metric, Subset};
use crate::replay::stats::LOG_WEIGHT;
use crate::replay::{Histories, Protocol, Split, Visit};
use crate::train::course::{Course, Settings};
use crate::train::examples::{Example, Maker, Variation};
use crate::train::export;
use crate::train::export::Sample;
use crate::train::model::Model;
use crate::train::plans;
use crate::train::prune;
use crate::train::recipe::{self, ENGAGE, LIKE};
use ranklet::model::{Bundle, Manifest};
use ranklet::rank::Ranker;
use std::path::{Path, PathBuf};

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

pub fn settings(name: &str, seed: u64, effort: f64, distil: bool) -> Settings {
    Settings {
        seed,
        name: name.to_string(),
        effort,
        distil,
        variation: Variation::default(),
        width: recipe::VECTOR,
        history: recipe::HISTORY,
        engage: plans::engage(),
        like: plans::like(),
        prune: 0.0,
        hidden: &[],
    }
}

pub fn run(args: &Args) -> Outcome {
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    if !(0.0..1.0).contains(&args.prune) {
        return Err("--prune must be from 0 to below 1".into());
    }
    let source = source::read(&args.source, args.split_at)?;
    let Gathered { histories, catalogue, .. } = &source.gathered;
    let started = std::time::Instant::now();
    let distil = !args.no_teacher && args.from.is_none();
    let settings = Settings { prune: args.prune, ..settings(&args.name, args.seed, args.effort, distil) };
    let course = Course::prepare(histories, catalogue, &settings, true)?;
    let (model, card) = match &args.from {
        None => (course.student(&settings)?, card(args, &source, course.lists)),
        Some(path) => {
            let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
            let file = std::fs::read(path).map_err(|e| told(&e))?;
            let model = course.restored(&settings, &file).map_err(|e| told(&e))?;
            // How it was trained is what its own card says.
            (model, Bundle::open(&file).map_err(|e| told(&e))?.manifest().card.clone())
        }
    };
    let widths: Vec<String> =
        model.towers.iter().map(|tower| format!("{} {:?}", tower.name, prune::widths(tower))).collect();
    let did = if args.from.is_some() { "taken as trained" } else { "trained" };
    eprintln!(
        "{did} on {} lists ({:.0} s); hidden units: {}",
        course.lists,
        started.elapsed().as_secs_f64(),
        widths.join(", ")
    );

    let maker = Maker {
        catalogue,
        manifest: &course.manifest,
        learnt: &course.learnt,
        variation: settings.variation,
    };
    let (small, sample) = rounded(&model, &maker, histories)?;
    let mut manifest = course.manifest.clone();
    manifest.card = card;
    let server = |item: u64| course.learnt.all.served.vectors.get(item).map(<[i8]>::to_vec);
    let sample = Sample {
        tokens: padded_tokens(&course, &sample.0),
        server: sample.0.candidates.iter().map(|candidate| server(candidate.item)).collect(),
        example: sample.1,
    };
    let encoder = &course.learnt.all.encoder;
    let write = |model: &Model, manifest: &Manifest, whole| {
        export::export(model, encoder, manifest.clone(), &sample, whole)
    };
    let drafts = [write(&model, &manifest, true)?, write(&small, &manifest, false)?];
    let whole = calibrated(&mut manifest.clone(), &drafts[0], &course, catalogue, histories)?;
    let reached = calibrated(&mut manifest, &drafts[1], &course, catalogue, histories)?;
    eprintln!("validation, f32:  {whole}\nvalidation, int8: {reached}");
    let bytes = write(&small, &manifest, false)?;
    Ranker::load(&bytes)?;
    save(&args.out, &bytes)?;
    if let Some(out) = &args.out_f32 {
        save(out, &write(&model, &manifest, true)?)?;
    }
    if let Some(out) = &args.out_vectors {
        save(out, vectors(&course, &manifest, &source.gathered).as_bytes())?;
    }
    println!("next: ranklet evaluate --model {}", args.out.display());
    Ok(())
}

fn save(path: &Path, bytes: &[u8]) -> Outcome {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

/// The model in 8 bits, its activations' steps fitted to train users, and a sample for golden vectors.
fn rounded(model: &Model, maker: &Maker, histories: &Histories) -> Outcome<(Model, (Visit, Example))> {
    let mut examples = Vec::new();
    let mut sample = None;
    for protocol in [Protocol::V1, Protocol::V2] {
        let visits = protocol.visits(histories, Split::Train);
        for (index, visit) in visits.into_iter().step_by(7).enumerate() {
            let example = maker.plain(&visit, [0, 3, 10, 20][index % 4])?;
            if index == 2 {
                sample = Some((visit, example.clone()));
            }
            examples.push(example);
        }
    }
    let sample = sample.ok_or("too few ratings: not three users have a list")?;
    let small = model.quantised(&examples)?;
    for (tower, share) in model.towers.iter().zip(model.distance(&small, &examples)?) {
        eprintln!("rounding moves {} by {:.2} % of a list's spread", tower.name, share * 100.0);
    }
    Ok((small, sample))
}

fn padded_tokens(course: &Course, visit: &Visit) -> Vec<Vec<u32>> {
    let padded = |item: u64| {
        let mut tokens = course.learnt.texts.tokens.get(&item).cloned().unwrap_or_default();
        tokens.resize(recipe::TOKENS, 0);
        tokens
    };
    visit.candidates.iter().map(|candidate| padded(candidate.item)).collect()
}

/// Fits each head's Platt scaling on the validation users, through an exported model; gives the
/// figures that it reaches there.
fn calibrated(
    manifest: &mut Manifest,
    draft: &[u8],
    course: &Course,
    catalogue: &Catalogue,
    histories: &Histories,
) -> Outcome<String> {
    let mut ranker = Ranker::load(draft)?;
    let mut replayer = Replayer { ranker: &mut ranker, catalogue, served: &course.learnt.all.served };
    let mut figures = Vec::new();
    for (head, protocol) in [(ENGAGE, Protocol::V2), (LIKE, Protocol::V1)] {
        let visits = protocol.visits(histories, Split::Validation);
        if visits.is_empty() {
            return Err("too few ratings: no validation user has a list".into());
        }
        let mut rows = Vec::new();
        for visit in &visits {
            for k in [0, 5, 20] {
                let replayed = replayer.replay(protocol, visit, visit.feedback(k))?;
                let labels = visit.candidates.iter().map(|candidate| candidate.relevant());
                rows.extend(replayed.outputs.into_iter().zip(labels));
            }
        }
        manifest.heads[head].calibration = Some(calibrate::platt(&rows));
        let cards = replayer.predict(protocol, &visits, &[0, 10, 20], || ())?.cards(protocol, &visits)?;
        for (k, card) in &cards {
            let mean = |metric| card.mean(metric, Subset::All).unwrap_or(f64::NAN);
            let (ndcg, gauc) = (mean(Metric::Ndcg), mean(Metric::Gauc));
            figures.push(format!("v{} k={k} {ndcg:.4}/{gauc:.4}", protocol.number()));
        }
    }
    Ok(figures.join("  "))
}

/// One line an item: id, basis, vector.
fn vectors(course: &Course, manifest: &Manifest, gathered: &Gathered) -> String {
    let basis = manifest.vectors.as_ref().map_or("", |vectors| &vectors.basis);
    let line = |(item, vector): (u64, &[i8])| {
        format!("{}\n", serde_json::json!({"id": gathered.id_of(item), "basis": basis, "vector": vector}))
    };
    course.learnt.all.served.vectors.iter().map(line).collect()
}

fn card(args: &Args, source: &source::Source, lists: usize) -> serde_json::Value {
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
    serde_json::json!({
        "data": data,
        "users": "train split for weights, statistics and vectors, validation split for calibration",
        "fields": FIELDS,
        "lists": lists,
        "server_score": format!("(sum + 10 mu)/(n + 10) + {LOG_WEIGHT} ln(1 + n) over train users"),
        "command": format!("ranklet train --seed {} --effort {}{teacher}{prune}{until}", args.seed, args.effort),
        "licence": licence,
    })
}
