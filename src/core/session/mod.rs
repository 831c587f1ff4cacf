//! In: validated events with the facts of their items. Out: [`Session`]: the log and its [`Profile`].
//! The profile is a pure function of the log and of the [`View`] on it; the log is kept by time.
//! It keeps within [`limits`], and remembers only items that an event or a preference is about.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod item_facts;
mod log;
mod profile;
pub mod snapshot;

pub use item_facts::ItemFacts;
pub use log::{Entry, Log, Lost};
pub use profile::Profile;

use crate::context::Context;
use crate::error::Result;
use crate::event::{Event, Strength};
use crate::limits;
use std::rc::Rc;

/// What a stated preference says.
const STATED: Strength = [1.0, 0.0, 0.0];

/// How a session is looked at: when, where, and as if what had not happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// Milliseconds since 1970; without it, or without a half-life, nothing fades.
    pub now_ms: Option<i64>,
    /// Milliseconds in which an event's strength halves; above 0.
    pub half_life_ms: Option<f64>,
    /// Positions in the log, ascending, of events to leave out.
    pub without: Vec<usize>,
    /// Whether to leave stated preferences out.
    pub without_stated: bool,
    /// The circumstances.
    pub context: Context,
}

/// What is known of this visitor.
#[derive(Debug, Clone, Default)]
pub struct Session {
    log: Log,
    stated: Vec<Rc<ItemFacts>>,
    profile: Profile,
    /// The view that `profile` was made for; `None` after a change.
    view: Option<View>,
}

impl Session {
    /// Logs an event of which the strength is known but not the type, as the trainer makes them.
    pub fn observe(&mut self, id: &str, at_ms: f64, item: Rc<ItemFacts>, strength: Strength) -> bool {
        self.record(&Event { kind: "", id, at_ms, value: f64::NAN }, item, strength)
    }

    /// Logs an event; false if that changes nothing: its id is in the log, or the log is full of
    /// events that matter more.
    ///
    /// Events are kept by their time, so late ones fall into place. Beyond [`limits::EVENTS`] the
    /// oldest event without a verdict stops counting, or else the oldest: scrolling does not erase
    /// likes.
    pub fn record(&mut self, event: &Event, item: Rc<ItemFacts>, strength: Strength) -> bool {
        // The same facts are kept once.
        let item = self.item(&item.id).filter(|known| known.same(&item)).cloned().unwrap_or(item);
        let entry = Entry {
            id: event.id.into(),
            kind: event.kind.into(),
            // Finite, or absent: a snapshot keeps no other, and more than enough is enough.
            value: (event.value as f32).clamp(f32::MIN, f32::MAX),
            at_ms: whole_ms(event.at_ms),
            item,
            strength,
            logged: 0,
        };
        self.view = None;
        self.log.insert(entry)
    }

    /// Takes an event out as if it had never happened; false if no event of this id ever did.
    ///
    /// # Errors
    /// [`crate::Kind::EventTooOld`], as [`Log::remove`] says.
    pub fn undo(&mut self, id: &str) -> Result<bool> {
        self.view = None;
        self.log.remove(id)
    }

    /// Notes what the session that this one was restored from did not hold any more.
    pub fn lose(&mut self, lost: Lost) {
        self.log.lose(lost);
    }

    /// States what the visitor said to like, in place of what was stated before. The first
    /// [`limits::STATED_ITEMS`] count, each as an item with full positive strength that is older
    /// than every event and never fades.
    pub fn prefer(&mut self, mut stated: Vec<Rc<ItemFacts>>) {
        stated.truncate(limits::STATED_ITEMS);
        self.stated = stated;
        self.view = None;
    }

    /// What the visitor said to like.
    pub fn stated(&self) -> &[Rc<ItemFacts>] {
        &self.stated
    }

    /// The events.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The newest facts known of an item that an event or preference is about.
    pub fn item(&self, id: &str) -> Option<&Rc<ItemFacts>> {
        let logged = self.log.entries().iter().rev().map(|entry| &entry.item);
        logged.chain(&self.stated).find(|item| &*item.id == id)
    }

    /// What the log amounts to, with nothing faded or left out.
    pub fn profile(&mut self) -> &Profile {
        self.profile_as(&View::default())
    }

    /// What the log amounts to in a view; computed when first asked for after a change.
    pub fn profile_as(&mut self, view: &View) -> &Profile {
        if self.view.as_ref() != Some(view) {
            let stated = if view.without_stated { &[][..] } else { &self.stated };
            let window = self.log.window(&view.without);
            let entries = window.iter().filter_map(|&at| self.log.entries().get(at));
            let events = stated
                .iter()
                .map(|item| (item, STATED, 1.0))
                .chain(entries.map(|entry| (&entry.item, entry.strength, view.freshness(entry.at_ms))));
            self.profile = Profile::of(events).in_context(view.context.clone());
            self.view = Some(view.clone());
        }
        &self.profile
    }

    /// Number of events that count.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty() && self.stated.is_empty()
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        *self = Session::default();
    }
}

impl View {
    /// What is left of an event's strength: 1 when new, a half after each half-life.
    ///
    /// An event of the future, which is what a clock that ran backwards makes of a past one, counts
    /// as new: never as more than it said.
    pub fn freshness(&self, at_ms: i64) -> f32 {
        let (Some(now), Some(half_life)) = (self.now_ms, self.half_life_ms) else { return 1.0 };
        let age = now.saturating_sub(at_ms).max(0) as f64;
        libm::exp2(-age / half_life) as f32
    }
}

/// Whole milliseconds within ±[`limits::TIME_MS`]; NaN counts as 0.
pub fn whole_ms(ms: f64) -> i64 {
    (ms.round() as i64).clamp(-limits::TIME_MS, limits::TIME_MS)
}

#[cfg(test)]
#[path = "../../../tests/core/session.rs"]
mod tests;
