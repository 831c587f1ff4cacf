//! When other candidates are wished for, and which.
#![allow(clippy::unwrap_used)]
use crate::event::Event;
use crate::fixture::ranker;
use crate::item::Packer;
use crate::more::{More, Want};
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

fn more(ranker: &mut Ranker) -> Option<More> {
    ranker.rank(&Options::default(), &mut || 0.0).report.more
}

#[test]
fn nothing_is_wished_for_before_anything_is_known() {
    assert_eq!(more(&mut with(&[])), None);
    assert_eq!(more(&mut with(&[&["tea"]])), None, "a short list is not a used one");
}

#[test]
fn a_list_is_used_up_when_less_than_a_screen_is_left() {
    let mut ranker = with(&[&["tea"][..]; 20]);
    for item in 0..20 - limits::POOL_LEAST {
        act(&mut ranker, "impression", item);
    }
    assert_eq!(more(&mut ranker), None);
    act(&mut ranker, "like", 15);
    let more = more(&mut ranker).unwrap();
    assert_eq!((more.reason, more.unseen, more.served), (Want::Exhausted, limits::POOL_LEAST - 1, 1.0));
    assert_eq!(more.tags.iter().map(|wish| (&*wish.tag, wish.weight)).collect::<Vec<_>>(), [("tea", 1.0)]);
    let length: f32 = more.vector.iter().map(|v| v * v).sum();
    assert!((length - 1.0).abs() < 1e-5, "{length}");
}

#[test]
fn a_list_is_off_interest_when_it_has_nothing_of_what_was_liked() {
    let mut tags = vec![&["cups", "wool"][..]; 30];
    tags[..3].fill(&["Night-Train", "tea", "wool"]);
    let mut ranker = with(&tags);
    act(&mut ranker, "like", 0);
    act(&mut ranker, "dislike", 20);
    assert_eq!(more(&mut ranker), None, "one like is no interest yet");
    act(&mut ranker, "like", 1);
    assert_eq!(more(&mut ranker), None, "the third one is left");
    act(&mut ranker, "impression", 2);
    let more = more(&mut ranker).unwrap();
    assert_eq!(more.reason, Want::OffInterest);
    assert!(more.served < 0.5, "{}", more.served);
    let wished: Vec<&str> = more.tags.iter().map(|wish| &*wish.tag).collect();
    assert_eq!(
        wished,
        ["Night-Train", "tea", "wool"],
        "as items spelled them; what was rejected is not asked for"
    );
}
