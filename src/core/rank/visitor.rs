//! In: what a visitor did or said. Out: the ranker's session, changed, and snapshots of it.
//! Events are about items of the list, items remembered for events, or items of earlier events.
//! Must never change the session by an input that is refused.

use super::Ranker;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::item::{Items, Packed, Packer, place};
use crate::limits;
use crate::session::snapshot::{self, Basis, Form};
use crate::session::{Known, Session};
use crate::vectors::Vectors;
use std::rc::Rc;

/// The id of the item that stated tags stand for; no candidate of the package's can have it.
const STATED_TAGS: &str = "\0stated";

impl Ranker {
    /// Takes items that events may be about although they are in no list.
    ///
    /// The newest [`limits::REMEMBERED_ITEMS`] are kept.
    ///
    /// # Errors
    /// As [`Ranker::set_candidates`], or [`Kind::ModelRun`].
    pub fn remember(&mut self, packed: &Packed) -> Result<()> {
        for known in self.known_all(packed, limits::REMEMBERED_ITEMS)? {
            self.remembered.retain(|old| old.id != known.id);
            self.remembered.push_back(known);
        }
        let excess = self.remembered.len().saturating_sub(limits::REMEMBERED_ITEMS);
        self.remembered.drain(..excess);
        Ok(())
    }

    /// The vectors of some items: what the server sent, where it sent one, else what their text says.
    ///
    /// # Errors
    /// As [`Ranker::remember`].
    pub fn item_vectors(&mut self, packed: &Packed) -> Result<Vec<Vec<f32>>> {
        let known = self.known_all(packed, limits::CANDIDATES)?;
        Ok(known.iter().map(|known| known.vector.clone()).collect())
    }

    /// The last `most` of some items with all that a session keeps of them.
    fn known_all(&mut self, packed: &Packed, most: usize) -> Result<Vec<Rc<Known>>> {
        let items = self.read(packed)?;
        let mut vectors = Vectors::of(items.len(), self.manifest());
        let from = items.len().saturating_sub(most);
        let positions: Vec<u32> = (from..items.len()).map(|p| p as u32).collect();
        vectors.ensure(&mut self.plan, &mut self.cache, &items, &positions)?;
        Ok((from..items.len()).map(|position| Rc::new(known(&items, &vectors, position))).collect())
    }

    /// Says what is wrong with an event, without taking it.
    ///
    /// # Errors
    /// As [`Ranker::observe`], an unknown item aside.
    pub fn check(&self, event: &Event) -> Result<()> {
        event.strength(&self.manifest().actions).map(|_| ())
    }

    /// Takes one event about an item; false if that changes nothing, as [`Session::record`] says.
    ///
    /// # Errors
    /// The `event/…` kinds; the session stays as it was.
    pub fn observe(&mut self, event: &Event, item_id: &str) -> Result<bool> {
        let strength = event.strength(&self.manifest().actions)?;
        let item = self.find(item_id)?;
        Ok(self.session.record(event, item, strength))
    }

    fn find(&mut self, id: &str) -> Result<Rc<Known>> {
        if let Some(position) = self.items.position_of(id) {
            self.vectors.ensure(&mut self.plan, &mut self.cache, &self.items, &[position as u32])?;
            return Ok(Rc::new(known(&self.items, &self.vectors, position)));
        }
        let remembered = self.remembered.iter().find(|known| &*known.id == id);
        remembered.or_else(|| self.session.item(id)).cloned().ok_or_else(|| {
            let id: String = id.chars().take(40).collect();
            Error::new(Kind::EventUnknownItem, "event.item", format!("`{id}` was never sent"))
        })
    }

    /// Takes an event back, as if it had never happened; false if no event of this id ever did.
    ///
    /// # Errors
    /// [`Kind::EventTooOld`] for one that is not among the last [`limits::EVENTS`] any more.
    pub fn undo(&mut self, event_id: &str) -> Result<bool> {
        self.session.undo(event_id)
    }

    /// States what the visitor said to like, in place of what was stated before: tags, which together
    /// count as one item, and items. Empty ones state nothing.
    ///
    /// # Errors
    /// As [`Ranker::remember`].
    pub fn prefer(&mut self, tags: &[impl AsRef<str>], items: &Packed) -> Result<()> {
        let mut stated = Vec::new();
        if !tags.is_empty() {
            let absent = vec![f32::NAN; self.manifest().fields.len()];
            let mut packer = Packer::default();
            packer.push(STATED_TAGS, "", tags, f32::NAN, &absent);
            stated = self.known_all(&packer.packed(), 1)?;
            stated.retain(|known| !known.tags.is_empty());
        }
        stated.extend(self.known_all(items, limits::STATED_ITEMS)?);
        self.session.prefer(stated);
        Ok(())
    }

    fn basis(&self) -> Basis<'_> {
        let manifest = self.plan.manifest();
        Basis {
            fields: &manifest.fields,
            text: manifest.text.as_ref(),
            vectors: manifest.vectors.as_ref().map(|spec| (spec.basis.as_str(), spec.width)),
            history: manifest.history,
        }
    }

    /// The session as bytes, as [`snapshot::write`] says.
    pub fn snapshot(&mut self, form: Form) -> Vec<u8> {
        let mut session = std::mem::take(&mut self.session);
        let bytes = snapshot::write(&mut session, &self.basis(), form);
        self.session = session;
        bytes
    }

    /// Takes a snapshot's session in place of this one. One of an older model becomes what it would
    /// be had its events been observed with this model.
    ///
    /// # Errors
    /// The `snapshot/…` kinds, [`Kind::ModelRun`]; the session stays as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let mut image = snapshot::read(bytes, &self.basis())?;
        let with_text: Vec<usize> =
            (0..image.items.len()).filter(|&at| !image.items[at].tokens.is_empty()).collect();
        let rows: Vec<Vec<u32>> = with_text.iter().map(|&at| image.items[at].tokens.clone()).collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let items = &mut image.items;
        self.cache
            .encode(&mut self.plan, &rows, |row, vector| items[with_text[row]].vector = vector.to_vec())?;
        if let Some(spec) = &self.plan.manifest().vectors {
            items.iter_mut().for_each(|item| place(&mut item.vector, &item.server, spec.scale));
        }

        let items: Vec<Rc<Known>> = image.items.into_iter().map(Rc::new).collect();
        let mut session = Session::default();
        session.prefer(image.stated.iter().map(|&at| items[at].clone()).collect());
        for past in &image.events {
            let actions = &self.plan.manifest().actions;
            let kind = actions.keys().find(|name| snapshot::hash(name) == past.kind).ok_or_else(|| {
                Error::new(Kind::SnapshotModel, "snapshot.events", "has an event type that this model lacks")
            })?;
            let (at_ms, value) = (past.at_ms as f64, f64::from(past.value));
            let event = Event { kind, id: &past.id, at_ms, value };
            let refused = |e: Error| Error::new(Kind::SnapshotModel, "snapshot.events", e.to_string());
            let strength = event.strength(actions).map_err(refused)?;
            session.record(&event, items[past.item].clone(), strength);
        }
        session.lose(image.lost);
        self.session = session;
        Ok(())
    }

    /// Forgets the visitor; model and list stay.
    pub fn forget(&mut self) {
        self.session.forget();
        self.remembered.clear();
    }
}

fn known(items: &Items, vectors: &Vectors, position: usize) -> Known {
    Known {
        id: items.id(position).into(),
        tags: items.tags(position).to_vec(),
        fields: items.fields(position).to_vec(),
        vector: vectors.get(position).to_vec(),
        tokens: items.tokens(position).to_vec(),
        server: items.server_vector(position).unwrap_or_default().into(),
        names: items.tag_names(position).map(Box::from).collect(),
    }
}
