//! Snapshots: how large, what for, and what they refuse.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::error::Result;
use crate::fixture::{bits, item, model_with, packed, rank, ranker, text};
use crate::item::Packer;
use crate::limits;
use crate::{Ranker, event};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn observe(ranker: &mut Ranker, kind: &str, id: &str, about: &str, at_ms: f64) {
    let event = event::Event { kind, id, at_ms, value: 30.0 };
    ranker.observe(&event, about).unwrap();
}

/// A session of many events about different items.
fn busy(events: usize) -> Ranker {
    let mut ranker = ranker();
    ranker.set_packed(&packed((0..events).map(item)).packed()).unwrap();
    ranker.prefer(&["tea"], &Packer::default().packed()).unwrap();
    for at in 0..events {
        let kind = ["like", "skip", "impression", "dwell"][at % 4];
        observe(&mut ranker, kind, &format!("event-{at}"), &item(at).id, at as f64 * 1e5);
    }
    ranker
}

#[test]
fn a_full_session_of_ordinary_items_fits_and_ranks_the_same() {
    let mut ranker = busy(limits::EVENTS);
    let bytes = ranker.snapshot(Form::Full);
    assert!(bytes.len() <= limits::SNAPSHOT_BYTES, "{}", bytes.len());
    let before = rank(&mut ranker);
    ranker.forget();
    ranker.restore(&bytes).unwrap();
    assert_eq!(bits(&rank(&mut ranker).scores), bits(&before.scores));
    assert_eq!(ranker.session().len(), limits::EVENTS);
    assert_eq!(ranker.undo("event-0"), Ok(true), "ids are kept");
}

#[test]
fn a_value_beyond_f32_leaves_a_session_that_can_be_restored() {
    for value in [1e39, f64::INFINITY, f64::from(f32::MAX)] {
        let mut ranker = busy(3);
        let event = event::Event { kind: "dwell", id: "long", at_ms: 1e6, value };
        assert_eq!(ranker.observe(&event, &item(1).id), Ok(true));
        let (before, bytes) = (rank(&mut ranker), ranker.snapshot(Form::Full));
        ranker.forget();
        ranker.restore(&bytes).unwrap();
        assert_eq!(bits(&rank(&mut ranker).scores), bits(&before.scores), "{value}");
        assert_eq!(ranker.undo("long"), Ok(true));
    }
}

#[test]
fn events_behind_the_window_are_kept_so_that_undoing_stays_exact() {
    let scroll = |ranker: &mut Ranker, leave_out: &str| {
        ranker.set_packed(&packed((0..24).map(item)).packed()).unwrap();
        for at in 0..limits::EVENTS + limits::RESERVED_EVENTS + 30 {
            let kind = ["like", "skip", "impression", "dwell"][at % 4];
            let id = format!("e{at}");
            if id != leave_out {
                observe(ranker, kind, &id, &item(at * 7 % 24).id, at as f64 * 1e5);
            }
        }
    };
    let (mut ranker, mut never) = (ranker(), ranker());
    scroll(&mut ranker, "");
    scroll(&mut never, "e540");
    let bytes = ranker.snapshot(Form::Full);
    ranker.restore(&bytes).unwrap();
    assert_eq!(ranker.session().log().entries().len(), limits::EVENTS + limits::RESERVED_EVENTS);
    assert_eq!(ranker.undo("e540"), Ok(true));
    assert_eq!(bits(&rank(&mut ranker).scores), bits(&rank(&mut never).scores));
    assert_eq!(ranker.undo("e2").unwrap_err().code(), "event/too-old", "it was dropped before the snapshot");
    assert_eq!(ranker.undo("nobody").unwrap_err().code(), "event/too-old", "it may have been among them");
}

#[test]
fn what_a_snapshot_left_out_cannot_be_undone_and_is_not_said_never_to_have_come() {
    let mut ranker = busy(40);
    let bytes = ranker.snapshot(Form::Compact);
    ranker.restore(&bytes).unwrap();
    assert_eq!(ranker.undo("event-39").unwrap_err().code(), "event/too-old", "its id was not kept");
    let again = ranker.snapshot(Form::Full);
    ranker.restore(&again).unwrap();
    assert_eq!(ranker.undo("event-39").unwrap_err().code(), "event/too-old", "nor is that forgotten");
    ranker.forget();
    assert_eq!(ranker.undo("event-39"), Ok(false));
}

#[test]
fn a_snapshot_of_version_1_still_opens() {
    let mut ranker = busy(12);
    let now = ranker.snapshot(Form::Full);
    let wire = &now[9..];
    let old = [MAGIC, &[1], &seal(wire), wire].concat();
    let before = rank(&mut ranker);
    ranker.forget();
    ranker.restore(&old).unwrap();
    assert_eq!(bits(&rank(&mut ranker).scores), bits(&before.scores));
    let mut flagged = now.clone();
    flagged[8] = 0x80;
    assert_eq!(ranker.restore(&resealed(&flagged)).unwrap_err().code(), "snapshot/malformed");
}

#[test]
fn a_compact_snapshot_keeps_the_newest_verdicts() {
    let mut ranker = busy(limits::EVENTS);
    let bytes = ranker.snapshot(Form::Compact);
    assert!(bytes.len() <= limits::COMPACT_BYTES, "{}", bytes.len());
    ranker.forget();
    ranker.restore(&bytes).unwrap();
    let kept = ranker.session().len();
    assert!((40..limits::EVENTS).contains(&kept), "{kept}");
    let newest = ranker.session().log().entries().back().unwrap().item.id.clone();
    assert_eq!(*newest, *item(limits::EVENTS - 1).id);
    assert_eq!(ranker.session().stated().len(), 1);
}

#[test]
fn the_largest_session_there_can_be_still_fits() {
    let fields: Vec<String> = (0..limits::FIELDS - 2).map(|at| format!("field {at}")).collect();
    let mut ranker = Ranker::load(&model_with(|manifest| {
        manifest["vectors"] = json!({ "basis": "space", "width": 4, "scale": 0.01 });
        manifest["fields"].as_array_mut().unwrap().extend(fields.iter().map(|name| json!(name)));
    }))
    .unwrap();
    let long = |prefix: String, bytes: usize| format!("{prefix}{}", "x".repeat(bytes - prefix.len()));
    let mut packer = Packer::default();
    for at in 0..limits::EVENTS {
        let tags: Vec<String> =
            (0..limits::TAGS).map(|tag| long(format!("{at} {tag} "), limits::TAG_BYTES)).collect();
        packer.push(&long(format!("{at} "), limits::ID_BYTES), "", &tags, 1.0, &[1.5; limits::FIELDS]);
        packer.set_vector(&[-100, 100, at as i8, 7]);
    }
    ranker.set_packed(&packer.packed()).unwrap();
    ranker.prefer(&[] as &[&str], &packer.packed()).unwrap();
    assert_eq!(ranker.session().stated().len(), limits::STATED_ITEMS);
    for at in 0..limits::EVENTS + limits::RESERVED_EVENTS {
        let id = long(format!("{at} "), limits::EVENT_ID_BYTES);
        // A day apart, with a value: as many bytes as a time and a value take.
        let about = long(format!("{} ", at % limits::EVENTS), limits::ID_BYTES);
        observe(&mut ranker, "dwell", &id, &about, at as f64 * 8.64e7);
    }
    for (form, most) in [(Form::Full, limits::SNAPSHOT_BYTES), (Form::Compact, limits::COMPACT_BYTES)] {
        let bytes = ranker.snapshot(form);
        assert!(bytes.len() <= most, "{form:?}: {}", bytes.len());
        let mut other = ranker.snapshot(form);
        assert_eq!(other, bytes, "{form:?}");
        ranker.restore(&bytes).unwrap();
        assert!(!ranker.session().log().is_empty(), "{form:?}: the newest events are kept");
        other = ranker.snapshot(form);
        ranker.restore(&other).unwrap();
    }
}

/// What a ranker makes of a snapshot by another model.
fn restored(change: impl FnOnce(&mut serde_json::Value)) -> Result<(Ranker, Ranker)> {
    let mut old = busy(12);
    let mut new = Ranker::load(&model_with(change)).unwrap();
    new.restore(&old.snapshot(Form::Full))?;
    Ok((old, new))
}

#[test]
fn a_snapshot_of_an_older_model_becomes_what_the_new_one_would_have_made_of_the_events() {
    // A like says less now, and the fields were put in another order.
    let change = |manifest: &mut serde_json::Value| {
        manifest["fields"] = json!(["popularity", "price"]);
        manifest["actions"]["like"]["positive"] = json!(0.5);
    };
    let (_, mut upgraded) = restored(change).unwrap();
    let mut fresh = Ranker::load(&model_with(change)).unwrap();
    let swapped = |number: usize| {
        let item = item(number);
        crate::fixture::Item { fields: [item.fields[1], item.fields[0]], ..item }
    };
    fresh.set_packed(&packed((0..12).map(swapped)).packed()).unwrap();
    fresh.prefer(&["tea"], &Packer::default().packed()).unwrap();
    for at in 0..12 {
        let kind = ["like", "skip", "impression", "dwell"][at % 4];
        observe(&mut fresh, kind, "", &item(at).id, at as f64 * 1e5);
    }
    upgraded.set_packed(&packed((0..12).map(swapped)).packed()).unwrap();
    assert_eq!(bits(&rank(&mut upgraded).scores), bits(&rank(&mut fresh).scores));
}

#[test]
fn a_snapshot_that_the_model_cannot_read_is_refused_and_the_session_stays() {
    let without_like = |manifest: &mut serde_json::Value| {
        manifest["actions"].as_object_mut().unwrap().remove("like");
    };
    assert_eq!(restored(without_like).unwrap_err().code(), "snapshot/model");
    let other_text = |manifest: &mut serde_json::Value| manifest["text"]["seed"] = json!(4);
    assert_eq!(restored(other_text).unwrap_err().code(), "snapshot/model");

    let mut ranker = busy(12);
    let before = ranker.snapshot(Form::Full);
    let mut newer = before.clone();
    newer[3] = VERSION + 1;
    assert_eq!(ranker.restore(&newer).unwrap_err().code(), "snapshot/version");
    for at in 0..before.len() {
        let mut damaged = before.clone();
        damaged[at] ^= 0x10;
        assert!(ranker.restore(&damaged).is_err(), "byte {at}");
        assert_eq!(ranker.restore(&before[..at]).unwrap_err().code(), "snapshot/malformed", "cut at {at}");
    }
    let long = [before.clone(), vec![0; limits::SNAPSHOT_BYTES]].concat();
    assert_eq!(ranker.restore(&long).unwrap_err().code(), "snapshot/malformed");
    assert_eq!(ranker.snapshot(Form::Full), before);
}

type Spoil = fn(&mut Wire);

#[test]
fn numbers_out_of_range_are_refused_behind_a_right_checksum() {
    let ok = || Wire {
        text: Some(text_hash(&text())),
        basis: Some(hash("space")),
        fields: vec![hash("price"), hash("popularity")],
        kinds: vec![hash("like")],
        tags: vec![Tag::Name("tea".into())],
        items: vec![Item {
            id: "a".into(),
            tags: vec![0],
            fields: vec![1.0, f32::INFINITY],
            tokens: Some(vec![63]),
            server: Some(Box::new([1, -2, 3])),
        }],
        stated: vec![0],
        events: vec![Event { id: "e".into(), kind: 0, value: None, gap_ms: 5, item: 0 }],
    };
    let fields = ["price".to_string(), "popularity".to_string()];
    let text = text();
    let basis = Basis { fields: &fields, text: Some(&text), vectors: Some(("space", 3)), history: 8 };
    let contents = ok().contents(&basis, Lost::default()).unwrap();
    assert!(contents.items[0].fields[1].is_nan(), "what is not finite is absent");
    let wrong: [(&str, Spoil); 11] = [
        ("an item that is not there", |wire| wire.events[0].item = 1),
        ("a preference that is not there", |wire| wire.stated[0] = 9),
        ("a kind that is not there", |wire| wire.events[0].kind = 1),
        ("a tag that is not there", |wire| wire.items[0].tags = vec![1]),
        ("a token beyond the table", |wire| wire.items[0].tokens = Some(vec![64])),
        ("a vector of another width", |wire| wire.items[0].server = Some(Box::new([1]))),
        ("too many tokens", |wire| wire.items[0].tokens = Some(vec![1; 7])),
        ("no id", |wire| wire.items[0].id = "".into()),
        ("a time beyond the calendar", |wire| wire.events[0].gap_ms = i64::MAX),
        ("too many events", |wire| {
            wire.events = (0..=limits::EVENTS + limits::RESERVED_EVENTS)
                .map(|_| Event { id: "".into(), kind: 0, value: None, gap_ms: 0, item: 0 })
                .collect();
        }),
        ("a tag without a letter", |wire| wire.tags = vec![Tag::Name("?".into())]),
    ];
    for (name, spoil) in wrong {
        let mut wire = ok();
        spoil(&mut wire);
        assert_eq!(
            wire.contents(&basis, Lost::default()).unwrap_err().code(),
            "snapshot/malformed",
            "{name}"
        );
    }
}
