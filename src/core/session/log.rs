//! In: validated events. Out: the window that counts: at most [`limits::EVENTS`] of them, by time.
//! Behind the window lies a reserve, so that taking one event out lets the next older one back in.
//! An event that was taken out has no say, nor has the order of arrival: laws of the tests.

use super::item_facts::ItemFacts;
use crate::error::{Error, Kind, Result};
use crate::event::Strength;
use crate::limits;
use std::collections::VecDeque;
use std::rc::Rc;

/// One logged event.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its own id; empty if it has none.
    pub id: Box<str>,
    /// Its type, an action of the manifest; empty where only the strength is known.
    pub kind: Box<str>,
    /// Seconds or a fraction; NaN if absent.
    pub value: f32,
    /// When, in whole milliseconds since 1970, within ±[`limits::TIME_MS`].
    pub at_ms: i64,
    /// What it is about.
    pub item: Rc<ItemFacts>,
    /// What it says.
    pub strength: Strength,
    /// How many were logged before it; the log counts.
    pub logged: u64,
}

impl Entry {
    /// Whether it says that the item was merely seen.
    pub(super) fn mute(&self) -> bool {
        self.strength[0] + self.strength[1] == 0.0
    }
}

/// The events of a session, oldest first; equal times by arrival.
///
/// The window is a function of the events alone: those with a verdict before those without, newer
/// before older, the first [`limits::EVENTS`]. The log holds as many again behind it, ranked the
/// same way: so long as it knows a whole window after taking one out, the window is what it would
/// be had that event never come.
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// Whether an event has ever fallen out at the end.
    dropped: bool,
    /// Whether an event came of which no id is held: an unknown id may be its.
    forgot: bool,
    /// Events logged so far.
    logged: u64,
}

/// What a log does not hold, as a snapshot keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Events that would count were others taken out.
    pub reserve: bool,
    /// Ids of events that came.
    pub ids: bool,
}

impl Log {
    /// Events that count.
    pub fn len(&self) -> usize {
        self.entries.len().min(limits::EVENTS)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All that is held, reserve included; what positions refer to.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// The position of the event with this id.
    pub fn position_of(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| !id.is_empty() && &*entry.id == id)
    }

    /// Adds an event; false if that changes nothing: its id is known, or the window is full of
    /// events that matter more.
    pub fn insert(&mut self, mut entry: Entry) -> bool {
        if self.position_of(&entry.id).is_some() {
            return false;
        }
        if self.dropped && self.ranks_last(&entry) {
            // Whether it or one that fell out would be next is not known any more.
            return false;
        }
        entry.logged = self.logged;
        self.logged += 1;
        let place = self.entries.partition_point(|old| old.at_ms <= entry.at_ms);
        self.entries.insert(place, entry);
        let mut at = Some(place);
        if self.entries.len() > limits::EVENTS + limits::RESERVED_EVENTS {
            let out = self.last_ranked();
            self.entries.remove(out);
            (self.dropped, self.forgot) = (true, true);
            at = if out == place { None } else { Some(place - usize::from(out < place)) };
        }
        at.is_some_and(|at| self.window(&[]).binary_search(&at).is_ok())
    }

    /// The position of the event that matters least: the oldest without a verdict, or else the oldest.
    fn last_ranked(&self) -> usize {
        self.entries.iter().position(Entry::mute).unwrap_or(0)
    }

    fn ranks_last(&self, new: &Entry) -> bool {
        self.entries.get(self.last_ranked()).is_some_and(|last| match (new.mute(), last.mute()) {
            (true, false) => true,
            (false, true) => false,
            _ => new.at_ms < last.at_ms,
        })
    }

    /// Whether an event is among the last [`limits::EVENTS`] logged, or counts although it is not.
    fn is_recent(&self, at: usize) -> bool {
        let last = |entry: &Entry| entry.logged + limits::EVENTS as u64 >= self.logged;
        self.entries.get(at).is_some_and(last) || self.window(&[]).binary_search(&at).is_ok()
    }

    /// What it does not hold.
    pub fn lost(&self) -> Lost {
        Lost { reserve: self.dropped, ids: self.forgot }
    }

    /// Notes what the log that this one was restored from did not hold.
    pub fn lose(&mut self, lost: Lost) {
        self.dropped |= lost.reserve;
        self.forgot |= lost.ids;
    }

    /// Whether the window without some of the events is known.
    fn knows_without(&self, count: usize) -> bool {
        !self.dropped || self.entries.len() >= limits::EVENTS + count
    }

    /// Positions of some events, to rank without them; ids that are not in the log are given back
    /// as errors, as [`Log::remove`] gives them.
    pub fn positions_of(&self, ids: &[String]) -> (Vec<usize>, Vec<Error>) {
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            match self.position_of(id) {
                Some(at) if found.contains(&at) => {}
                Some(at) if self.is_recent(at) && self.knows_without(found.len() + 1) => found.push(at),
                Some(_) => errors.push(too_old(id)),
                None if self.forgot => errors.push(too_old(id)),
                None => errors.push(unknown(id)),
            }
        }
        found.sort_unstable();
        (found, errors)
    }

    /// Takes an event out, as if it had never come; false if no event of this id ever came.
    ///
    /// # Errors
    /// [`Kind::EventTooOld`] if the event neither counts nor is among the last [`limits::EVENTS`] logged,
    /// if its id may be one that is not held any more, or if too many were taken out to know what the
    /// window would be.
    pub fn remove(&mut self, id: &str) -> Result<bool> {
        match self.position_of(id) {
            Some(at) if self.is_recent(at) && self.knows_without(1) => {
                self.entries.remove(at);
                Ok(true)
            }
            None if !self.forgot => Ok(false),
            _ => Err(too_old(id)),
        }
    }

    /// Positions of the events that count, oldest first, were those at `without` (ascending) not there.
    pub fn window(&self, without: &[usize]) -> Vec<usize> {
        let there = |at: &usize| without.binary_search(at).is_err();
        let held: Vec<usize> = (0..self.entries.len()).filter(there).collect();
        if held.len() <= limits::EVENTS {
            return held;
        }
        let mute = |at: &usize| self.entries.get(*at).is_some_and(Entry::mute);
        let mutes = held.iter().filter(|at| mute(at)).count();
        let verdicts = held.len() - mutes;
        let mut skip_mutes = mutes.saturating_sub(limits::EVENTS.saturating_sub(verdicts));
        let mut skip_verdicts = verdicts.saturating_sub(limits::EVENTS);
        let mut kept = held;
        kept.retain(|at| {
            let skip = if mute(at) { &mut skip_mutes } else { &mut skip_verdicts };
            let stays = *skip == 0;
            *skip = skip.saturating_sub(1);
            stays
        });
        kept
    }
}

fn short(id: &str) -> String {
    id.chars().take(40).collect()
}

fn too_old(id: &str) -> Error {
    let what = format!("`{}` is not among the last {} events", short(id), limits::EVENTS);
    Error::new(Kind::EventTooOld, "event.id", what)
}

fn unknown(id: &str) -> Error {
    Error::new(Kind::EventUnknownId, "event.id", format!("no event has the id `{}`", short(id)))
}
