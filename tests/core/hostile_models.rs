//! Model files with one thing wrong each, and the coded error that each must give: the harness.
//! The files are in four tables, the valid ones that they start from in `builder`. They are hashed again after the
//! change, so that each is refused for the fault that it is named after.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "hostile_models/builder.rs"]
pub(crate) mod builder;
#[path = "hostile_models/cases.rs"]
mod cases;
#[path = "hostile_models/graphs.rs"]
mod graphs;
#[cfg(not(target_arch = "wasm32"))]
#[path = "hostile_models/mutations.rs"]
mod mutations;
#[path = "hostile_models/operators.rs"]
mod operators;
#[path = "hostile_models/sizes.rs"]
mod sizes;

use crate::error::Kind;
use crate::item::Packer;
use crate::{Options, Ranker, Tier};
use builder::Parts;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A file that must not load, and why.
pub struct Case {
    name: &'static str,
    kind: Kind,
    /// How the error's place begins; empty where it is not stable.
    place: &'static str,
    file: fn() -> Vec<u8>,
}

const fn case(name: &'static str, kind: Kind, place: &'static str, file: fn() -> Vec<u8>) -> Case {
    Case { name, kind, place, file }
}

/// The valid model scores `server score + 10 · tags + 0.5`, so that tags decide.
fn list(fields: &[f32]) -> Packer {
    let mut packer = Packer::default();
    packer.push("a", "First", &[] as &[&str], 0.9, fields);
    packer.push("b", "Second", &["x", "y"], 0.5, fields);
    packer.push("c", "Third", &["x"], 0.1, fields);
    packer
}

fn order(ranker: &mut Ranker) -> Vec<u32> {
    ranker.rank(&Options::default(), &mut || 0.0).order
}

#[test]
fn the_models_that_the_cases_start_from_load_and_rank() {
    for parts in [Parts::plain(), Parts::text()] {
        let mut ranker = Ranker::load(&parts.seal()).unwrap();
        ranker.set_packed(&list(&[]).packed()).unwrap();
        let ranking = ranker.rank(&Options::default(), &mut || 0.0);
        assert_eq!((ranking.report.tier, ranking.order.len()), (Tier::Full, 3));
    }
}

#[test]
fn every_hostile_model_is_refused_with_its_code_and_the_ranker_ranks_on() {
    let mut ranker = Ranker::load(&Parts::plain().seal()).unwrap();
    ranker.set_packed(&list(&[]).packed()).unwrap();
    let mut wrong = Vec::new();
    let cases: Vec<Case> =
        [cases::all(), graphs::all(), operators::all(), sizes::all()].into_iter().flatten().collect();
    for case in &cases {
        match Ranker::load(&(case.file)()) {
            Ok(_) => wrong.push(format!("{}: loads", case.name)),
            Err(error) => {
                let right = error.kind() == case.kind && error.place().starts_with(case.place);
                if !right || error.to_string().len() > 2_000 {
                    let text: String = error.to_string().chars().take(300).collect();
                    wrong.push(format!(
                        "{}: expected {} at `{}`, got {text}",
                        case.name,
                        case.kind.code(),
                        case.place
                    ));
                }
            }
        }
        assert_eq!(order(&mut ranker), [1, 2, 0], "after {}", case.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Not println!: the test harness would keep it to itself, and a script counts it.
    let _ =
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("hostile models: {}\n", cases.len()));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let file = Parts::text().seal();
    for end in 0..file.len() {
        let error = Ranker::load(&file[..end]).unwrap_err();
        assert!(matches!(error.kind(), Kind::ModelMalformed | Kind::ModelManifest), "at {end}: {error}");
    }
}

#[test]
fn what_is_as_large_as_a_limit_loads() {
    for (name, file) in sizes::at_limits() {
        assert!(Ranker::load(&file).is_ok(), "{name}: {}", Ranker::load(&file).unwrap_err());
    }
}

#[test]
fn scores_that_are_not_finite_leave_the_prior_order() {
    // ln(server score + 10 · tags + 0.5): of a negative score without tags there is none.
    let file = builder::chain("Log", &[21.5f32.ln(), 43.5f32.ln()]);
    let mut ranker = Ranker::load(&file).unwrap();
    let mut packer = Packer::default();
    for (id, score) in [("a", -3.0), ("b", -2.0), ("c", -1.0), ("d", 7.0)] {
        packer.push(id, "", &[] as &[&str], score, &[]);
    }
    ranker.set_packed(&packer.packed()).unwrap();
    let ranking = ranker.rank(&Options::default(), &mut || 0.0);
    assert_eq!((ranking.order, ranking.report.tier), (vec![3, 2, 1, 0], Tier::Partial));
}
