//! The columns of a validated list, and what is read of them: by position, by id, by tag.
//! [`super::Items::read`] fills them; NaN is the one mark of an absent number.

use super::ids::Ids;
use super::server_vectors::ServerVectors;

/// Validated items in columns. Positions are those of the list that came in.
#[derive(Debug, Clone, Default)]
pub struct Items {
    /// All text, and where in it each id is.
    pub(super) text: String,
    pub(super) ids: Ids,
    pub(super) tags: Vec<u32>,
    pub(super) tag_ends: Vec<u32>,
    /// Which of the words each of `tags` is written as.
    pub(super) tag_words: Vec<u32>,
    pub(super) words: Vec<Word>,
    pub(super) distinct_tags: Vec<u32>,
    pub(super) tag_slots: Vec<u32>,
    pub(super) tokens: Vec<u32>,
    pub(super) tokens_each: usize,
    pub(super) scores: Vec<f32>,
    pub(super) fields: Vec<f32>,
    pub(super) fields_each: usize,
    pub(super) server: ServerVectors,
}

/// A tag's string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Where in the text it is.
    pub span: (u32, u32),
    /// The [`crate::text::tag_id`] of what stands before its first `:`.
    pub prefix: u32,
}

/// Stands where a tag has no prefix. A real prefix of this id (one in 2^32) merely has none.
pub(super) const NO_PREFIX: u32 = 0;

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
