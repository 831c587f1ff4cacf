//! Reads the sources and holds them to the shape that src/README.md draws.
//! What the crate graph guarantees is not tested here.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(not(target_arch = "wasm32"))]

mod graph;
mod modules;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The root files of the crates.
const CRATES: [&str; 3] = ["src/core/lib.rs", "src/wasm/lib.rs", "src/tool/lib.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

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

/// Code without comments and without its test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_file_uses_another_one_in_a_circle() {
    let mut found = Vec::new();
    let mut files = 0;
    for krate in CRATES {
        let modules = modules::read(&root().join(krate));
        let uses = graph::uses(&modules);
        files += uses.len();
        found.extend(graph::circles(&uses));
    }
    let listed: Vec<String> = found.iter().map(|circle| circle.join("\n")).collect();
    let shown = listed.join("\n\n").replace(&format!("{}/", root().display()), "");
    assert!(found.is_empty(), "{} circles:\n\n{shown}", found.len());
    assert!(files > 100, "{files} files were read");
}

/// The test above on sources that have circles: direct, through a re-export, by a split `impl`.
#[test]
fn circles_of_each_kind_are_found() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("circles");
    /// A file's name and its text.
    type File = (&'static str, &'static str);
    let cases: [(&str, &[File], usize); 5] = [
        (
            "none",
            &[
                ("lib.rs", "mod a; mod b; pub use a::A;"),
                ("a.rs", "pub struct A;"),
                ("b.rs", "use crate::A;"),
            ],
            0,
        ),
        (
            "direct",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A(B);"),
                ("b.rs", "pub struct B; fn f() -> super::a::A { todo!() }"),
            ],
            1,
        ),
        (
            "child",
            &[
                ("lib.rs", "mod a;"),
                ("a.rs", "mod b; pub struct A; fn f() { b::g() }"),
                ("a/b.rs", "use super::A; pub fn g() {}"),
            ],
            1,
        ),
        (
            "reexport",
            &[
                ("lib.rs", "mod a; mod b; pub use b::B;"),
                ("a.rs", "use crate::B; pub struct A(B);"),
                ("b.rs", "pub struct B; fn f() { vec![crate::a::A] }"),
            ],
            1,
        ),
        (
            "method",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "pub struct A; fn f(a: A) { a.more() }"),
                ("b.rs", "use super::a::A; impl A { pub fn more(&self) {} }"),
            ],
            1,
        ),
    ];
    for (name, files, expected) in cases {
        let folder = folder.join(name);
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let uses = graph::uses(&modules::read(&folder.join("lib.rs")));
        let circles = graph::circles(&uses);
        assert_eq!(circles.len(), expected, "{name}: {circles:?}");
    }
}

#[test]
fn tract_is_named_in_the_model_alone_and_candle_in_the_trainer() {
    let homes = BTreeMap::from([("tract_core", "src/core/model"), ("candle", "src/tool/train")]);
    for path in sources(&root().join("src")) {
        for (name, home) in &homes {
            let at_home = path.starts_with(root().join(home));
            assert!(at_home || !code(&path).contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn every_file_opens_with_its_header_and_stays_readable() {
    for path in sources(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines: two rooms?", path.display());
        let header = text.lines().take_while(|line| line.starts_with("//!")).count();
        let own = path.ends_with("main.rs");
        assert!(header >= 2 || own, "{} opens with {header} lines of documentation", path.display());
    }
}

#[test]
fn unsafe_code_is_in_the_lanes_of_the_kernels_alone() {
    for path in sources(&root().join("src")) {
        let lanes = path.ends_with("model/kernels/lanes/simd.rs");
        assert!(lanes || !code(&path).contains("unsafe "), "{}", path.display());
    }
}

#[test]
fn every_test_of_the_core_runs_as_wasm_too() {
    // Looks for panics by unwinding and at the clock, neither of which wasm has.
    let mutations = root().join("tests/core/hostile_models/mutations.rs");
    // Its `#[test]` stands in a macro; the files that use the macro name the attribute.
    let cases = root().join("tests/core/rules/cases.rs");
    // Counts allocations, which only a native allocator can.
    let allocations = root().join("tests/core/allocations.rs");
    let files = sources(&root().join("src/core")).into_iter().chain(sources(&root().join("tests/core")));
    let mut seen = 0;
    for path in files.filter(|path| ![&mutations, &cases, &allocations].contains(&path)) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.contains("#[test]") {
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
