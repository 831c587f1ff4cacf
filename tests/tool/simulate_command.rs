//! `ranklet simulate` at a hundredth of its size: guardrails keep topics apart, and the files say so.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Where the demo's model and films are, which the command takes by default.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn run(args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ranklet"))
        .current_dir(ROOT)
        .arg("simulate")
        .args(args)
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn guardrails_keep_topics_from_concentrating() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate");
    std::fs::create_dir_all(&folder).unwrap();
    let json = folder.join("figures.json");
    let (done, text) = run(&[
        "--steps",
        "100",
        "--visitors",
        "50",
        "--json",
        json.to_str().unwrap(),
        "--plot",
        folder.to_str().unwrap(),
    ]);
    assert!(done, "{text}");
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    let last = |arm: usize, figure: &str, end: &str| {
        figures["arms"][arm]["windows"].as_array().unwrap().last().unwrap()[figure][end].as_f64().unwrap()
    };
    let (without, with) = (0, 1);
    assert!(last(with, "entropy", "lo") > last(without, "entropy", "hi"), "{figures:#}");
    assert!(last(with, "hhi", "hi") < last(without, "hhi", "lo"), "{figures:#}");
    let mut lived = 0;
    for window in figures["arms"][0]["windows"].as_array().unwrap() {
        assert_eq!(window["steps"][0], lived, "no step is left out");
        lived = window["steps"][1].as_u64().unwrap();
    }
    assert_eq!(lived, 100);
    for file in ["topic-entropy.svg", "topic-concentration.svg"] {
        let svg = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(svg.contains("without guardrails") && svg.contains("with guardrails"), "{file}");
    }
    for word in ["without", "with", "catalogue", "entropy", "HHI"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_on_any_number_of_threads() {
    let args = ["--steps", "8", "--visitors", "5", "--seed", "3"];
    let (first, again) = (run(&args), run(&args));
    assert!(first.0, "{}", first.1);
    assert_eq!(first, again);
    assert_ne!(first, run(&["--steps", "8", "--visitors", "5", "--seed", "4"]));
}

#[test]
fn what_cannot_be_simulated_is_refused_in_a_sentence() {
    for args in [
        &["--steps", "0"][..],
        &["--films", "nowhere.json"],
        &["--model", "Cargo.toml"],
        &["--rules", "Cargo.toml"],
    ] {
        let (done, text) = run(args);
        assert!(!done && text.starts_with("ranklet: ") && !text.contains("panicked"), "{args:?}: {text}");
    }
}
