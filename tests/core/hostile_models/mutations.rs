//! Changed models, and random graphs of the operator table: no load may panic.
//! Files are hashed again after each change, so that the hash stops none of them. All randomness comes from a seed:
//! what fails, fails again.

use super::builder::{Parts, around};
use super::{list, sizes};
use crate::error::Result;
use crate::model::manifest::KEY;
use crate::model::{Bundle, Plan, Role, StageInput, Vetted, bundle::graph_bytes, pb};
use crate::{Options, Ranker};
use prost::Message;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[path = "random.rs"]
mod random;
use random::Random;

/// What one file may take to load and rank, without the compiler's help.
const PATIENCE: Duration = Duration::from_secs(5);

fn movies() -> Parts {
    let mut model = pb::ModelProto::decode(&include_bytes!("../../../www/movies/movies.onnx")[..]).unwrap();
    let at = model.metadata_props.iter().position(|entry| entry.key == KEY).unwrap();
    let mut manifest: Value = serde_json::from_str(&model.metadata_props.remove(at).value).unwrap();
    manifest["graph_sha256"] = Value::Null;
    Parts { model, manifest }
}

/// Values that a stage may meet: ordinary, extreme, not finite.
const WILD: [f32; 7] = [0.0, 1.0, -3.5, 1e30, f32::MIN_POSITIVE, f32::INFINITY, f32::NAN];

/// Runs the stages with [`WILD`] inputs; what was vetted must not fail.
fn run(plan: &mut Plan) -> Result<()> {
    let (manifest, filler) = (plan.manifest().clone(), WILD.iter().cycle());
    let values = |role| {
        let [rows, columns] = manifest.shape_of(role);
        filler.clone().take(rows * columns).copied().collect::<Vec<f32>>()
    };
    if plan.encodes() {
        let [rows, columns] = manifest.shape_of(Role::Tokens);
        let last = manifest.text.as_ref().map_or(0, |text| i64::from(text.table) - 1);
        let tokens: Vec<i64> = (0..rows * columns).map(|i| if i % 2 == 0 { last } else { 0 }).collect();
        plan.encode(&tokens)?;
    }
    let all = [Role::Item, Role::Dense, Role::History, Role::HistoryAction].map(|role| (role, values(role)));
    let input =
        |role| all.iter().find(|(known, _)| *known == role).map(|(_, values)| StageInput::Floats(values));
    let session = plan.session(input)?;
    plan.score(&session, input)?;
    Ok(())
}

/// Loads a file, runs what compiled, ranks with what loaded.
fn attempt(file: &[u8]) -> Result<()> {
    let mut plan = Plan::compile(Vetted::vet(Bundle::open(file)?)?)?;
    run(&mut plan)?;
    plan.self_test()?;
    let mut ranker = Ranker::load(file)?;
    let fields = vec![0.5; ranker.manifest().fields.len()];
    ranker.set_packed(&list(&fields).packed())?;
    let mut order = ranker.rank(&Options::default(), &mut || 0.0).order;
    order.sort_unstable();
    assert_eq!(order, [0, 1, 2]);
    Ok(())
}

#[derive(Default)]
struct Tally {
    cases: usize,
    loaded: usize,
    compiled: usize,
    faults: Vec<String>,
}

impl Tally {
    fn take(&mut self, name: &str, seed: u64, file: &[u8]) {
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| attempt(file)));
        self.cases += 1;
        match outcome {
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
                self.faults.push(format!("{name} {seed}: panics: {}", said.unwrap_or_default()));
            }
            Ok(Ok(())) => self.loaded += 1,
            Ok(Err(error)) if error.code() == "model/self-test" => self.compiled += 1,
            Ok(Err(error)) if error.code() == "model/run" => {
                self.faults.push(format!("{name} {seed}: {error}"))
            }
            Ok(Err(_)) => {}
        }
        if start.elapsed() > PATIENCE {
            self.faults.push(format!("{name} {seed}: took {:?}", start.elapsed()));
        }
    }

    fn done(self, name: &str) {
        let Tally { cases, loaded, compiled, faults } = self;
        println!("{name}: {cases} files, {loaded} load, {compiled} more compile");
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        assert!(loaded + compiled > cases / 20, "hardly any file gets past vetting");
    }
}

#[test]
fn no_change_of_bytes_makes_loading_panic() {
    let mut tally = Tally::default();
    for (parts, cases) in [(Parts::plain(), 1_500), (Parts::text(), 1_500), (movies(), 250)] {
        let file = parts.clone().seal();
        let graph = graph_bytes(&file).unwrap();
        for seed in 0..cases {
            let mut random = Random::of(seed);
            let mut bytes = graph.to_vec();
            random.spoil(&mut bytes);
            tally.take("bytes of the graph", seed, &around(&bytes, parts.manifest.clone()));
        }
    }
    tally.done("bytes");
}

#[test]
fn no_change_of_the_manifest_makes_loading_panic() {
    let mut tally = Tally::default();
    for (parts, cases) in [(Parts::plain(), 1_000), (Parts::text(), 1_000), (movies(), 100)] {
        let text = parts.manifest.to_string();
        for seed in 0..cases {
            let mut random = Random::of(seed);
            let mut bytes = text.clone().into_bytes();
            random.spoil_text(&mut bytes);
            let Ok(manifest) = serde_json::from_slice::<Value>(&bytes) else { continue };
            if manifest.is_object() {
                let mut manifest = manifest;
                manifest["graph_sha256"] = Value::Null;
                tally.take("manifest", seed, &Parts { manifest, ..parts.clone() }.seal());
            }
        }
    }
    tally.done("manifests");
}

#[test]
fn no_change_of_the_graph_makes_loading_panic() {
    let mut tally = Tally::default();
    for (parts, cases) in [(Parts::plain(), 1_500), (Parts::text(), 1_500), (movies(), 250)] {
        for seed in 0..cases {
            let mut random = Random::of(seed);
            let mut changed = parts.clone();
            random.change(changed.graph());
            tally.take("changed graph", seed, &changed.seal());
        }
    }
    tally.done("graphs");
}

#[test]
fn no_random_graph_makes_loading_panic() {
    let mut tally = Tally::default();
    for seed in 0..4_000 {
        let mut random = Random::of(seed);
        let mut parts = Parts::plain();
        parts.manifest["block"] = [4, 4, 2, 1][seed as usize % 4].into();
        random.grow(parts.graph());
        tally.take("random graph", seed, &parts.seal());
    }
    tally.done("random graphs");
}

#[test]
fn the_longest_graphs_load_in_bearable_time() {
    for (op, inputs) in [
        ("Relu", &[][..]),
        ("Neg", &[]),
        ("Softmax", &[]),
        ("Transpose", &[]),
        ("ReduceMax", &[]),
        ("Flatten", &[]),
        ("Add", &["b"]),
        ("MatMul", &["eye"]),
        ("Gemm", &["eye", "b"]),
        ("Concat", &[]),
    ] {
        let start = Instant::now();
        let outcome = Ranker::load(&sizes::longest(op, inputs)).map(|_| ());
        let code = outcome.map_err(|error| error.code());
        println!("{op}: {:?}, {code:?}", start.elapsed());
        assert!(matches!(code, Ok(()) | Err("model/self-test")), "{op}: {code:?}");
        assert!(start.elapsed() < 6 * PATIENCE, "{op}: {:?}", start.elapsed());
    }
}
