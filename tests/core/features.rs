//! Features by hand, and that a re-rank touches only what an event can change.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::item::Items;
use crate::item::Packer;
use crate::session::{ItemFacts, Session};
use crate::text::tag_id;
use ndarray::Array2;
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn items() -> Items {
    let mut packer = Packer::default();
    packer.push("a", "", &["x", "y"], 3.0, &[1990.0]);
    packer.push("b", "", &["y"], 1.0, &[2010.0]);
    packer.push("c", "", &[] as &[&str], f32::NAN, &[f32::NAN]);
    packer.push("d", "", &["z"], 1.0, &[2000.0]);
    Items::read(&packer.packed(), None, 1).unwrap()
}

fn profile() -> Session {
    let mut session = Session::default();
    let mut add = |id: &str, tag: &str, year: f32, strength| {
        let item = ItemFacts {
            id: id.into(),
            tags: vec![tag_id(tag).unwrap()],
            fields: vec![year],
            ..ItemFacts::default()
        };
        session.observe("", 0.0, Rc::new(item), strength);
    };
    add("p", "x", 1980.0, [1.0, 0.0, 0.0]);
    add("q", "y", 1900.0, [0.0, 0.5, 0.0]);
    session
}

fn column(source: Source, transform: Vec<Transform>) -> Vec<f32> {
    let features = [Feature { name: "f".into(), source, transform, missing: -9.0 }];
    let mut dense = Array2::zeros((4, 1));
    let mut session = profile();
    fill(&mut dense, &features, &["year".into()], &items(), session.profile(), |_| true);
    dense.column(0).to_vec()
}

fn tags(channel: Channel, pool: Pool) -> Vec<f32> {
    column(Source::TagAffinity { channel, pool }, vec![])
}

#[test]
fn server_scores_ranks_and_absence() {
    assert_eq!(column(Source::ServerScore, vec![]), [3.0, 1.0, -9.0, 1.0]);
    assert_eq!(column(Source::ServerRank, vec![]), [1.0, 0.25, -9.0, 0.25]);
    assert_eq!(column(Source::ServerAbsent, vec![]), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(column(Source::TagCount, vec![]), [2.0, 1.0, 0.0, 1.0]);
}

#[test]
fn affinity_is_strength_over_all_strength_and_the_prior() {
    // x: 1 of 1 + 2; y: 0.5 of 0.5 + 2 against; z: never seen.
    assert_eq!(tags(Channel::Positive, Pool::Mean), [1.0 / 6.0, 0.0, -9.0, 0.0]);
    assert_eq!(tags(Channel::Negative, Pool::Mean), [0.1, 0.2, -9.0, 0.0]);
    assert_eq!(tags(Channel::Net, Pool::Peak), [1.0 / 3.0, -0.2, -9.0, 0.0]);
    assert_eq!(column(Source::SessionStrength { channel: Channel::Net }, vec![]), [0.5; 4]);
}

#[test]
fn a_field_gap_is_measured_from_what_was_liked() {
    let gap = Source::FieldGap { field: "year".into() };
    assert_eq!(column(gap.clone(), vec![]), [10.0, 30.0, -9.0, 20.0]);
    assert_eq!(column(gap, vec![Transform::Clip { low: 0.0, high: 15.0 }]), [10.0, 15.0, -9.0, 15.0]);
}

#[test]
fn transforms_apply_in_order_and_never_give_a_non_finite_value() {
    let standard = Transform::Standardise { mean: 2.0, scale: 0.5 };
    assert_eq!(column(Source::ServerScore, vec![standard, Transform::Abs]), [2.0, 2.0, -9.0, 2.0]);
    let huge = Transform::Standardise { mean: 0.0, scale: f32::MIN_POSITIVE };
    assert_eq!(column(Source::ServerScore, vec![huge, huge])[0], -9.0);
}

#[test]
fn a_refill_leaves_static_columns_alone() {
    let feature = |source| Feature { name: "f".into(), source, transform: vec![], missing: 0.0 };
    let session = Source::SessionStrength { channel: Channel::Positive };
    let features = [feature(Source::ServerScore), feature(session)];
    let mut dense = Array2::from_elem((4, 2), 7.0);
    fill(&mut dense, &features, &[], &items(), profile().profile(), |f| !f.is_static());
    assert_eq!(dense.column(0).to_vec(), [7.0; 4]);
    assert_eq!(dense.column(1).to_vec(), [1.0; 4]);
}
