//! In: a session. Out: its bytes, never more than the form allows.
//! What matters least is left out first, and what is left out is said in the flags.
//! [`super::read`] reads all that it writes: a law of the tests.

use super::{
    Basis, Event, Form, Item, LOST_IDS, LOST_RESERVE, MAGIC, Tag, VERSION, Wire, hash, seal, text_hash,
};
use crate::limits;
use crate::session::{Entry, ItemFacts, Lost, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What of a session goes into one attempt at a snapshot.
struct Selection {
    events: Vec<usize>,
    stated: usize,
    every_token: bool,
    words: bool,
    form: Form,
}

/// Writes a session: never more bytes than the form allows.
///
/// What does not fit goes in this order: events that do not count, the tokens of items that the model
/// does not read, events as the log would let them go but for [`limits::SNAPSHOT_EVENTS`], the words of
/// tags, preferences from the last, the other events. A session restored from it is one that saw only
/// what it holds.
pub fn write(session: &mut Session, basis: &Basis, form: Form) -> Vec<u8> {
    let most = match form {
        Form::Full => limits::SNAPSHOT_BYTES,
        Form::Compact => limits::COMPACT_BYTES,
    };
    let held = session.log.entries().len();
    let events = if form == Form::Full { (0..held).collect() } else { session.log.window(&[]) };
    let all = form == Form::Full;
    let mut selection =
        Selection { events, stated: session.stated.len(), every_token: all, words: all, form };
    loop {
        let bytes = attempt(session, basis, &selection);
        if bytes.len() <= most {
            return bytes;
        }
        // A guess at how many events must go, so that few attempts are needed.
        let count = selection.events.len();
        let excess = (bytes.len() - most) * count / bytes.len() + 1;
        if count > limits::EVENTS {
            selection.let_go(session, excess.min(count - limits::EVENTS));
        } else if selection.every_token {
            selection.every_token = false;
        } else if count > limits::SNAPSHOT_EVENTS {
            selection.let_go(session, excess.div_ceil(2).min(count - limits::SNAPSHOT_EVENTS));
        } else if selection.words {
            selection.words = false;
        } else if selection.stated > 0 {
            selection.stated -= 1;
        } else {
            selection.let_go(session, excess.div_ceil(2));
        }
    }
}

impl Selection {
    /// Leaves out the events that matter least.
    fn let_go(&mut self, session: &Session, count: usize) {
        for _ in 0..count.min(self.events.len()) {
            let mute = |&at: &usize| session.log.entries().get(at).is_some_and(Entry::mute);
            let out = self.events.iter().position(mute).unwrap_or(0);
            self.events.remove(out);
        }
    }

    /// What a session restored from it lacks.
    fn lost(&self, session: &Session) -> Lost {
        let entries = session.log.entries();
        let cut = self.events.len() < entries.len();
        let ids = self.form == Form::Compact && entries.iter().any(|entry| !entry.id.is_empty());
        let Lost { reserve, ids: before } = session.log.lost();
        Lost { reserve: reserve && !cut, ids: before || cut || ids }
    }
}

/// The bytes of what was selected.
fn attempt(session: &mut Session, basis: &Basis, selection: &Selection) -> Vec<u8> {
    let read = session.profile().history(basis.history).map(|row| row.item.id.clone()).collect();
    let mut builder = WireBuilder::new(basis, selection, read);
    for item in session.stated.iter().take(selection.stated) {
        let at = builder.item(item);
        builder.wire.stated.push(at);
    }
    let mut before = 0;
    for entry in selection.events.iter().filter_map(|&at| session.log.entries().get(at)) {
        builder.event(entry, entry.at_ms - before);
        before = entry.at_ms;
    }
    // Serialising plain data into a growing vector cannot fail.
    let wire = postcard::to_allocvec(&builder.wire).unwrap_or_default();
    let lost = selection.lost(session);
    let flags = (u8::from(lost.reserve) * LOST_RESERVE) | (u8::from(lost.ids) * LOST_IDS);
    let rest = [&[flags], wire.as_slice()].concat();
    [MAGIC, &[VERSION], &seal(&rest), &rest].concat()
}

/// A snapshot under construction: each item, tag and event type is written once and then referred to by
/// its position.
struct WireBuilder<'a> {
    wire: Wire,
    selection: &'a Selection,
    /// Ids of the items that the model reads.
    read: BTreeSet<Box<str>>,
    /// Positions in `wire.tags`.
    tags: BTreeMap<Tag, u16>,
    /// Items, in the order of `wire.items`.
    items: Vec<Rc<ItemFacts>>,
}

impl<'a> WireBuilder<'a> {
    fn new(basis: &Basis, selection: &'a Selection, read: BTreeSet<Box<str>>) -> WireBuilder<'a> {
        let wire = Wire {
            text: basis.text.map(text_hash),
            basis: basis.vectors.map(|(name, _)| hash(name)),
            fields: basis.fields.iter().map(|name| hash(name)).collect(),
            kinds: Vec::new(),
            tags: Vec::new(),
            items: Vec::new(),
            stated: Vec::new(),
            events: Vec::new(),
        };
        WireBuilder { wire, selection, read, tags: BTreeMap::new(), items: Vec::new() }
    }

    /// The position of an item, which is written if it is new.
    fn item(&mut self, item: &Rc<ItemFacts>) -> u16 {
        let known = self.items.iter().position(|known| Rc::ptr_eq(known, item) || known.same(item));
        if let Some(at) = known {
            return at as u16;
        }
        self.items.push(item.clone());
        let tags = item.tags.iter().enumerate().map(|(index, &id)| self.tag(item, index, id)).collect();
        let keep = self.selection.every_token || self.read.contains(&item.id);
        // Padding comes back when it is read.
        let used = item.tokens.iter().take_while(|&&token| token != 0);
        let tokens = (keep && !item.tokens.is_empty()).then(|| used.copied().collect());
        let server = (keep && !item.server.is_empty()).then(|| item.server.clone());
        self.wire.items.push(Item { id: item.id.clone(), tags, fields: item.fields.clone(), tokens, server });
        (self.wire.items.len() - 1) as u16
    }

    /// The position of an item's tag.
    fn tag(&mut self, item: &ItemFacts, index: usize, id: u32) -> u16 {
        let name = item.names.get(index).filter(|_| self.selection.words);
        let tag = name.map_or(Tag::Id(id.to_le_bytes()), |name| Tag::Name(name.clone()));
        let tags = &mut self.wire.tags;
        *self.tags.entry(tag.clone()).or_insert_with(|| {
            tags.push(tag);
            (tags.len() - 1) as u16
        })
    }

    /// Writes an event that happened `gap_ms` after the one before.
    fn event(&mut self, entry: &Entry, gap_ms: i64) {
        let item = self.item(&entry.item);
        let kind = hash(&entry.kind);
        let known = self.wire.kinds.iter().position(|&known| known == kind);
        let kind = known.unwrap_or_else(|| {
            self.wire.kinds.push(kind);
            self.wire.kinds.len() - 1
        }) as u16;
        let id = if self.selection.form == Form::Full { entry.id.clone() } else { Box::default() };
        let value = entry.value.is_finite().then_some(entry.value);
        self.wire.events.push(Event { id, kind, value, gap_ms, item });
    }
}
