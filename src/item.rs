//! In: a list of items packed into columns by the caller. Out: [`Items`], validated and tokenised.
//! The one place where an item's text, score and fields enter.
//! Must never trust a length, a byte or a float: each is checked, cut or marked as absent here.

mod packer;
mod server;

pub use packer::Packer;
pub use server::place;

use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::text::{Lexicon, Tag, TextSpec};
use server::ServerVectors;

/// A list of items as it arrives: one blob of text and flat columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Packed<'a> {
    /// UTF-8 of all strings, back to back: per item its id, its title, then its tags.
    pub text: &'a [u8],
    /// Length of each string in bytes, in the same order.
    pub lengths: &'a [u32],
    /// Number of tags of each item; its length is the number of items.
    pub tag_counts: &'a [u32],
    /// Server score of each item; any non-finite value means absent.
    pub scores: &'a [f32],
    /// Numeric fields, one row an item, in the manifest's order; non-finite means absent.
    pub fields: &'a [f32],
    /// Server vectors, one row an item, as the manifest's `vectors` says; empty if there are none.
    pub vectors: &'a [i8],
    /// Whether each item has one, 1 or 0; empty if there are none.
    pub given: &'a [u8],
}

/// Validated items in columns. Positions are those of the list that came in.
#[derive(Debug, Clone, Default)]
pub struct Items {
    id_spans: Vec<(u32, u32)>,
    tags: Vec<u32>,
    tag_prefixes: Vec<u32>,
    tag_ends: Vec<u32>,
    /// All text, and where in it each id and each of `tags` is.
    text: String,
    tag_spans: Vec<(u32, u32)>,
    distinct_tags: Vec<u32>,
    tag_slots: Vec<u32>,
    tokens: Vec<u32>,
    tokens_each: usize,
    scores: Vec<f32>,
    fields: Vec<f32>,
    fields_each: usize,
    server: ServerVectors,
}

/// Stands where a tag has no prefix. A real prefix of this id (one in 2^32) merely has none.
const NO_PREFIX: u32 = 0;

fn malformed(place: impl Into<String>, what: impl Into<String>) -> Error {
    Error::new(Kind::CandidatesMalformed, place, what)
}

/// Cuts a string to at most `bytes`, at a character's end.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
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
        items.text = blob.to_string();
        let mut lexicon = Lexicon::of(text, packed.lengths.len());
        items.reserve(packed);
        let mut tags: Vec<u32> = Vec::new();
        for (position, &count) in packed.tag_counts.iter().enumerate() {
            let start = strings.at as u32;
            let id = strings.next(position)?;
            if id.is_empty() || id.len() > limits::ID_BYTES {
                let what = format!("has {} bytes, must have 1 to {}", id.len(), limits::ID_BYTES);
                return Err(Error::new(Kind::CandidateId, format!("items[{position}].id"), what));
            }
            let title = cut(strings.next(position)?, limits::TITLE_BYTES);
            items.id_spans.push((start, start + id.len() as u32));
            tags.clear();
            for index in 0..count {
                let start = strings.at as u32;
                let tag = strings.next(position)?;
                if (index as usize) < limits::TAGS {
                    let tag = cut(tag, limits::TAG_BYTES);
                    let known = lexicon.look_up(tag);
                    tags.push(known);
                    items.push_tag(
                        known,
                        lexicon.tags().get(known as usize),
                        (start, start + tag.len() as u32),
                    );
                }
            }
            items.tag_ends.push(items.tags.len() as u32);
            lexicon.tokens(title, &tags, &mut items.tokens);
        }
        strings.finish()?;
        items.server = ServerVectors::read(packed, n)?;
        items.index_tags(lexicon.tags());
        items.scores = packed.scores.iter().map(|&s| finite_or_absent(s)).collect();
        items.fields = packed.fields.iter().map(|&f| finite_or_absent(f)).collect();
        Ok(items)
    }

    fn reserve(&mut self, packed: &Packed) {
        let (items, strings) = (packed.tag_counts.len(), packed.lengths.len());
        self.id_spans.reserve(items);
        self.tag_ends.reserve(items);
        self.tokens.reserve(items * self.tokens_each);
        let tags = strings.saturating_sub(2 * items);
        self.tags.reserve(tags);
        self.tag_prefixes.reserve(tags);
        self.tag_spans.reserve(tags);
        self.tag_slots.reserve(tags);
    }

    /// Appends a tag of the item under construction; `known` says where the lexicon has it.
    fn push_tag(&mut self, known: u32, tag: Option<&Tag>, span: (u32, u32)) {
        if let Some((id, tag)) = tag.and_then(|tag| Some((tag.id?, tag))) {
            self.tags.push(id);
            self.tag_prefixes.push(tag.prefix.unwrap_or(NO_PREFIX));
            self.tag_spans.push(span);
            self.tag_slots.push(known);
        }
    }

    /// Turns places in the lexicon into places among the distinct tags.
    fn index_tags(&mut self, known: &[Tag]) {
        self.distinct_tags = known.iter().filter_map(|tag| tag.id).collect();
        self.distinct_tags.sort_unstable();
        self.distinct_tags.dedup();
        let slot = |tag: u32| self.distinct_tags.partition_point(|&known| known < tag) as u32;
        let slots: Vec<u32> = known.iter().map(|tag| tag.id.map_or(0, slot)).collect();
        for at in &mut self.tag_slots {
            *at = slots.get(*at as usize).copied().unwrap_or_default();
        }
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.id_spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.id_spans.is_empty()
    }

    /// The id at a position; empty beyond the end.
    pub fn id(&self, position: usize) -> &str {
        let (start, end) = self.id_spans.get(position).copied().unwrap_or_default();
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The first position that holds this id. Linear: lists are short and events are rare.
    pub fn position_of(&self, id: &str) -> Option<usize> {
        (0..self.len()).find(|&position| self.id(position) == id)
    }

    /// Tag ids of an item.
    pub fn tags(&self, position: usize) -> &[u32] {
        let (start, end) = range(&self.tag_ends, position);
        self.tags.get(start..end).unwrap_or_default()
    }

    /// Tag ids of an item that were written `prefix:value`, where [`tag_id`] of the prefix is this.
    pub fn tags_of_prefix(&self, position: usize, prefix: u32) -> impl Iterator<Item = u32> {
        let (start, end) = range(&self.tag_ends, position);
        let prefixes = self.tag_prefixes.get(start..end).unwrap_or_default();
        let tags = self.tags(position).iter().zip(prefixes);
        tags.filter(move |(_, own)| prefix != NO_PREFIX && **own == prefix).map(|(&tag, _)| tag)
    }

    /// The words of an item's tags, in the order of [`Items::tags`].
    pub fn tag_names(&self, position: usize) -> impl Iterator<Item = &str> {
        let (start, end) = range(&self.tag_ends, position);
        let spans = self.tag_spans.get(start..end).unwrap_or_default();
        spans.iter().map(|&(from, to)| self.text.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The tag ids that occur in the list, ascending, each once.
    pub fn distinct_tags(&self) -> &[u32] {
        &self.distinct_tags
    }

    /// Tags of an item as positions in [`Items::distinct_tags`], so that what is computed by tag is
    /// computed once a list.
    pub fn tag_slots(&self, position: usize) -> &[u32] {
        let (start, end) = range(&self.tag_ends, position);
        self.tag_slots.get(start..end).unwrap_or_default()
    }

    /// Token ids of an item, `max_tokens` of them.
    pub fn tokens(&self, position: usize) -> &[u32] {
        row(&self.tokens, self.tokens_each, position)
    }

    /// Numeric fields of an item; NaN is absent.
    pub fn fields(&self, position: usize) -> &[f32] {
        row(&self.fields, self.fields_each, position)
    }

    /// The vector that the server sent with an item; `None` if it sent none.
    pub fn server_vector(&self, position: usize) -> Option<&[i8]> {
        self.server.get(position)
    }

    /// Numbers of a server vector; 0 if the list has none.
    pub fn server_width(&self) -> usize {
        self.server.width()
    }

    /// Server scores by position; NaN is absent.
    pub fn scores(&self) -> &[f32] {
        &self.scores
    }

    /// Puts other server scores in place; gives back those that were there.
    pub fn replace_scores(&mut self, scores: Vec<f32>) -> Vec<f32> {
        std::mem::replace(&mut self.scores, scores)
    }
}

fn range(ends: &[u32], position: usize) -> (usize, usize) {
    let end = ends.get(position).copied().unwrap_or_default() as usize;
    let start = position.checked_sub(1).and_then(|p| ends.get(p)).copied().unwrap_or_default();
    (start as usize, end)
}

fn row<T>(column: &[T], width: usize, position: usize) -> &[T] {
    let start = position.saturating_mul(width);
    column.get(start..start.saturating_add(width)).unwrap_or_default()
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
    let strings: u64 = packed.tag_counts.iter().map(|&count| u64::from(count) + 2).sum();
    if packed.lengths.len() as u64 != strings {
        let what = format!("{} for {strings} strings", packed.lengths.len());
        return Err(malformed("lengths", what));
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
    fn next(&mut self, position: usize) -> Result<&'a str> {
        let length = self.lengths.next().copied().unwrap_or_default() as usize;
        let text = self
            .at
            .checked_add(length)
            .and_then(|end| self.blob.get(self.at..end))
            .ok_or_else(|| malformed(format!("items[{position}]"), "a string leaves the text"))?;
        self.at += length;
        Ok(text)
    }

    fn finish(self) -> Result<()> {
        match self.blob.len() - self.at {
            0 => Ok(()),
            rest => Err(malformed("text", format!("{rest} bytes belong to no string"))),
        }
    }
}

#[cfg(test)]
#[path = "../tests/unit/item.rs"]
mod tests;
