//! In: validated events with the facts of their items. Out: [`Session`]: the log and its [`Profile`].
//! The profile is a pure function of the log, and the log is kept by time, not by arrival.
//! Must never grow beyond its limits, and never remember an item that no event is about.

mod profile;

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
    stale: bool,
}

impl Session {
    /// Logs an event; false if that changes nothing: its id is in the log, or the log is full of
    /// events that matter more.
    ///
    /// Events are kept by their time, so late ones fall into place. Beyond [`limits::EVENTS`] the
    /// oldest event without a verdict falls out, or else the oldest: scrolling does not erase likes.
    pub fn observe(&mut self, id: &str, at_ms: f64, item: Rc<Known>, strength: Strength) -> bool {
        if !id.is_empty() && self.log.iter().any(|entry| &*entry.id == id) {
            return false;
        }
        let place = self.log.partition_point(|entry| entry.at_ms <= at_ms);
        self.log.insert(place, Entry { id: id.into(), at_ms, item, strength });
        if self.log.len() > limits::EVENTS {
            let mute = |entry: &Entry| entry.strength[0] + entry.strength[1] == 0.0;
            let out = self.log.iter().position(mute).unwrap_or(0);
            self.log.remove(out);
            if out == place {
                return false;
            }
        }
        self.stale = true;
        true
    }

    /// What the log amounts to; computed when first asked for after an event.
    pub fn profile(&mut self) -> &Profile {
        if std::mem::take(&mut self.stale) {
            self.profile = Profile::of(self.log.iter().map(|entry| (&entry.item, entry.strength)));
        }
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
