//! In: bytes from anywhere. Out: an [`SnapshotContents`], every count, index and number in it checked.
//! Items come without vectors and events without strengths: those are the model's to say.
//! What a session has no room for is refused.

use super::{
    Basis, Item, LOST_IDS, LOST_RESERVE, MAGIC, SnapshotContents, SnapshotEvent, Tag, VERSION, Wire, hash,
    seal, text_hash,
};
use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::session::{ItemFacts, Lost};
use crate::text::tag_id;

fn malformed(what: impl Into<String>) -> Error {
    Error::new(Kind::SnapshotMalformed, "snapshot", what)
}

/// Reads a snapshot for a model.
///
/// Fields are matched by name: those that the model does not know are let go, new ones are absent.
///
/// # Errors
/// [`Kind::SnapshotMalformed`]; [`Kind::SnapshotVersion`] for one of a newer build;
/// [`Kind::SnapshotModel`] if texts were tokenised with other settings than this model's.
pub fn read(bytes: &[u8], basis: &Basis) -> Result<SnapshotContents> {
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
    let (flags, rest) = match version {
        1 => (0, rest),
        _ => rest.split_first().map(|(&flags, rest)| (flags, rest)).ok_or_else(|| malformed("is empty"))?,
    };
    if flags & !(LOST_RESERVE | LOST_IDS) != 0 {
        return Err(malformed(format!("has unknown flags {flags:#b}")));
    }
    let lost = Lost { reserve: flags & LOST_RESERVE != 0, ids: flags & LOST_IDS != 0 };
    let (wire, left) =
        postcard::take_from_bytes::<Wire>(rest).map_err(|e| malformed(format!("cannot be decoded: {e}")))?;
    if !left.is_empty() {
        return Err(malformed(format!("{} bytes are left over", left.len())));
    }
    wire.contents(basis, lost)
}

impl Wire {
    pub(super) fn contents(self, basis: &Basis, lost: Lost) -> Result<SnapshotContents> {
        let counts = [
            ("events", self.events.len(), limits::EVENTS + limits::RESERVED_EVENTS),
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
        let items = self.items.iter().map(|item| self.item_facts(item, &columns, basis));
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
            events.push(SnapshotEvent {
                id: event.id.to_string(),
                kind,
                value,
                at_ms,
                item: place(event.item)?,
            });
        }
        Ok(SnapshotContents { items, stated, events, lost })
    }

    fn item_facts(&self, item: &Item, columns: &[Option<usize>], basis: &Basis) -> Result<ItemFacts> {
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
        // A vector of another space, or of a model that reads none, is let go: the text stands in.
        let spec = basis.vectors.filter(|(name, _)| self.basis == Some(hash(name)));
        let server = match (&item.server, spec) {
            (Some(server), Some((_, width))) if server.len() != width => {
                return Err(malformed(format!("a vector has {} numbers", server.len())));
            }
            (Some(server), Some(_)) => server.clone(),
            _ => Box::default(),
        };
        let own = |column: &Option<usize>| column.and_then(|at| item.fields.get(at)).copied();
        let fields = columns.iter().map(own).map(|value| value.filter(|v| v.is_finite()).unwrap_or(f32::NAN));
        let (id, fields, vector) = (item.id.clone(), fields.collect(), Vec::new());
        Ok(ItemFacts { id, tags, fields, vector, tokens, server, names })
    }
}
