//! A list of items as flat columns: how lists cross from JavaScript into wasm, each column in one copy.
//! Nothing in it is checked yet; [`super::Items::read`] does that.

use crate::error::{Error, Kind};

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

/// The error of columns that do not fit each other.
pub(super) fn malformed(place: impl Into<String>, what: impl Into<String>) -> Error {
    Error::new(Kind::CandidatesMalformed, place, what)
}
