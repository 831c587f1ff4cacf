//! In: [`Packed`] columns. Out: [`Items`], or what is wrong and where.
//! Each string is read once; a tag that comes again is a number.
//! Each length, number and byte is checked, cut or marked as absent here.

use super::ids::Ids;
use super::items::{Items, NO_PREFIX, Word};
use super::packed::{Packed, malformed};
use super::server_vectors::ServerVectors;
use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::text::{Lexicon, Tag, TextSpec};

/// Cuts a string to at most `bytes`, at a character's end.
fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Finite values pass, anything else becomes the one NaN that means "absent".
fn finite_or_absent(value: f32) -> f32 {
    if value.is_finite() { value } else { f32::NAN }
}

impl Items {
    /// Reads a packed list. `text` says how to tokenise; `fields_each` is the manifest's number of
    /// fields.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] if lengths, counts and columns do not fit each other, the
    /// list or its text is too large, or the text is not UTF-8; [`Kind::CandidateId`] for an empty
    /// or overlong id. Long titles and tags are cut; tags without a letter or digit are dropped.
    pub fn read(packed: &Packed, text: Option<&TextSpec>, fields_each: usize) -> Result<Items> {
        let n = packed.tag_counts.len();
        check_columns(packed, n, fields_each)?;
        let blob = std::str::from_utf8(packed.text)
            .map_err(|e| malformed(format!("text[{}]", e.valid_up_to()), "is not UTF-8"))?;
        let mut strings = Strings { blob, lengths: packed.lengths.iter(), at: 0 };
        let mut items = Items { fields_each, ..Items::default() };
        items.tokens_each = text.map_or(0, |spec| spec.max_tokens);
        items.tokens = vec![0; n * items.tokens_each];
        let mut lexicon = Lexicon::of(text);
        let mut id_spans = Vec::with_capacity(n);
        let mut tokens = items.tokens.chunks_exact_mut(items.tokens_each.max(1));
        for (position, own) in tags_of(packed).enumerate() {
            let (id, span) = strings.next(position)?;
            if id.is_empty() || id.len() > limits::ID_BYTES {
                let what = format!("has {} bytes, must have 1 to {}", id.len(), limits::ID_BYTES);
                return Err(Error::new(Kind::CandidateId, format!("items[{position}].id"), what));
            }
            let title = cut(strings.next(position)?.0, limits::TITLE_BYTES);
            id_spans.push(span);
            for &word in own {
                if word as usize >= lexicon.tags().len() {
                    items.words.push(new_word(word, &mut lexicon, &mut strings, position)?);
                }
            }
            let own = own.get(..limits::TAGS).unwrap_or(own);
            lexicon.tokens(title, own, tokens.next().unwrap_or_default());
        }
        strings.finish()?;
        items.server = ServerVectors::read(packed, n)?;
        items.take_tags(packed, lexicon.tags());
        items.ids = Ids::of(blob, id_spans);
        items.text = blob.to_string();
        items.scores = packed.scores.iter().map(|&s| finite_or_absent(s)).collect();
        items.fields = packed.fields.iter().map(|&f| finite_or_absent(f)).collect();
        Ok(items)
    }

    /// Takes the tags that say something, and numbers the distinct ones: of two strings that are one tag, both are.
    fn take_tags(&mut self, packed: &Packed, known: &[Tag]) {
        self.distinct_tags = known.iter().filter_map(|tag| tag.id).collect();
        self.distinct_tags.sort_unstable();
        self.distinct_tags.dedup();
        let slot = |id: u32| self.distinct_tags.partition_point(|&known| known < id) as u32;
        let known: Vec<Option<(u32, u32)>> =
            known.iter().map(|tag| tag.id.map(|id| (id, slot(id)))).collect();
        for column in [&mut self.tags, &mut self.tag_words, &mut self.tag_slots] {
            column.reserve(packed.tags.len());
        }
        self.tag_ends.reserve(packed.tag_counts.len());
        for own in tags_of(packed) {
            for &word in own.get(..limits::TAGS).unwrap_or(own) {
                if let Some(Some((id, slot))) = known.get(word as usize) {
                    self.tags.push(*id);
                    self.tag_words.push(word);
                    self.tag_slots.push(*slot);
                }
            }
            self.tag_ends.push(self.tags.len() as u32);
        }
    }
}

/// The tags of each item, as they were packed.
fn tags_of<'a>(packed: &Packed<'a>) -> impl Iterator<Item = &'a [u32]> {
    let mut rest = packed.tags;
    packed.tag_counts.iter().map(move |&count| {
        let (own, others) = rest.split_at_checked(count as usize).unwrap_or_default();
        rest = others;
        own
    })
}

/// A tag that was not met before in the list: its string is next.
fn new_word(word: u32, lexicon: &mut Lexicon, strings: &mut Strings, position: usize) -> Result<Word> {
    let known = lexicon.tags().len();
    if word as usize != known {
        return Err(malformed(format!("items[{position}].tags"), format!("has tag {word} of {known}")));
    }
    let (tag, (start, _)) = strings.next(position)?;
    let text = cut(tag, limits::TAG_BYTES);
    let prefix = lexicon.add(text).prefix.unwrap_or(NO_PREFIX);
    Ok(Word { span: (start, start + text.len() as u32), prefix })
}

fn check_columns(packed: &Packed, n: usize, fields_each: usize) -> Result<()> {
    if n > limits::CANDIDATES {
        let what = format!("{n} items, at most {}", limits::CANDIDATES);
        return Err(malformed("items", what));
    }
    if packed.text.len() > limits::LIST_TEXT_BYTES {
        let what = format!("{} bytes, at most {}", packed.text.len(), limits::LIST_TEXT_BYTES);
        return Err(malformed("text", what));
    }
    if packed.scores.len() != n {
        return Err(malformed("scores", format!("{} for {n} items", packed.scores.len())));
    }
    if packed.fields.len() as u64 != n as u64 * fields_each as u64 {
        let what = format!("{} for {n} items of {fields_each}", packed.fields.len());
        return Err(malformed("fields", what));
    }
    let tags: u64 = packed.tag_counts.iter().map(|&count| u64::from(count)).sum();
    if packed.tags.len() as u64 != tags {
        return Err(malformed("tags", format!("{}, counted {tags}", packed.tags.len())));
    }
    if packed.lengths.len() < 2 * n {
        return Err(malformed("lengths", format!("{} for {n} items", packed.lengths.len())));
    }
    Ok(())
}

/// Walks the blob string by string.
struct Strings<'a> {
    blob: &'a str,
    lengths: std::slice::Iter<'a, u32>,
    at: usize,
}

impl<'a> Strings<'a> {
    /// The next string, and where it is.
    fn next(&mut self, position: usize) -> Result<(&'a str, (u32, u32))> {
        let length = self.lengths.next().ok_or_else(|| malformed("lengths", "has too few"))?;
        let (text, end) = self
            .at
            .checked_add(*length as usize)
            .and_then(|end| Some((self.blob.get(self.at..end)?, end)))
            .ok_or_else(|| malformed(format!("items[{position}]"), "a string leaves the text"))?;
        let span = (self.at as u32, end as u32);
        self.at = end;
        Ok((text, span))
    }

    fn finish(self) -> Result<()> {
        if self.lengths.len() > 0 {
            return Err(malformed("lengths", format!("{} belong to no string", self.lengths.len())));
        }
        match self.blob.len() - self.at {
            0 => Ok(()),
            rest => Err(malformed("text", format!("{rest} bytes belong to no string"))),
        }
    }
}
