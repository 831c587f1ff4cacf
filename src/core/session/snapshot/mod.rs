//! In: a session, or bytes from anywhere. Out: versioned bytes of bounded size, or an [`SnapshotContents`].
//! Layout: `RKS`, the version, 4 bytes of SHA-256 over the rest; of it one byte of flags, then postcard's
//! wire format.
//! Every count, index and number is checked before a session sees it.

mod read;
mod write;

pub use read::read;
pub use write::write;

use super::{ItemFacts, Lost};
#[cfg(doc)]
use crate::limits;
use crate::text::TextSpec;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version that this build writes; it reads this one and all before. Version 1 had no flags.
pub const VERSION: u8 = 2;
/// Flags: what the session did not hold any more, as [`Lost`] says.
const LOST_RESERVE: u8 = 1;
const LOST_IDS: u8 = 2;
const MAGIC: &[u8] = b"RKS";

/// What the numbers in a snapshot refer to: the model's side of it.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The manifest's fields.
    pub fields: &'a [String],
    /// The manifest's text settings.
    pub text: Option<&'a TextSpec>,
    /// The name of the space of the manifest's server vectors, and their width.
    pub vectors: Option<(&'a str, usize)>,
    /// Rows of history that the model reads.
    pub history: usize,
}

/// How much a snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Up to [`limits::SNAPSHOT_BYTES`]: everything that fits, the events behind the window included, so
    /// that undoing stays exact.
    Full,
    /// Up to [`limits::COMPACT_BYTES`]: no event ids and no words of tags.
    Compact,
}

/// A snapshot that was read: items still without vectors, events still without strengths.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotContents {
    /// What events and preferences are about.
    pub items: Vec<ItemFacts>,
    /// Preferences, as positions in `items`.
    pub stated: Vec<usize>,
    /// Events, oldest first.
    pub events: Vec<SnapshotEvent>,
    /// What is not among them.
    pub lost: Lost,
}

/// An event of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotEvent {
    /// Its id; empty if it has none, or the snapshot was compact.
    pub id: String,
    /// The hash of its type.
    pub kind: Hash,
    /// Its value; NaN if absent.
    pub value: f32,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// Position in `items`.
    pub item: usize,
}

/// Four bytes in place of a name: names have no limit of their own.
pub type Hash = [u8; 4];

/// The hash under which a snapshot knows an action or a field.
pub fn hash(name: &str) -> Hash {
    seal(name.as_bytes())
}

#[derive(Serialize, Deserialize)]
struct Wire {
    text: Option<Hash>,
    basis: Option<Hash>,
    fields: Vec<Hash>,
    kinds: Vec<Hash>,
    tags: Vec<Tag>,
    items: Vec<Item>,
    stated: Vec<u16>,
    events: Vec<Event>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Tag {
    Id(Hash),
    Name(Box<str>),
}

#[derive(Serialize, Deserialize)]
struct Item {
    id: Box<str>,
    tags: Vec<u16>,
    fields: Vec<f32>,
    /// Without padding; `None` where they were not kept.
    tokens: Option<Vec<u32>>,
    /// The server's vector, of the space `basis`; kept with the tokens.
    server: Option<Box<[i8]>>,
}

#[derive(Serialize, Deserialize)]
struct Event {
    id: Box<str>,
    kind: u16,
    value: Option<f32>,
    /// Since the event before; of the first, since 1970.
    gap_ms: i64,
    item: u16,
}

fn seal(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).first_chunk().copied().unwrap_or_default()
}

fn text_hash(text: &TextSpec) -> Hash {
    let TextSpec { table, max_tokens, seed, tag_words, title_words } = text;
    hash(&format!("{table} {max_tokens} {seed} {tag_words} {title_words}"))
}

/// Bytes with the checksum that they would need: tests get past it.
#[cfg(test)]
pub(crate) fn resealed(bytes: &[u8]) -> Vec<u8> {
    let rest = bytes.get(MAGIC.len() + 1 + 4..).unwrap_or_default();
    [MAGIC, &[VERSION], &seal(rest), rest].concat()
}

#[cfg(test)]
#[path = "../../../../tests/core/snapshot.rs"]
mod tests;
