//! Laws of a ranking: each holds for 10,000 drawn cases, the same ones every time.
//! `./build.sh test --json` lists them by the line that each prints when it has held.
//! Must never draw what cannot break the law: a law that holds by its cases is none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::event::{Event, Strength};
use crate::fixture::{bits, item, packed, rank, ranker};
use crate::item::{Packed, Packer};
use crate::session::snapshot::Form;
use crate::session::{ItemFacts, Session, View};
use crate::{Options, Ranker, Tier, limits};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
mod hostile;
mod order;
mod session;
mod snapshot;
mod undo;
mod work;

/// As WebAssembly a sample is enough: it is the same code.
const CASES: u32 = if cfg!(target_arch = "wasm32") { 250 } else { 10_000 };

/// Holds a law to its cases and says so.
pub(crate) fn law<S: Strategy>(name: &str, cases: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases: CASES,
        max_global_rejects: 10 * CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let held = Cell::new(0);
    let result = runner.run(&cases, |case| {
        holds(case)?;
        held.set(held.get() + 1);
        Ok(())
    });
    if let Err(broken) = result {
        panic!("{name}: {broken}");
    }
    // Not println!: the test harness would keep it to itself, and a script reads it.
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("\nlaw: {name}: {} cases\n", held.get()),
    );
}

/// Kinds of the fixture's manifest, with and without a verdict.
const KINDS: [&str; 7] = ["impression", "click", "like", "dislike", "skip", "dwell", "add_to_gift_list"];

/// An event: kind, item, hour.
type Act = (usize, usize, u16);

fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    proptest::collection::vec((0..KINDS.len(), 0usize..24, 0u16..72), 0..most)
}

/// Numbers of different items.
fn lists(most: usize) -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0usize..24, 0..most).prop_map(|mut list| {
        let mut seen = [false; 24];
        list.retain(|&number| !std::mem::replace(&mut seen[number], true));
        list
    })
}

fn set(ranker: &mut Ranker, list: &[usize]) {
    ranker.set_packed(&packed(list.iter().map(|&number| item(number))).packed()).unwrap();
}

fn act(ranker: &mut Ranker, id: &str, &(kind, number, hour): &Act) -> bool {
    let event = Event { kind: KINDS[kind], id, at_ms: f64::from(hour) * 3.6e6, value: 30.0 };
    let about = item(number).id;
    match ranker.observe(&event, &about) {
        Err(error) if error.code() == "event/unknown-item" => {
            ranker.remember(&packed([item(number)]).packed()).unwrap();
            ranker.observe(&event, &about).unwrap()
        }
        result => result.unwrap(),
    }
}

/// Rankers that are loaded once a law: loading compiles the model.
fn two() -> RefCell<(Ranker, Ranker)> {
    RefCell::new((ranker(), ranker()))
}

fn fresh<'a>(ranker: &'a mut Ranker, list: &[usize], acts: &[Act]) -> &'a mut Ranker {
    ranker.forget();
    set(ranker, list);
    for (index, one) in acts.iter().enumerate() {
        act(ranker, &format!("e{index}"), one);
    }
    ranker
}

fn known(number: u8) -> Rc<ItemFacts> {
    Rc::new(ItemFacts {
        id: format!("{number}").into(),
        tags: vec![u32::from(number % 4)],
        ..ItemFacts::default()
    })
}

fn strength(kind: u8) -> Strength {
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.25], [0.0, 0.0, 0.25]][usize::from(kind % 4)]
}
