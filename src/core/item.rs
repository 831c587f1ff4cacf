//! In: a list of items packed into columns by the caller. Out: [`Items`], validated and tokenised.
//! `read` is the one place where an item's text, score and fields enter; `ids` finds them, `packer` makes columns.
//! Must never hand out what `read` has not checked.

mod ids;
mod packer;
mod read;
mod server;

pub use packer::Packer;
pub use server::place;

use ids::Ids;
use server::ServerVectors;

/// A list of items as it arrives: one blob of text and flat columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Packed<'a> {
    /// UTF-8 of all strings, back to back: per item its id, its title, then those tags that are new.
    pub text: &'a [u8],
    /// Length of each string in bytes, in the same order.
    pub lengths: &'a [u32],
    /// Tags of the items, item by item. A tag is the number of its string among the tags' strings; the
    /// one after those met so far is new, and its string is next in `text`.
    pub tags: &'a [u32],
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
    /// All text, and where in it each id is.
    text: String,
    ids: Ids,
    tags: Vec<u32>,
    tag_ends: Vec<u32>,
    /// Which of the words each of `tags` is written as.
    tag_words: Vec<u32>,
    words: Vec<Word>,
    distinct_tags: Vec<u32>,
    tag_slots: Vec<u32>,
    tokens: Vec<u32>,
    tokens_each: usize,
    scores: Vec<f32>,
    fields: Vec<f32>,
    fields_each: usize,
    server: ServerVectors,
}

/// A tag's string.
#[derive(Debug, Clone, Copy)]
struct Word {
    /// Where in the text it is.
    span: (u32, u32),
    /// The [`crate::text::tag_id`] of what stands before its first `:`.
    prefix: u32,
}

/// Stands where a tag has no prefix. A real prefix of this id (one in 2^32) merely has none.
const NO_PREFIX: u32 = 0;

impl Items {
    /// Number of items.
    pub fn len(&self) -> usize {
        self.tag_ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tag_ends.is_empty()
    }

    /// The id at a position; empty beyond the end.
    pub fn id(&self, position: usize) -> &str {
        self.ids.at(&self.text, position)
    }

    /// The first position that holds this id.
    pub fn position_of(&self, id: &str) -> Option<usize> {
        self.positions_of(id).next()
    }

    /// The positions that hold this id, ascending.
    pub fn positions_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.ids.find(&self.text, id)
    }

    /// Positions whose id an earlier one has, ascending.
    pub fn repeated(&self) -> &[u32] {
        self.ids.repeated()
    }

    /// Tag ids of an item.
    pub fn tags(&self, position: usize) -> &[u32] {
        let (start, end) = range(&self.tag_ends, position);
        self.tags.get(start..end).unwrap_or_default()
    }

    /// Tag ids of an item that were written `prefix:value`, where [`crate::text::tag_id`] of the prefix is
    /// this.
    pub fn tags_of_prefix(&self, position: usize, prefix: u32) -> impl Iterator<Item = u32> {
        let tags = self.tags(position).iter().zip(self.words_of(position));
        tags.filter(move |(_, word)| prefix != NO_PREFIX && word.prefix == prefix).map(|(&tag, _)| tag)
    }

    /// The words of an item's tags, in the order of [`Items::tags`].
    pub fn tag_names(&self, position: usize) -> impl Iterator<Item = &str> {
        let text = |word: &Word| self.text.get(word.span.0 as usize..word.span.1 as usize);
        self.words_of(position).map(move |word| text(word).unwrap_or_default())
    }

    fn words_of(&self, position: usize) -> impl Iterator<Item = &Word> {
        let (start, end) = range(&self.tag_ends, position);
        let words = self.tag_words.get(start..end).unwrap_or_default();
        words.iter().filter_map(|&word| self.words.get(word as usize))
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

#[cfg(test)]
#[path = "../../tests/core/item.rs"]
mod tests;
