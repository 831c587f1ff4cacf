//! When other candidates are asked for, and which.
#![allow(clippy::unwrap_used)]
use crate::event::Event;
use crate::fixture::ranker;
use crate::item::Packer;
use crate::refill::{Refill, RefillReason};
use crate::{Options, Ranker, limits};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn with(tags: &[&[&str]]) -> Ranker {
    let mut packer = Packer::default();
    for (at, tags) in tags.iter().enumerate() {
        packer.push(&at.to_string(), "", tags, 1.0, &[1.0, 1.0]);
    }
    let mut ranker = ranker();
    ranker.set_packed(&packer.packed()).unwrap();
    ranker
}

fn act(ranker: &mut Ranker, kind: &str, item: usize) {
    let event = Event { kind, id: "", at_ms: 0.0, value: 1.0 };
    ranker.observe(&event, &item.to_string()).unwrap();
}

fn refill(ranker: &mut Ranker) -> Option<Refill> {
    ranker.rank(&Options::default(), &mut || 0.0).report.refill
}

#[test]
fn nothing_is_asked_for_before_anything_is_known() {
    assert_eq!(refill(&mut with(&[])), None);
    assert_eq!(refill(&mut with(&[&["tea"]])), None, "a short list is not a used one");
}

#[test]
fn a_list_is_used_up_when_less_than_a_screen_is_left() {
    let mut ranker = with(&[&["tea"][..]; 20]);
    for item in 0..20 - limits::POOL_LEAST {
        act(&mut ranker, "impression", item);
    }
    assert_eq!(refill(&mut ranker), None);
    act(&mut ranker, "like", 15);
    let refill = refill(&mut ranker).unwrap();
    assert_eq!(
        (refill.reason, refill.unseen, refill.served),
        (RefillReason::Exhausted, limits::POOL_LEAST - 1, 1.0)
    );
    assert_eq!(refill.tags.iter().map(|tag| (&*tag.tag, tag.weight)).collect::<Vec<_>>(), [("tea", 1.0)]);
    let length: f32 = refill.vector.iter().map(|v| v * v).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");
}

#[test]
fn a_list_is_off_interest_when_it_has_nothing_of_what_was_liked() {
    let mut tags = vec![&["cups", "wool"][..]; 30];
    tags[..3].fill(&["Night-Train", "tea", "wool"]);
    let mut ranker = with(&tags);
    act(&mut ranker, "like", 0);
    act(&mut ranker, "dislike", 20);
    assert_eq!(refill(&mut ranker), None, "one like is no interest yet");
    act(&mut ranker, "like", 1);
    assert_eq!(refill(&mut ranker), None, "the third one is left");
    act(&mut ranker, "impression", 2);
    let refill = refill(&mut ranker).unwrap();
    assert_eq!(refill.reason, RefillReason::OffInterest);
    assert!(refill.served < 0.5, "{}", refill.served);
    let asked: Vec<&str> = refill.tags.iter().map(|tag| &*tag.tag).collect();
    assert_eq!(
        asked,
        ["Night-Train", "tea", "wool"],
        "as items spelled them; what was rejected is not asked for"
    );
}
