//! In: validated events with the facts of their items. Out: [`Session`]: the log and its [`Profile`].
//! The profile is a pure function of the log, so any order of arrival gives the same one.
//! Must never grow beyond its limits, and never remember an item that no event is about.

mod profile;

pub use crate::event::Action;
pub use profile::{Known, Profile, Row};

use crate::event::Strength;
use crate::limits;
use std::collections::VecDeque;
use std::rc::Rc;

/// One logged event.
#[derive(Debug, Clone)]
struct Entry {
    id: Box<str>,
    at_ms: f64,
    item: Rc<Known>,
    strength: Strength,
}

/// What is known of this visitor.
#[derive(Debug, Clone, Default)]
pub struct Session {
    log: VecDeque<Entry>,
    profile: Profile,
}

impl Session {
    /// Logs an event; false if its id is already in the log.
    ///
    /// Events are kept by their time, so late ones fall into place; beyond [`limits::EVENTS`] the
    /// oldest falls out. An event as old as the oldest of a full log changes nothing.
    pub fn observe(&mut self, id: &str, at_ms: f64, item: Rc<Known>, strength: Strength) -> bool {
        if !id.is_empty() && self.log.iter().any(|entry| &*entry.id == id) {
            return false;
        }
        let place = self.log.partition_point(|entry| entry.at_ms <= at_ms);
        self.log.insert(place, Entry { id: id.into(), at_ms, item, strength });
        if self.log.len() > limits::EVENTS {
            self.log.pop_front();
        }
        let events = self.log.iter().map(|entry| (&entry.item, entry.strength));
        self.profile = Profile::of(events);
        true
    }

    /// What the log amounts to.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Number of events in the log.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        *self = Session::default();
    }
}

#[cfg(test)]
#[path = "../../tests/unit/session.rs"]
mod tests;
