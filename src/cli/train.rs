//! In: a folder of ratings. Out: a trained model file, checked by loading it as a browser would.
//! Reads, cuts lists, fits, calibrates, exports, loads, and prints what it reached.
//! Must never use a test user, or write a file that does not load.

use super::replayed::Replayer;
use super::{Outcome, find};
use crate::data::{Catalogue, FIELDS};
use crate::item::{Items, Packer};
use crate::model::Manifest;
use crate::rank::Ranker;
use crate::replay::stats::{LOG_WEIGHT, Stats};
use crate::replay::{Histories, Protocol, Split, split, v1, v2};
use crate::train::examples::{Lesson, Maker, TOKEN_DROPOUT};
use crate::train::fit::{self, Lists, Schedule};
use crate::train::net::{self, Net, Sizes};
use crate::train::recipe::{self, ENGAGE, LIKE, ListMoments, Moments};
use crate::train::{calibrate, export};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Folder with ratings.csv, movies.csv and tags.csv [default: the official ml-latest-small]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The ONNX file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The model's name in its manifest
    #[arg(long, default_value = "movies")]
    name: String,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of the optimiser
    #[arg(long, default_value_t = Schedule::default().steps)]
    steps: usize,
    /// Lists a step
    #[arg(long, default_value_t = Schedule::default().batch)]
    batch: usize,
    /// Peak learning rate
    #[arg(long, default_value_t = Schedule::default().rate)]
    rate: f64,
    /// Weight decay
    #[arg(long, default_value_t = Schedule::default().decay)]
    decay: f64,
    /// Share of an item's tokens that a training row loses, 0 to 1
    #[arg(long, default_value_t = TOKEN_DROPOUT)]
    token_dropout: f64,
}

/// Windows into a train user's history from which lists are cut.
const OFFSETS: [usize; 3] = [0, 20, 60];
/// Draws of sampled negatives, so that no list is learnt by heart.
const SALTS: [&str; 4] = ["train-a:", "train-b:", "train-c:", "train-d:"];

pub fn run(args: &Args) -> Outcome {
    if !(0.0..1.0).contains(&args.token_dropout) {
        return Err("--token-dropout must be 0 to 1".into());
    }
    let folder = find::data(args.data.as_deref())?;
    eprintln!("reading {}", folder.display());
    let histories = Histories::read(&folder)?;
    let catalogue = Catalogue::read(&folder)?;
    let lists = lists(&histories);
    if lists.train.is_empty() || lists.validation.is_empty() {
        return Err("too few ratings: no user of the train or validation split has a list".into());
    }
    eprintln!("{} training lists, {} validation users", lists.train.len(), lists.validation.len());
    let manifest = recipe::manifest(&args.name, env!("CARGO_PKG_VERSION"), &moments(&catalogue, &lists));
    let net = Net::new(sizes(&manifest), args.seed)?;
    let maker = Maker { catalogue: &catalogue, manifest: &manifest, token_dropout: args.token_dropout };
    let check_every = (args.steps / 16).max(1);
    let schedule = Schedule {
        seed: args.seed,
        steps: args.steps,
        batch: args.batch,
        check_every,
        rate: args.rate,
        decay: args.decay,
    };
    let started = std::time::Instant::now();
    let (weights, line) = fit::fit(&net, &maker, &lists, &schedule)?;
    let weights = net::finished(&weights, &used_tokens(&catalogue, &manifest, &lists)?)?;
    eprintln!("kept {line} ({:.0} s)", started.elapsed().as_secs_f64());

    let sample = maker.plain(&lists.validation[0], 10, &lists.stats)?;
    let mut sealed = manifest.clone();
    sealed.card = card(args, &folder, &line);
    let draft = export::export(&net, &weights, sealed.clone(), &sample)?;
    calibrated(&mut sealed, &draft, &catalogue, &histories, &lists)?;
    let bytes = export::export(&net, &weights, sealed, &sample)?;
    Ranker::load(&bytes)?;
    std::fs::write(&args.out, &bytes).map_err(|e| format!("{}: {e}", args.out.display()))?;
    println!(
        "{}: {} bytes; next: ranklet evaluate --model {}",
        args.out.display(),
        bytes.len(),
        args.out.display()
    );
    Ok(())
}

fn lists(histories: &Histories) -> Lists {
    let mut train = Vec::new();
    for salt in SALTS {
        let visits = v2::training_visits(histories, &OFFSETS, salt);
        train.extend(visits.into_iter().map(|visit| (Lesson::Engage, visit)));
    }
    let visits = v1::training_visits(histories, &OFFSETS);
    train.extend(visits.into_iter().map(|visit| (Lesson::Like, visit)));
    Lists {
        train,
        folds: (0..split::FOLDS).map(|fold| Stats::without_fold(histories, fold)).collect(),
        validation: Protocol::V2.visits(histories, Split::Validation),
        stats: Stats::of_train(histories),
    }
}

/// Token ids of every item that a training list holds or remembers.
fn used_tokens(catalogue: &Catalogue, manifest: &Manifest, lists: &Lists) -> crate::Result<HashSet<u32>> {
    let visits = lists.train.iter().map(|(_, visit)| visit);
    let items: BTreeSet<u64> = visits
        .flat_map(|visit| {
            visit.candidates.iter().map(|c| c.item).chain(visit.pool.iter().map(|&(item, _)| item))
        })
        .collect();
    let mut used = HashSet::new();
    for chunk in items.into_iter().collect::<Vec<_>>().chunks(1_000) {
        let mut packer = Packer::default();
        chunk.iter().for_each(|&item| catalogue.push(&mut packer, item, None));
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        used.extend((0..items.len()).flat_map(|position| items.tokens(position)));
    }
    Ok(used)
}

fn moments(catalogue: &Catalogue, lists: &Lists) -> ListMoments {
    let items = || {
        let engage = lists.train.iter().filter(|(lesson, _)| *lesson == Lesson::Engage);
        engage.flat_map(|(_, visit)| &visit.candidates).map(|candidate| candidate.item)
    };
    let stats = &lists.stats;
    ListMoments {
        score: Moments::of(items().map(|item| stats.server_score(item) as f32)),
        log_popularity: Moments::of(items().map(|item| (stats.popularity(item) as f32).ln_1p())),
        year: Moments::of(items().map(|item| catalogue.get(item).map_or(f32::NAN, |facts| facts.year))),
        unrated_score: stats.mean() as f32,
    }
}

fn sizes(manifest: &Manifest) -> Sizes {
    Sizes {
        table: recipe::TABLE as usize,
        tokens: recipe::TOKENS,
        vector: manifest.vector,
        features: manifest.features.len(),
        history: manifest.history,
    }
}

/// Fits each head's Platt scaling on the validation users, through the exported int8 model.
fn calibrated(
    manifest: &mut Manifest,
    draft: &[u8],
    catalogue: &Catalogue,
    histories: &Histories,
    lists: &Lists,
) -> Outcome {
    let mut ranker = Ranker::load(draft)?;
    let mut replayer = Replayer { ranker: &mut ranker, catalogue, stats: &lists.stats };
    for (head, protocol) in [(ENGAGE, Protocol::V2), (LIKE, Protocol::V1)] {
        let mut rows = Vec::new();
        for visit in protocol.visits(histories, Split::Validation) {
            for k in [0, 5, 20] {
                let replayed = replayer.replay(protocol, &visit, k)?;
                let labels = visit.candidates.iter().map(|candidate| candidate.relevant());
                rows.extend(replayed.outputs.into_iter().zip(labels));
            }
        }
        manifest.heads[head].calibration = Some(calibrate::platt(&rows));
    }
    Ok(())
}

fn card(args: &Args, folder: &Path, line: &str) -> serde_json::Value {
    let data = if find::official(folder) {
        "MovieLens ml-latest-small (GroupLens, 2018-09)"
    } else {
        "other ratings"
    };
    serde_json::json!({
        "data": data,
        "users": "train split for weights and statistics, validation split for stopping and calibration",
        "fields": FIELDS,
        "server_score": format!("(sum + 10 mu)/(n + 10) + {LOG_WEIGHT} ln(1 + n) over train users"),
        "command": format!(
            "ranklet train --seed {} --steps {} --batch {} --rate {} --decay {} --token-dropout {}",
            args.seed, args.steps, args.batch, args.rate, args.decay, args.token_dropout
        ),
        "kept": line,
        "licence": "derived from MovieLens: research use; cite Harper and Konstan 2015, doi 10.1145/2827872",
    })
}
