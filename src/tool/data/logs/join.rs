//! In: records in any order. Out: a [`VisitLog`]: rankings in order of time, each with what its visitor had done
//! before it and what came of its items. Nothing of a list's own time or later is in that list's past.
//!
//! What is held: of a shown item some 60 bytes, of an interaction 48 and then 24, of facts every
//! version; `limits::LOG_EVENTS` bounds their number. Text that repeats is held once.
//!
//! A log without any exposure says what was seen only indirectly: a visitor who acted on an item has
//! looked at those above it (Joachims, 2002: "click > skip above"). They count as seen, and as
//! impressions in the visitor's past, from the moment of that action.

use crate::data::logs::facts::{FieldHistory, LoggedItem};
use crate::data::logs::fault::{FaultKind, Faults, LogError, Result};
use crate::data::logs::interner::Interner;
use crate::data::logs::kinds::KindNames;
use crate::data::logs::read::{Entry, Location, LogReader};
use crate::data::logs::record::{Interaction, Ranking, Record, find};
use crate::data::logs::timelines::{AttributedEvent, Timelines};
use crate::data::logs::visit::{
    DWELL, EXPOSURES, JoinOptions, LoggedCandidate, LoggedEvent, LoggedRanking, LoggedVisitor, VALUES,
};
use crate::data::logs::visits::VisitLog;
use ranklet::limits;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Reads a file or a folder of logs; sorts it by time if it is not. `progress` is told how many
/// bytes of how many were read.
///
/// # Errors
/// A file cannot be read, the log holds more than `limits::LOG_EVENTS`, or `faults` is strict and
/// something is malformed.
pub fn read(
    path: &Path,
    options: &JoinOptions,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VisitLog> {
    join(LogReader::open(path)?, options, faults, progress)
}

fn join(
    mut reader: LogReader,
    options: &JoinOptions,
    faults: &mut Faults,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VisitLog> {
    let mut join = Join::new(options);
    while let Some(entry) = reader.read(faults)? {
        progress(reader.bytes_read(), reader.bytes());
        join.add(entry, &reader, faults)?;
    }
    join.finish(&reader, faults)
}

/// An interaction that waits for its place in time.
struct Pending {
    at: i64,
    ranking: Option<u32>,
    user: Option<u32>,
    event: LoggedEvent,
    location: Location,
}

/// Collects records, then joins them.
struct Join {
    options: JoinOptions,
    kinds: KindNames,
    items: Interner,
    users: Interner,
    rankings: Interner,
    /// By item and by user: what was said of them.
    item_facts: HashMap<u32, FieldHistory>,
    user_facts: HashMap<u32, FieldHistory>,
    shown: Vec<LoggedRanking>,
    /// By ranking: whether the log holds it.
    known: Vec<bool>,
    pending: Vec<Pending>,
    held: u64,
}

impl Join {
    fn new(options: &JoinOptions) -> Self {
        Self {
            options: *options,
            kinds: KindNames::default(),
            items: Interner::default(),
            users: Interner::default(),
            rankings: Interner::default(),
            item_facts: HashMap::new(),
            user_facts: HashMap::new(),
            shown: Vec::new(),
            known: Vec::new(),
            pending: Vec::new(),
            held: 0,
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// There are more than `limits::LOG_EVENTS`, or `faults` is strict and the record repeats another.
    fn add(&mut self, entry: Entry, reader: &LogReader, faults: &mut Faults) -> Result<()> {
        self.held += match &entry.record {
            Record::Ranking(ranking) => ranking.items.len() as u64,
            _ => 1,
        };
        if self.held > limits::LOG_EVENTS {
            let what = format!(
                "the log holds more than {} shown items, interactions and facts; split it by time or by user",
                limits::LOG_EVENTS
            );
            return Err(LogError::Unfit(what));
        }
        match entry.record {
            Record::Item(item) => {
                let number = self.items.intern(&item.item);
                self.item_facts.entry(number).or_default().add(item.timestamp, item.fields);
                Ok(())
            }
            Record::User(user) => {
                let number = self.users.intern(&user.user);
                self.user_facts.entry(number).or_default().add(user.timestamp, user.fields);
                Ok(())
            }
            Record::Ranking(ranking) => self.add_ranking(ranking, entry.location, reader, faults),
            Record::Interaction(interaction) => {
                self.add_interaction(&interaction, entry.location, reader, faults)
            }
        }
    }

    fn add_ranking(
        &mut self,
        ranking: Ranking,
        location: Location,
        reader: &LogReader,
        faults: &mut Faults,
    ) -> Result<()> {
        let number = self.rankings.intern(&ranking.id) as usize;
        self.known.resize(self.known.len().max(number + 1), false);
        if std::mem::replace(&mut self.known[number], true) {
            let what = format!("ranking {:?} was logged before; this one is passed over", ranking.id);
            return faults.report(reader.fault(location, FaultKind::Duplicate, "id", what));
        }
        let mut candidates: Vec<LoggedCandidate> = Vec::with_capacity(ranking.items.len());
        let mut twice = None;
        let mut present = HashSet::new();
        for (index, entry) in ranking.items.into_iter().enumerate() {
            let item = self.items.intern(&entry.id);
            if !present.insert(item) {
                twice = Some((index, entry.id));
                continue;
            }
            candidates.push(LoggedCandidate::shown(item, index, entry.fields));
        }
        let user = match (&ranking.user, &ranking.session) {
            (Some(user), _) => self.users.intern(user),
            (None, Some(session)) => self.users.intern(&format!("session:{session}")),
            (None, None) => self.users.intern(&format!("ranking:{}", ranking.id)),
        };
        self.shown.push(LoggedRanking {
            id: Arc::clone(&self.rankings.texts[number]),
            user,
            at: ranking.timestamp,
            context: ranking.fields,
            candidates,
            known: 0,
        });
        if let Some((index, id)) = twice {
            let what = format!("{id:?} is in the list already; the first place counts");
            let field = format!("items[{index}].id");
            faults.report(reader.fault(location, FaultKind::Duplicate, &field, what))?;
        }
        Ok(())
    }

    fn add_interaction(
        &mut self,
        interaction: &Interaction,
        location: Location,
        reader: &LogReader,
        faults: &mut Faults,
    ) -> Result<()> {
        let Some(kind) = self.kinds.intern(&interaction.kind) else {
            let what = format!("{:?} is one type too many, at most {}", interaction.kind, limits::ACTIONS);
            return faults.report(reader.fault(location, FaultKind::OutOfBounds, "type", what));
        };
        let user = match (&interaction.user, &interaction.session) {
            (Some(user), _) => Some(self.users.intern(user)),
            (None, Some(session)) => Some(self.users.intern(&format!("session:{session}"))),
            (None, None) => None,
        };
        let value = VALUES.iter().find_map(|name| find(&interaction.fields, name)?.number());
        let at = interaction.timestamp;
        let value = value.map_or(f32::NAN, |value| value as f32);
        let item = self.items.intern(&interaction.item);
        self.pending.push(Pending {
            at,
            ranking: interaction.ranking.as_ref().map(|ranking| self.rankings.intern(ranking)),
            user,
            event: LoggedEvent { item, kind, value, at },
            location,
        });
        Ok(())
    }

    /// Puts everything in order.
    ///
    /// # Errors
    /// `faults` is strict, and an interaction does not fit its ranking.
    fn finish(mut self, reader: &LogReader, faults: &mut Faults) -> Result<VisitLog> {
        self.shown.sort_by_key(|shown| shown.at);
        let mut visit_of: Vec<Option<usize>> = vec![None; self.rankings.texts.len()];
        for (place, shown) in self.shown.iter().enumerate() {
            let number = self.rankings.numbers.get(&shown.id).copied().unwrap_or_default();
            visit_of[number as usize] = Some(place);
        }
        let mut outcomes = Vec::with_capacity(self.pending.len());
        for pending in std::mem::take(&mut self.pending) {
            if let Some(outcome) = self.resolve(pending, &visit_of, reader, faults)? {
                outcomes.push(outcome);
            }
        }
        outcomes.sort_by_key(|outcome| outcome.event.at);
        let logged = !self.kinds.set(&EXPOSURES).is_empty();
        let infer = if logged { None } else { self.kinds.intern(EXPOSURES[0]) };
        let mut timelines = Timelines {
            events: vec![Vec::new(); self.users.texts.len()],
            cuts: vec![0; self.users.texts.len()],
            exposures: self.kinds.set(&EXPOSURES),
            dwell: self.kinds.find(DWELL),
            infer,
            attribution_ms: self.options.attribution_ms,
        };
        let mut outcomes = outcomes.into_iter().peekable();
        for place in 0..self.shown.len() {
            let at = self.shown[place].at;
            while let Some(outcome) = outcomes.next_if(|outcome| outcome.event.at < at) {
                timelines.take(&outcome, &mut self.shown);
            }
            let shown = &mut self.shown[place];
            shown.known = timelines.cut(shown.user);
        }
        outcomes.for_each(|outcome| timelines.take(&outcome, &mut self.shown));
        Ok(self.log(timelines.events))
    }

    /// Finds an interaction's list and visitor; `None` if it has neither.
    fn resolve(
        &self,
        mut pending: Pending,
        visit_of: &[Option<usize>],
        reader: &LogReader,
        faults: &mut Faults,
    ) -> Result<Option<AttributedEvent>> {
        let mut report = |kind, field: &str, what: String| {
            faults.report(reader.fault(pending.location, kind, field, what))
        };
        let mut candidate = None;
        if let Some(ranking) = pending.ranking {
            let name = &self.rankings.texts[ranking as usize];
            match visit_of[ranking as usize].map(|place| (place, &self.shown[place])) {
                None => {
                    let what = format!("ranking {name:?} is not in the log; history only");
                    report(FaultKind::UnknownRanking, "ranking", what)?;
                }
                Some((place, shown)) => {
                    // What happens in a list is its visitor's, by whatever id it was logged.
                    pending.user = Some(shown.user);
                    if pending.at < shown.at {
                        let what = format!("is {} ms before ranking {name:?}", shown.at - pending.at);
                        report(FaultKind::EarlierThanRanking, "timestamp", what)?;
                        pending.event.at = shown.at;
                    }
                    match shown.candidates.iter().position(|c| c.item == pending.event.item) {
                        Some(index) => candidate = Some((place, index)),
                        None => {
                            let item = &self.items.texts[pending.event.item as usize];
                            let what = format!("{item:?} is not in ranking {name:?}; history only");
                            report(FaultKind::UnknownCandidate, "item", what)?;
                        }
                    }
                }
            }
        }
        let Some(user) = pending.user else {
            let what = "has neither user nor session, nor a ranking that has; passed over".to_owned();
            report(FaultKind::Nobody, "user", what)?;
            return Ok(None);
        };
        Ok(Some(AttributedEvent { user, candidate, event: pending.event }))
    }

    fn log(self, timelines: Vec<Vec<LoggedEvent>>) -> VisitLog {
        let Self { mut item_facts, mut user_facts, .. } = self;
        let mut number = 0..;
        let items = self.items.texts.into_iter().map(|id| {
            let said = number.next().and_then(|number| item_facts.remove(&number)).unwrap_or_default();
            (id, said.versions(LoggedItem::of))
        });
        let items = items.collect();
        let mut number = 0..;
        let visitors = self.users.texts.into_iter().zip(timelines).map(|(id, timeline)| {
            let said = number.next().and_then(|number| user_facts.remove(&number)).unwrap_or_default();
            LoggedVisitor { id, fields: said.versions(|fields| fields), timeline }
        });
        let visitors = visitors.collect();
        VisitLog { kinds: self.kinds, items, visitors, shown: self.shown, past: self.options.past }
    }
}

#[cfg(test)]
#[path = "../../../../tests/tool/data/logs/join.rs"]
mod tests;
