//! In: a session, or bytes from anywhere. Out: versioned bytes of bounded size, or an [`Image`].
//! Layout: `RKS`, the version, 4 bytes of SHA-256 over the rest, the rest in postcard's wire format.
//! Must never trust a byte: every count, index and number is checked before a session sees it.

use super::{Known, Session};
use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::text::{TextSpec, tag_id};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The version that this build writes; it reads this one and all before.
pub const VERSION: u8 = 1;
const MAGIC: &[u8] = b"RKS";
const HEADER: usize = MAGIC.len() + 1 + 4;

/// What the numbers in a snapshot refer to: the model's side of it.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The manifest's fields.
    pub fields: &'a [String],
    /// The manifest's text settings.
    pub text: Option<&'a TextSpec>,
    /// Rows of history that the model reads.
    pub history: usize,
}

/// How much a snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Up to [`limits::SNAPSHOT_BYTES`]: everything that fits.
    Full,
    /// Up to [`limits::COMPACT_BYTES`]: no event ids and no words of tags.
    Compact,
}

/// A snapshot that was read: items still without vectors, events still without strengths.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// What events and preferences are about.
    pub items: Vec<Known>,
    /// Preferences, as positions in `items`.
    pub stated: Vec<usize>,
    /// Events, oldest first.
    pub events: Vec<Past>,
}

/// An event of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Its id; empty if it has none, or the snapshot was compact.
    pub id: String,
    /// The hash of its type.
    pub kind: Hash,
    /// Its value; NaN if absent.
    pub value: f32,
    /// When.
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
    let digest = Sha256::digest(bytes);
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest[..4]);
    hash
}

fn text_hash(text: &TextSpec) -> Hash {
    let TextSpec { table, max_tokens, seed, tag_words, title_words } = text;
    hash(&format!("{table} {max_tokens} {seed} {tag_words} {title_words}"))
}

fn malformed(what: impl Into<String>) -> Error {
    Error::new(Kind::SnapshotMalformed, "snapshot", what)
}

/// Bytes with the checksum that they would need: tests get past it.
#[cfg(test)]
pub(crate) fn resealed(bytes: &[u8]) -> Vec<u8> {
    let rest = bytes.get(HEADER..).unwrap_or_default();
    [MAGIC, &[VERSION], &seal(rest), rest].concat()
}

/// What of a session goes into one attempt at a snapshot.
struct Selection {
    window: Vec<usize>,
    stated: usize,
    every_token: bool,
    form: Form,
}

/// Writes a session: never more bytes than the form allows.
///
/// What does not fit goes in this order: the tokens of items that the model does not read, events
/// as the log would let them go, preferences from the last.
pub fn write(session: &mut Session, basis: &Basis, form: Form) -> Vec<u8> {
    let most = match form {
        Form::Full => limits::SNAPSHOT_BYTES,
        Form::Compact => limits::COMPACT_BYTES,
    };
    let mut selection = Selection {
        window: session.log.window(&[]),
        stated: session.stated.len(),
        every_token: form == Form::Full,
        form,
    };
    loop {
        let bytes = attempt(session, basis, &selection);
        if bytes.len() <= most {
            return bytes;
        }
        if selection.every_token {
            selection.every_token = false;
        } else if !selection.window.is_empty() {
            // A guess at how many must go, so that few attempts are needed.
            let excess = (bytes.len() - most) * selection.window.len() / (2 * bytes.len());
            for _ in 0..=excess {
                let muted = |&at: &usize| session.log.entries().get(at).is_some_and(super::Entry::mute);
                let out = selection.window.iter().position(muted).unwrap_or(0);
                if out < selection.window.len() {
                    selection.window.remove(out);
                }
            }
        } else {
            selection.stated = selection.stated.saturating_sub(1);
        }
    }
}

fn attempt(session: &mut Session, basis: &Basis, selection: &Selection) -> Vec<u8> {
    let read: BTreeSet<Box<str>> =
        session.profile().history(basis.history).map(|row| row.item.id.clone()).collect();
    let mut wire = Wire {
        text: basis.text.map(text_hash),
        fields: basis.fields.iter().map(|name| hash(name)).collect(),
        kinds: Vec::new(),
        tags: Vec::new(),
        items: Vec::new(),
        stated: Vec::new(),
        events: Vec::new(),
    };
    let mut tags = BTreeMap::new();
    let mut placed: Vec<Rc<Known>> = Vec::new();
    let mut place = |wire: &mut Wire, item: &Rc<Known>| {
        let known = placed.iter().position(|known| Rc::ptr_eq(known, item) || known.same(item));
        known.unwrap_or_else(|| {
            placed.push(item.clone());
            let mut tag = |index: usize, id: u32| {
                let name = item.names.get(index).filter(|_| selection.form == Form::Full);
                let tag = name.map_or(Tag::Id(id.to_le_bytes()), |name| Tag::Name(name.clone()));
                *tags.entry(tag.clone()).or_insert_with(|| {
                    wire.tags.push(tag);
                    (wire.tags.len() - 1) as u16
                })
            };
            let tags = item.tags.iter().enumerate().map(|(index, &id)| tag(index, id)).collect();
            let keep = selection.every_token || read.contains(&item.id);
            // Padding comes back when it is read.
            let used = item.tokens.iter().take_while(|&&token| token != 0);
            let tokens = (keep && !item.tokens.is_empty()).then(|| used.copied().collect());
            wire.items.push(Item { id: item.id.clone(), tags, fields: item.fields.clone(), tokens });
            wire.items.len() - 1
        }) as u16
    };
    for item in session.stated.iter().take(selection.stated) {
        let at = place(&mut wire, item);
        wire.stated.push(at);
    }
    let mut before = 0;
    for entry in selection.window.iter().filter_map(|&at| session.log.entries().get(at)) {
        let item = place(&mut wire, &entry.item);
        let kind = hash(&entry.kind);
        let known = wire.kinds.iter().position(|&known| known == kind);
        let kind = known.unwrap_or_else(|| {
            wire.kinds.push(kind);
            wire.kinds.len() - 1
        }) as u16;
        let id = if selection.form == Form::Full { entry.id.clone() } else { Box::default() };
        let value = entry.value.is_finite().then_some(entry.value);
        wire.events.push(Event { id, kind, value, gap_ms: entry.at_ms - before, item });
        before = entry.at_ms;
    }
    // Serialising plain data into a growing vector cannot fail.
    let rest = postcard::to_allocvec(&wire).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + rest.len());
    bytes.extend_from_slice(MAGIC);
    bytes.push(VERSION);
    bytes.extend_from_slice(&seal(&rest));
    bytes.extend_from_slice(&rest);
    bytes
}

/// Reads a snapshot for a model.
///
/// Fields are matched by name: those that the model does not know are let go, new ones are absent.
///
/// # Errors
/// [`Kind::SnapshotMalformed`]; [`Kind::SnapshotVersion`] for one of a newer build;
/// [`Kind::SnapshotModel`] if texts were tokenised with other settings than this model's.
pub fn read(bytes: &[u8], basis: &Basis) -> Result<Image> {
    if bytes.len() > limits::SNAPSHOT_BYTES {
        return Err(malformed(format!("{} bytes, at most {}", bytes.len(), limits::SNAPSHOT_BYTES)));
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| malformed("does not begin as a snapshot does"))?;
    let (&version, rest) = rest.split_first().ok_or_else(|| malformed("ends in the header"))?;
    if version > VERSION {
        let what = format!("has version {version}, this build reads up to {VERSION}");
        return Err(Error::new(Kind::SnapshotVersion, "snapshot", what));
    }
    let (sum, rest) = rest.split_at_checked(4).ok_or_else(|| malformed("ends in the header"))?;
    if version == 0 || seal(rest) != sum {
        return Err(malformed("was damaged: its checksum does not hold"));
    }
    let (wire, left) =
        postcard::take_from_bytes::<Wire>(rest).map_err(|e| malformed(format!("cannot be decoded: {e}")))?;
    if !left.is_empty() {
        return Err(malformed(format!("{} bytes are left over", left.len())));
    }
    wire.image(basis)
}

impl Wire {
    fn image(self, basis: &Basis) -> Result<Image> {
        let counts = [
            ("events", self.events.len(), limits::EVENTS),
            ("stated", self.stated.len(), limits::STATED_ITEMS),
            ("fields", self.fields.len(), limits::FIELDS),
        ];
        if let Some((name, count, most)) = counts.into_iter().find(|(_, count, most)| count > most) {
            return Err(malformed(format!("{count} {name}, at most {most}")));
        }
        if self.items.iter().any(|item| item.tokens.is_some()) && self.text != basis.text.map(text_hash) {
            let what = "its texts were tokenised with other settings than this model's";
            return Err(Error::new(Kind::SnapshotModel, "snapshot.text", what));
        }
        let columns: Vec<Option<usize>> = basis
            .fields
            .iter()
            .map(|name| self.fields.iter().position(|known| *known == hash(name)))
            .collect();
        let items = self.items.iter().map(|item| self.known(item, &columns, basis));
        let items = items.collect::<Result<Vec<_>>>()?;
        let place = |at: u16| match items.get(usize::from(at)) {
            Some(_) => Ok(usize::from(at)),
            None => Err(malformed(format!("item {at} of {}", items.len()))),
        };
        let stated = self.stated.iter().map(|&at| place(at)).collect::<Result<_>>()?;
        let mut events = Vec::with_capacity(self.events.len());
        let mut at_ms = 0i64;
        for event in &self.events {
            at_ms = at_ms
                .checked_add(event.gap_ms)
                .filter(|at| (-limits::TIME_MS..=limits::TIME_MS).contains(at))
                .ok_or_else(|| malformed("a time is out of range"))?;
            let kind = *self
                .kinds
                .get(usize::from(event.kind))
                .ok_or_else(|| malformed(format!("kind {} of {}", event.kind, self.kinds.len())))?;
            if event.id.len() > limits::EVENT_ID_BYTES {
                return Err(malformed(format!("an event's id has {} bytes", event.id.len())));
            }
            let value = event.value.unwrap_or(f32::NAN);
            events.push(Past { id: event.id.to_string(), kind, value, at_ms, item: place(event.item)? });
        }
        Ok(Image { items, stated, events })
    }

    fn known(&self, item: &Item, columns: &[Option<usize>], basis: &Basis) -> Result<Known> {
        if item.id.is_empty() || item.id.len() > limits::ID_BYTES || item.tags.len() > limits::TAGS {
            let what = format!("an item has an id of {} bytes, {} tags", item.id.len(), item.tags.len());
            return Err(malformed(what));
        }
        let (mut tags, mut names) = (Vec::new(), Vec::new());
        for &at in &item.tags {
            let tag = self.tags.get(usize::from(at));
            match tag.ok_or_else(|| malformed(format!("tag {at} of {}", self.tags.len())))? {
                Tag::Id(id) => tags.push(u32::from_le_bytes(*id)),
                Tag::Name(name) => {
                    tags.push(tag_id(name).ok_or_else(|| malformed("a tag without a letter or digit"))?);
                    names.push(name.clone());
                }
            }
        }
        if names.len() != tags.len() {
            names.clear();
        }
        let mut tokens = Vec::new();
        if let (Some(kept), Some(text)) = (&item.tokens, basis.text) {
            if kept.len() > text.max_tokens || kept.iter().any(|&token| token >= text.table) {
                return Err(malformed("a token is out of range"));
            }
            tokens.clone_from(kept);
            tokens.resize(text.max_tokens, 0);
        }
        let own = |column: &Option<usize>| column.and_then(|at| item.fields.get(at)).copied();
        let fields = columns.iter().map(own).map(|value| value.filter(|v| v.is_finite()).unwrap_or(f32::NAN));
        Ok(Known { id: item.id.clone(), tags, fields: fields.collect(), vector: Vec::new(), tokens, names })
    }
}

#[cfg(test)]
#[path = "../../tests/unit/snapshot.rs"]
mod tests;
