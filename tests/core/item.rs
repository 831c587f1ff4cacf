//! What `Items::read` takes, cuts and refuses.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::limits;
use crate::text::{TextSpec, tag_id};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn spec() -> TextSpec {
    TextSpec { table: 64, max_tokens: 4, seed: 1, tag_words: false, title_words: true }
}

fn two() -> Packer {
    let mut packer = Packer::default();
    packer.push("a", "First", &["x", "y"], 1.0, &[1999.0]);
    packer.push("b", "", &[] as &[&str], f32::INFINITY, &[f32::NEG_INFINITY]);
    packer
}

#[test]
fn a_list_reads_back() {
    let items = Items::read(&two().packed(), Some(&spec()), 1).unwrap();
    assert_eq!((items.len(), items.id(0), items.id(1)), (2, "a", "b"));
    assert_eq!(items.tags(0), [tag_id("x").unwrap(), tag_id("y").unwrap()]);
    assert!(items.tags(1).is_empty());
    assert_eq!(items.tokens(0).len(), 4);
    assert_eq!(items.position_of("b"), Some(1));
    assert!(items.scores()[1].is_nan(), "an infinite score is absent");
    assert!(items.fields(1)[0].is_nan());
}

#[test]
fn columns_that_do_not_fit_are_refused_with_their_place() {
    let packer = two();
    let good = packer.packed();
    let longer = [good.lengths, &[0]].concat();
    let cases: [(&str, Packed); 10] = [
        ("scores", Packed { scores: &[], ..good }),
        ("fields", Packed { fields: &[1.0], ..good }),
        ("lengths", Packed { lengths: &good.lengths[..3], ..good }),
        ("lengths", Packed { lengths: &good.lengths[..5], ..good }),
        ("lengths", Packed { lengths: &longer, ..good }),
        ("tags", Packed { tag_counts: &[u32::MAX, u32::MAX], ..good }),
        ("items[0].tags", Packed { tags: &[0, 2], ..good }),
        ("items[1]", Packed { text: &good.text[..8], ..good }),
        ("text", Packed { text: b"aFirstxyb?", ..good }),
        ("text[1]", Packed { text: b"a\xFFirstxyb", ..good }),
    ];
    for (place, packed) in cases {
        let error = Items::read(&packed, Some(&spec()), 1).unwrap_err();
        assert_eq!((error.code(), error.place()), ("candidates/malformed", place), "{error}");
    }
}

#[test]
fn limits_hold_at_n_and_n_plus_one() {
    let list = |n: usize| {
        let mut packer = Packer::default();
        (0..n).for_each(|i| packer.push(&i.to_string(), "", &[] as &[&str], 0.0, &[]));
        Items::read(&packer.packed(), None, 0)
    };
    assert_eq!(list(limits::CANDIDATES).unwrap().len(), limits::CANDIDATES);
    assert!(list(limits::CANDIDATES + 1).is_err());
    let id = |bytes: usize| {
        let mut packer = Packer::default();
        packer.push(&"i".repeat(bytes), "", &[] as &[&str], 0.0, &[]);
        Items::read(&packer.packed(), None, 0).map(|items| items.id(0).len())
    };
    assert_eq!(id(limits::ID_BYTES), Ok(limits::ID_BYTES));
    assert_eq!(id(limits::ID_BYTES + 1).unwrap_err().code(), "candidate/id");
    assert_eq!(id(0).unwrap_err().code(), "candidate/id");
}

#[test]
fn long_titles_and_many_tags_are_cut_not_refused() {
    let mut packer = Packer::default();
    let tags: Vec<String> = (0..limits::TAGS + 9).map(|i| format!("tag{i}")).collect();
    packer.push("a", &"é".repeat(limits::TITLE_BYTES), &tags, 0.0, &[]);
    let items = Items::read(&packer.packed(), Some(&spec()), 0).unwrap();
    assert_eq!(items.tags(0).len(), limits::TAGS);
}

#[test]
fn a_tag_that_comes_again_is_a_number_and_two_spellings_are_one_tag() {
    let mut packer = Packer::default();
    packer.push("a", "", &["genre:Sci-Fi", "x"], 0.0, &[]);
    packer.push("b", "", &["x", "genre:sci fi", "x"], 0.0, &[]);
    let packed = packer.packed();
    assert_eq!((packed.tags, packed.lengths.len()), (&[0, 1, 1, 2, 1][..], 7));
    let items = Items::read(&packed, Some(&spec()), 0).unwrap();
    let [x, scifi] = ["x", "genre:sci-fi"].map(|tag| tag_id(tag).unwrap());
    assert_eq!(items.tags(0), [scifi, x]);
    assert_eq!(items.tags(1), [x, scifi, x]);
    assert_eq!(items.distinct_tags().len(), 2);
    assert_eq!(items.tag_slots(0)[0], items.tag_slots(1)[1]);
    let prefix = tag_id("genre").unwrap();
    assert_eq!(items.tags_of_prefix(1, prefix).collect::<Vec<_>>(), [scifi]);
    assert_eq!(items.tag_names(1).collect::<Vec<_>>(), ["x", "genre:sci fi", "x"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
    #[test]
    fn arbitrary_columns_read_or_are_refused(
        text in proptest::collection::vec(any::<u8>(), 0..64),
        lengths in proptest::collection::vec(0u32..20, 0..12),
        tags in proptest::collection::vec(0u32..4, 0..8),
        tag_counts in proptest::collection::vec(0u32..4, 0..6),
        scores in proptest::collection::vec(any::<f32>(), 0..6),
    ) {
        let packed = Packed { text: &text, lengths: &lengths, tags: &tags, tag_counts: &tag_counts, scores: &scores, ..Packed::default() };
        if let Ok(items) = Items::read(&packed, Some(&spec()), 0) {
            prop_assert_eq!(items.len(), tag_counts.len());
            for position in 0..items.len() {
                prop_assert!(!items.id(position).is_empty());
                prop_assert_eq!(items.tokens(position).len(), 4);
            }
        }
    }
}
