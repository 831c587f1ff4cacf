//! Tokens and ids of texts: golden ones, which every trained model stands on, and any text there is.
//! Words are told by a split of characters that knows nothing of bytes.
//! Must never be changed together with the text's own code.
#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn spec() -> TextSpec {
    TextSpec { table: 4096, max_tokens: 8, seed: 7, tag_words: true, title_words: true }
}

fn tokens(title: &str, tags: &[&str]) -> Vec<u32> {
    let mut out = Vec::new();
    spec().tokens(title, tags.iter().copied(), &mut out);
    out
}

#[test]
fn golden_tokens_stay_as_they_are() {
    assert_eq!(
        tokens("Amélie, or: 2 Lives", &["Romance", "dark comedy"]),
        GOLDEN,
        "a change here breaks every trained model"
    );
    assert_eq!(tag_id("Dark-Comedy"), Some(GOLDEN_TAG));
}
const GOLDEN: [u32; 8] = [2604, 226, 1630, 98, 456, 60, 2800, 1922];
const GOLDEN_TAG: u32 = 1_092_340_248;

#[test]
fn case_and_punctuation_do_not_matter_but_words_do() {
    assert_eq!(tag_id("Sci-Fi"), tag_id("sci fi"));
    assert_ne!(tag_id("scifi"), tag_id("sci fi"));
    assert_eq!(tag_id("!?"), None);
}

#[test]
fn tags_come_before_title_and_padding_is_zero() {
    let both = tokens("Alien", &["Horror"]);
    assert_eq!(both[0], tokens("", &["Horror"])[0]);
    assert_eq!(both[1], tokens("alien", &[])[0]);
    assert!(both[2..].iter().all(|&t| t == 0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]
    #[test]
    fn words_are_the_runs_of_letters_and_digits(text in "(?s).{0,40}|[a-zà-öA-Z0-9 ,.'’٣ß-]{0,40}") {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let plain: Vec<String> = words.map(|word| word.chars().flat_map(char::to_lowercase).collect()).collect();
        for most in [usize::MAX, 2] {
            let mut spelt = vec![vec![]];
            spell(&text, |byte| {
                match byte {
                    Some(byte) => spelt.last_mut().unwrap().push(byte),
                    None => spelt.push(vec![]),
                }
                spelt.len() <= most
            });
            prop_assert_eq!(spelt.pop(), Some(vec![]), "what comes last is a word's end");
            let spelt: Vec<String> = spelt.into_iter().map(|word| String::from_utf8(word).unwrap()).collect();
            prop_assert_eq!(&spelt, &plain[..plain.len().min(most)]);
        }
    }

    #[test]
    fn any_text_gives_exactly_max_tokens_in_range(title in ".{0,60}", tags in proptest::collection::vec(".{0,20}", 0..20)) {
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let out = tokens(&title, &tags);
        prop_assert_eq!(out.len(), 8);
        prop_assert!(out.iter().all(|&t| t < 4096));
        let used = out.iter().take_while(|&&t| t != 0).count();
        prop_assert!(out[used..].iter().all(|&t| t == 0));
    }
}
