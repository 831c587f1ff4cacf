//! The native tool as a person runs it: train on generated ratings, inspect, evaluate, be refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ranklet")).args(args).env_remove("RANKLET_DATA").output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Generated ratings with genuine tastes in them.
fn data() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| {
        let data = folder("ratings");
        let written = run(&["generate", "ratings", "--out", data.to_str().unwrap()]);
        assert!(written.status.success(), "{}", text(&written));
        data
    })
}

fn train(data: &Path, out: &Path, further: &[&str]) -> Output {
    let (data, out) = (data.to_str().unwrap(), out.to_str().unwrap());
    run(&[&["train", "--data", data, "--out", out, "--effort", "0.02"], further].concat())
}

#[test]
fn training_is_reproducible_and_its_file_loads_and_evaluates() {
    let folder = folder("train");
    let [first, again, other] =
        ["first", "again", "other"].map(|name| folder.join(name).with_extension("onnx"));
    let whole = folder.join("first-f32.onnx");
    // The same people as a log, of the folder's name: the name is in the card.
    let log = folder.join("ratings.jsonl");
    let imported = run(&["import", "--data", data().to_str().unwrap(), "--out", log.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", text(&imported));
    for (data, out, further) in [
        (data(), &first, &["--seed", "7", "--out-f32", whole.to_str().unwrap()][..]),
        (&log, &again, &["--seed", "7", "--strict"]),
        (data(), &other, &["--seed", "8", "--prune", "0.5"]),
    ] {
        let output = train(data, out, further);
        assert!(output.status.success(), "{}", text(&output));
        let hidden = if further.contains(&"--prune") { "engage [32, 16]" } else { "engage [64, 32]" };
        assert!(text(&output).contains(hidden), "{}", text(&output));
    }
    let [first_bytes, again_bytes, other_bytes] =
        [&first, &again, &other].map(|path| std::fs::read(path).unwrap());
    assert!(first_bytes == again_bytes, "the same seed gives the same bytes, from a folder or its log");
    assert!(first_bytes.len() > other_bytes.len(), "half of the hidden units went");
    assert!(first_bytes.len() < 500_000, "{} bytes", first_bytes.len());

    let (rounded, from) = (folder.join("rounded.onnx"), whole.to_str().unwrap());
    let (to, data_arg) = (rounded.to_str().unwrap(), data().to_str().unwrap());
    let output = run(&["train", "--data", data_arg, "--seed", "7", "--from", from, "--out", to]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(
        first_bytes == std::fs::read(&rounded).unwrap(),
        "what was trained, rounded again, is the same file"
    );
    let output = run(&["train", "--data", data_arg, "--from", to, "--out", to]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("was the model rounded?"), "{}", text(&output));

    let inspected = run(&["inspect", first.to_str().unwrap()]);
    assert!(text(&inspected).contains("hash, vetting and golden vectors hold"), "{}", text(&inspected));

    let (dump, json) = (folder.join("dump"), folder.join("eval.json"));
    let (data, model) = (data().to_str().unwrap(), first.to_str().unwrap());
    let (dump_arg, json_arg) = (dump.to_str().unwrap(), json.to_str().unwrap());
    let (plots, plots_arg) = (folder.join("plots"), folder.join("plots"));
    let output = run(&[
        "evaluate",
        "--model",
        model,
        "--f32",
        model,
        "--data",
        data,
        "--effort",
        "0.02",
        "--dump",
        dump_arg,
        "--json",
        json_arg,
        "--plots",
        plots_arg.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output));
    for protocol in ["1", "2"] {
        for method in ["random", "popularity", "server", "teacher", "student_f32", "student_int8"] {
            let file = dump.join(format!("{protocol}-val-{method}.jsonl"));
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines > 0 && lines % 7 == 0, "{} has {lines} lines", file.display());
        }
    }
    let documents: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let second = &documents[1];
    assert_eq!((second["protocol"].as_u64(), second["split"].as_str()), (Some(2), Some("val")));
    let gauc = second["rows"].as_array().unwrap().iter().filter(|row| row["method"] == "student_int8");
    assert!(second["swap"]["k"] == 20 && second["preferences"]["ndcg10"].as_f64().unwrap() > 0.0);
    for curve in ["ndcg10", "gauc", "reliability"] {
        let svg = std::fs::read_to_string(plots.join(format!("v2-val-{curve}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("student_int8") || curve == "reliability");
    }
    assert!(gauc.clone().count() == 7 && gauc.clone().all(|row| row["gauc"]["mean"].as_f64().unwrap() > 0.5));
}

#[test]
fn click_models_are_compared_on_an_invented_log() {
    let folder = folder("clicks");
    let (log, json) = (folder.join("ads.jsonl"), folder.join("ctr.json"));
    let (log, json) = (log.to_str().unwrap(), json.to_str().unwrap());
    let made = run(&["generate", "ads", "--users", "300", "--visits", "5", "--items", "200", "--out", log]);
    assert!(made.status.success(), "{}", text(&made));
    let compared = run(&["ctr", "--data", log, "--effort", "0.1", "--json", json]);
    assert!(compared.status.success(), "{}", text(&compared));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let loss = |method: &str| {
        let row = document["rows"].as_array().unwrap().iter().find(|row| row["method"] == method);
        row.unwrap_or_else(|| panic!("{method}: {}", text(&compared)))["log_loss"]["mean"].as_f64().unwrap()
    };
    let base = loss("base rate");
    for method in ["logistic", "ranklet", "ranklet, no exposure"] {
        assert!(loss(method) < base, "{method}: {} against {base}", loss(method));
    }
    assert!(loss("ranklet") != loss("ranklet, no exposure"), "exposures are heard of");
    assert!(loss("oracle") < loss("ranklet"), "nobody is better than the truth");
}

#[test]
fn the_committed_model_loads_and_is_small() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/movies/movies.onnx");
    assert!(std::fs::metadata(model).unwrap().len() < 500_000);
    let output = run(&["inspect", model]);
    assert!(output.status.success() && text(&output).contains("Harper and Konstan"), "{}", text(&output));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_exit_code_1() {
    let empty = folder("empty");
    let broken = folder("broken").join("model.onnx");
    std::fs::write(&broken, b"<html>404</html>").unwrap();
    let bad_rows = folder("bad-rows");
    std::fs::write(bad_rows.join("ratings.csv"), "userId,movieId,rating,timestamp\n1,2,3,4\n1,3,x,5\n")
        .unwrap();
    std::fs::write(bad_rows.join("movies.csv"), "movieId,title,genres\n2,Two,Drama\n").unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_string();
    let cases: [(&[&str], &[&str]); 7] = [
        (&["train", "--data", &path(&empty), "--out", "x.onnx"], &["empty", "ratings.csv"]),
        (&["train", "--data", "no-such", "--out", "x.onnx"], &["no-such", "no such"]),
        (&["train", "--prune", "1", "--out", "x.onnx"], &["--prune"]),
        (&["inspect", &path(&broken)], &["model/malformed"]),
        (&["inspect", "no-such.onnx"], &["no-such.onnx"]),
        (&["evaluate", "--strict", "--data", &path(&bad_rows)], &["ratings.csv", "3", "rating"]),
        (&["evaluate", "--split", "train"], &["val", "test"]),
    ];
    for (args, expected) in cases {
        let output = run(args);
        assert!(!output.status.success(), "{args:?} went through");
        for part in expected {
            assert!(text(&output).contains(part), "{args:?} does not say {part}: {}", text(&output));
        }
    }
}
