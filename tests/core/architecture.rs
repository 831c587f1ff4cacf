//! Reads the sources and holds them to the shape that `lib.rs` draws.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in dependency order: a room may use those of the rows above, and of its own.
const ROWS: &[&[&str]] = &[
    &["error", "limits", "order", "metrics", "budget"],
    &["text", "context"],
    &["item", "event"],
    &["session"],
    &["features", "more"],
    &["model"],
    &["vectors"],
    &["score", "rules"],
    &["ranking"],
    &["rank"],
    &["explain", "info"],
    &["wasm", "replay", "collaborative", "data"],
    &["logs", "plot"],
    &["import", "simulate", "generate", "baseline"],
    &["train"],
    &["cli"],
];
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

/// Code without comments and without its test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Rooms named as `crate::room`.
fn uses(code: &str) -> BTreeSet<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|name| ROWS.iter().any(|row| row.contains(&name.as_str())))
        .collect()
}

#[test]
fn rooms_depend_only_on_what_comes_before_them() {
    let row_of = |name: &str| ROWS.iter().position(|row| row.contains(&name));
    for path in sources(Path::new("src")) {
        let own = room(&path);
        if own == "lib" || own == "main" {
            continue;
        }
        let own_row = row_of(&own).unwrap_or_else(|| panic!("{}: a room that no row names", path.display()));
        for used in uses(&code(&path)).into_iter().filter(|used| *used != own) {
            let allowed = match row_of(&used) {
                Some(row) => row <= own_row,
                None => false,
            };
            assert!(allowed, "{} uses `{used}`, which comes after `{own}`", path.display());
        }
    }
}

#[test]
fn tract_and_wasm_bindgen_are_named_in_one_place_each() {
    for path in sources(Path::new("src")) {
        let (own, code) = (room(&path), code(&path));
        for (name, home) in
            [("tract_core", "model"), ("wasm_bindgen", "wasm"), ("js_sys", "wasm"), ("candle", "train")]
        {
            assert!(own == home || !code.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn every_module_opens_with_three_lines_and_stays_readable() {
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines: two rooms?", path.display());
        let doc = text.lines().take_while(|line| line.starts_with("//!")).count();
        let own = room(&path);
        assert!(doc >= 3 || own == "main", "{} opens with {doc} lines of documentation", path.display());
    }
}

#[test]
fn unsafe_code_is_in_the_lanes_of_the_kernels_alone() {
    for path in sources(Path::new("src")) {
        let lanes = path.ends_with("model/kernels/lanes/simd.rs");
        assert!(lanes || !code(&path).contains("unsafe "), "{}", path.display());
    }
}

/// Rooms that no browser has: their tests run natively alone.
const NATIVE: &[&str] = &[
    "replay",
    "collaborative",
    "data",
    "logs",
    "plot",
    "import",
    "simulate",
    "generate",
    "baseline",
    "train",
    "cli",
];

#[test]
fn every_test_of_the_core_runs_as_wasm_too() {
    // Looks for panics by unwinding and at the clock, neither of which wasm has.
    let mutations = Path::new("tests/core/hostile_models/mutations.rs");
    // Its `#[test]` stands in a macro; the files that use the macro name the attribute.
    let cases = Path::new("tests/core/rules/cases.rs");
    let files = sources(Path::new("src")).into_iter().chain(sources(Path::new("tests/core")));
    let mut seen = 0;
    for path in files.filter(|path| path != mutations && path != cases) {
        let inside = path.strip_prefix("src").or_else(|_| path.strip_prefix("tests/core")).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        if NATIVE.contains(&first.trim_end_matches(".rs")) || !text.contains("#[test]") {
            continue;
        }
        seen += 1;
        assert!(
            text.contains("wasm_bindgen_test as test;"),
            "{}: its tests run natively alone",
            path.display()
        );
    }
    assert!(seen > 20, "{seen} files with tests");
}
