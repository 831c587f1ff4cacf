//! In: what a visitor did or said. Out: the ranker's session, changed.
//! Events are about items of the list, items remembered for events, or items of earlier events.
//! An input that is refused leaves the session as it was.

use super::ranker::Ranker;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::item::{Candidate, Items, Packed, Packer};
use crate::limits;
use crate::score::Vectors;
use crate::session::ItemFacts;
#[cfg(doc)]
use crate::session::Session;
use std::rc::Rc;

/// The id of the item that stated tags stand for; no candidate of the package's can have it.
const STATED_TAGS: &str = "\0stated";

impl Ranker {
    /// Takes one event about an item that was sent before; false if that changes nothing, as
    /// [`Session::record`] says.
    ///
    /// # Errors
    /// The `event/…` kinds; the session stays as it was.
    pub fn observe(&mut self, event: &Event, item_id: &str) -> Result<bool> {
        let strength = event.strength(&self.manifest().actions)?;
        let item = self.find(item_id)?;
        Ok(self.session.record(event, item, strength))
    }

    /// Takes one event about an item that is given with it.
    ///
    /// # Errors
    /// As [`Ranker::observe`] and [`Ranker::set_candidates`], or [`Kind::ModelRun`].
    pub fn observe_candidate(&mut self, event: &Event, candidate: &Candidate) -> Result<bool> {
        let packer = self.pack(std::slice::from_ref(candidate));
        self.observe_packed(event, &candidate.id, &packer.packed())
    }

    /// [`Ranker::observe_candidate`] for an item in columns. What the event says is checked first: a refused
    /// event does not leave its item behind.
    ///
    /// # Errors
    /// As there.
    pub fn observe_packed(&mut self, event: &Event, item_id: &str, item: &Packed) -> Result<bool> {
        event.strength(&self.manifest().actions)?;
        self.remember(item)?;
        self.observe(event, item_id)
    }

    /// Takes items that events may be about although they are in no list.
    ///
    /// The newest [`limits::REMEMBERED_ITEMS`] are kept.
    ///
    /// # Errors
    /// As [`Ranker::set_candidates`], or [`Kind::ModelRun`].
    pub fn remember(&mut self, packed: &Packed) -> Result<()> {
        for item in self.item_facts(packed, limits::REMEMBERED_ITEMS)? {
            self.remembered.retain(|old| old.id != item.id);
            self.remembered.push_back(item);
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
        let items = self.item_facts(packed, limits::CANDIDATES)?;
        Ok(items.iter().map(|item| item.vector.clone()).collect())
    }

    /// The last `most` of some items with all that a session keeps of them.
    fn item_facts(&mut self, packed: &Packed, most: usize) -> Result<Vec<Rc<ItemFacts>>> {
        let items = self.read(packed)?;
        let mut vectors = Vectors::of(items.len(), self.manifest());
        let from = items.len().saturating_sub(most);
        let positions: Vec<u32> = (from..items.len()).map(|p| p as u32).collect();
        vectors.ensure(&mut self.model, &items, &positions)?;
        Ok((from..items.len()).map(|position| Rc::new(facts_of(&items, &vectors, position))).collect())
    }

    fn find(&mut self, id: &str) -> Result<Rc<ItemFacts>> {
        let (items, vectors) = self.list.items_and_vectors();
        if let Some(position) = items.position_of(id) {
            vectors.ensure(&mut self.model, items, &[position as u32])?;
            return Ok(Rc::new(facts_of(items, vectors, position)));
        }
        let remembered = self.remembered.iter().find(|item| &*item.id == id);
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
            stated = self.item_facts(&packer.packed(), 1)?;
            stated.retain(|item| !item.tags.is_empty());
        }
        stated.extend(self.item_facts(items, limits::STATED_ITEMS)?);
        self.session.prefer(stated);
        Ok(())
    }

    /// Forgets the visitor; model and list stay.
    pub fn forget(&mut self) {
        self.session.forget();
        self.remembered.clear();
    }
}

fn facts_of(items: &Items, vectors: &Vectors, position: usize) -> ItemFacts {
    ItemFacts {
        id: items.id(position).into(),
        tags: items.tags(position).to_vec(),
        fields: items.fields(position).to_vec(),
        vector: vectors.get(position).to_vec(),
        tokens: items.tokens(position).to_vec(),
        server: items.server_vector(position).unwrap_or_default().into(),
        names: items.tag_names(position).map(Box::from).collect(),
    }
}
