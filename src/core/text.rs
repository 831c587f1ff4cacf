//! In: a title and tags as UTF-8. Out: token ids for the text table, and one id a tag for counters.
//! Lower-cases, splits at anything that is not a letter or digit, hashes: the same in training,
//! evaluation and wasm. It does not depend on locale, table order or the host's hasher: golden tokens.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use serde::{Deserialize, Serialize};

/// The text settings of a model's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    /// Rows of the text table; token ids are `1..table`, 0 is padding. At least 2.
    pub table: u32,
    /// Tokens read of an item: tags first, then words of tags, then words of the title.
    pub max_tokens: usize,
    /// Seed of the hash, so that two models may spread collisions differently.
    pub seed: u64,
    /// Whether the words of a tag of several words are tokens too.
    pub tag_words: bool,
    /// Whether the words of the title are tokens.
    pub title_words: bool,
}

/// FNV-1a over bytes, finished by SplitMix64 so that high and low bits are equally good.
#[derive(Debug, Clone, Copy)]
struct Hasher(u64);

impl Hasher {
    fn new(seed: u64, domain: u8) -> Hasher {
        let mut hasher = Hasher(0xCBF2_9CE4_8422_2325 ^ seed);
        hasher.byte(domain);
        hasher
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }

    fn finish(self) -> u64 {
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// What a byte of a text is: most are ASCII, and are read without decoding them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// A letter in lower case, or a digit.
    Within(u8),
    /// Between words.
    Between,
    /// Of a character of several bytes.
    Longer,
}

#[allow(clippy::indexing_slicing)] // at compile time
static BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Longer; 256];
    let mut byte = 0;
    while byte < 128 {
        let own = byte as u8;
        bytes[byte] =
            if own.is_ascii_alphanumeric() { Byte::Within(own.to_ascii_lowercase()) } else { Byte::Between };
        byte += 1;
    }
    bytes
};

/// Spells the words of a text, which are its maximal runs of letters and digits, in lower case: `say` hears each
/// byte of a word, and `None` behind its last; it answers whether it wants to hear the next word.
#[inline]
#[allow(clippy::indexing_slicing)] // a byte in a table of 256
fn spell(text: &str, mut say: impl FnMut(Option<u8>) -> bool) {
    let (mut at, mut within) = (0, false);
    while let Some(&byte) = text.as_bytes().get(at) {
        let of_word = match BYTES[usize::from(byte)] {
            Byte::Within(byte) => {
                say(Some(byte));
                at += 1;
                true
            }
            Byte::Between => {
                at += 1;
                false
            }
            Byte::Longer => {
                let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { return };
                at += c.len_utf8();
                let of_word = c.is_alphanumeric();
                if of_word {
                    let mut utf8 = [0; 4];
                    for lower in c.to_lowercase() {
                        lower.encode_utf8(&mut utf8).bytes().for_each(|byte| _ = say(Some(byte)));
                    }
                }
                of_word
            }
        };
        if within && !of_word && !say(None) {
            return;
        }
        within = of_word;
    }
    if within {
        say(None);
    }
}

fn tag_hash(seed: u64, tag: &str) -> Option<u64> {
    let mut hasher = Hasher::new(seed, b't');
    let (mut any, mut between) = (false, false);
    spell(tag, |byte| {
        match byte {
            Some(byte) => {
                if between {
                    hasher.byte(b' ');
                }
                hasher.byte(byte);
                (any, between) = (true, false);
            }
            None => between = true,
        }
        true
    });
    any.then(|| hasher.finish())
}

/// The id under which counters know a tag; `None` if it holds no letter or digit.
///
/// 32 bits of the hash of the lower-cased words: with a thousand different tags the chance of any
/// collision is about one in ten thousand.
pub fn tag_id(tag: &str) -> Option<u32> {
    tag_hash(0, tag).map(high)
}

fn high(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl TextSpec {
    fn row(&self, hash: u64) -> u32 {
        1 + (hash % u64::from(self.table.max(2) - 1)) as u32
    }

    /// The rows of a text's words, in order; `each` answers whether it wants the next.
    #[inline]
    fn word_rows(&self, text: &str, mut each: impl FnMut(u32) -> bool) {
        let start = Hasher::new(self.seed, b'w');
        let mut hasher = start;
        spell(text, |byte| match byte {
            Some(byte) => {
                hasher.byte(byte);
                true
            }
            None => each(self.row(std::mem::replace(&mut hasher, start).finish())),
        });
    }

    /// Appends exactly `max_tokens` token ids to `out`, each once, padded with 0.
    pub fn tokens<'t>(&self, title: &str, tags: impl Iterator<Item = &'t str>, out: &mut Vec<u32>) {
        let mut lexicon = Lexicon::of(Some(self));
        tags.for_each(|tag| _ = lexicon.add(tag));
        let all: Vec<u32> = (0..lexicon.tags.len() as u32).collect();
        let start = out.len();
        out.resize(start + self.max_tokens, 0);
        lexicon.tokens(title, &all, out.get_mut(start..).unwrap_or_default());
    }
}

/// The tags of one list as they are met, so that what is read of a tag is computed once a list: the
/// same few words come with most items.
pub struct Lexicon<'s> {
    spec: Option<&'s TextSpec>,
    tags: Vec<Tag>,
    word_rows: Vec<u32>,
}

/// What is read of a tag.
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    /// As [`tag_id`] gives it.
    pub id: Option<u32>,
    /// The same of what stands before its first `:`.
    pub prefix: Option<u32>,
    row: u32,
    /// Where the rows of its words are.
    words: (u32, u32),
}

impl<'s> Lexicon<'s> {
    /// Empty.
    pub fn of(spec: Option<&'s TextSpec>) -> Lexicon<'s> {
        Lexicon { spec, tags: Vec::new(), word_rows: Vec::new() }
    }

    /// Reads a tag; it becomes the last of [`Lexicon::tags`].
    pub fn add(&mut self, text: &str) -> Tag {
        let tag = self.read(text);
        self.tags.push(tag);
        tag
    }

    /// What was added.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn read(&mut self, text: &str) -> Tag {
        let hash = tag_hash(0, text);
        let prefix = text.split_once(':').and_then(|(prefix, _)| tag_id(prefix));
        let (mut row, start) = (0, self.word_rows.len());
        if let (Some(spec), Some(own)) = (self.spec, hash) {
            let seeded = if spec.seed == 0 { Some(own) } else { tag_hash(spec.seed, text) };
            row = seeded.map_or(0, |hash| spec.row(hash));
            if spec.tag_words {
                spec.word_rows(text, |row| {
                    self.word_rows.push(row);
                    true
                });
                // A tag of one word says nothing else as a word.
                if self.word_rows.len() == start + 1 {
                    self.word_rows.truncate(start);
                }
            }
        }
        Tag { id: hash.map(high), prefix, row, words: (start as u32, self.word_rows.len() as u32) }
    }

    /// As [`TextSpec::tokens`], of tags by their numbers in [`Lexicon::tags`], into zeros; nothing without a spec.
    pub fn tokens(&self, title: &str, tags: &[u32], tokens: &mut [u32]) {
        let Some(spec) = self.spec else { return };
        let mut row = Row { tokens, found: 0, seen: 0 };
        let own = || tags.iter().filter_map(|&index| self.tags.get(index as usize));
        let mut words = false;
        for tag in own().filter(|tag| tag.row != 0) {
            row.push(tag.row);
            words |= tag.words.0 < tag.words.1;
        }
        for (start, end) in own().map(|tag| tag.words).filter(|_| words) {
            if row.is_full() {
                break;
            }
            let rows = self.word_rows.get(start as usize..end as usize).unwrap_or_default();
            rows.iter().for_each(|&token| row.push(token));
        }
        // Words beyond the last token are not even hashed.
        if spec.title_words && !row.is_full() {
            spec.word_rows(title, |token| {
                row.push(token);
                !row.is_full()
            });
        }
    }
}

/// Tokens of one item as they are found, each once.
struct Row<'o> {
    tokens: &'o mut [u32],
    found: usize,
    /// A bit for each token: one whose bit is not set is new, and most are.
    seen: u64,
}

impl Row<'_> {
    fn is_full(&self) -> bool {
        self.found >= self.tokens.len()
    }

    #[inline]
    fn push(&mut self, token: u32) {
        let bit = 1 << (token % 64);
        let known = self.seen & bit != 0
            && self.tokens.get(..self.found).is_some_and(|tokens| tokens.contains(&token));
        if let (false, Some(to)) = (known, self.tokens.get_mut(self.found)) {
            *to = token;
            self.seen |= bit;
            self.found += 1;
        }
    }
}

#[cfg(test)]
#[path = "../../tests/core/text.rs"]
mod tests;
