//! In: a visit and what was known then. Out: for each candidate the numbers of its active features, each a row of a
//! table. No field of a log is needed by name, and no outcome of the visit is read.
//!
//! Feature hashing (Weinberger et al., ICML 2009): a feature is a text such as `category=travel`, its
//! number the hash of the text modulo the table's size. A cross of two features hashes their hashes.

use crate::data::clicks::ClickTask;
use crate::data::hash::{fnv, mix};
use crate::data::logs::kinds::{Kind, Kinds};
use crate::data::logs::record::{Field, Value};
use crate::data::logs::visit::EXPOSURES;
use crate::data::logs::visit::LoggedVisit;
use crate::data::logs::visits::VisitLog;
use std::collections::HashMap;

/// Which features are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inputs {
    /// The item, the context, the position, and their crosses.
    Page,
    /// These, and what the visitor did before: by item and by each of its tags how often it was acted
    /// on and how often merely seen, and crosses of the item with what was last acted on.
    PageAndHistory,
}

/// Items last acted on that are crossed with a candidate.
const RECENT: usize = 5;

/// Hashes the features of a visit.
#[derive(Debug, Clone)]
pub struct HashedFeatures {
    inputs: Inputs,
    mask: u64,
    exposures: Kinds,
}

/// What a visitor did with something: acted on it, merely saw it.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    acted: u32,
    seen: u32,
}

impl HashedFeatures {
    /// Features for tables of `2^bits` rows.
    #[must_use]
    pub fn new(task: &ClickTask<'_>, inputs: Inputs, bits: u32) -> Self {
        let exposures = task.log.kinds().set(&EXPOSURES);
        Self { inputs, mask: (1_u64 << bits.clamp(1, 30)) - 1, exposures }
    }

    /// Rows of the tables.
    #[must_use]
    pub fn size(&self) -> usize {
        self.mask as usize + 1
    }

    fn exposure(&self, kind: Kind) -> bool {
        self.exposures.has(kind)
    }

    /// The features of a visit's candidates: those that `wanted` selects, in order.
    pub fn each(
        &self,
        log: &VisitLog,
        visit: &LoggedVisit<'_>,
        wanted: impl Fn(usize) -> bool,
        mut each: impl FnMut(usize, &[u32]),
    ) {
        let mut context = vec![mix(fnv(format_args!("bias")))];
        visit.context.iter().chain(visit.user_fields).for_each(|field| hash_field(field, &mut context));
        let history = match self.inputs {
            Inputs::Page => History::default(),
            Inputs::PageAndHistory => History::of(self, log, visit),
        };
        let mut hashes: Vec<u64> = Vec::new();
        let mut rows: Vec<u32> = Vec::new();
        for (place, candidate) in visit.candidates.iter().enumerate() {
            if !wanted(place) {
                continue;
            }
            hashes.clear();
            let mut item = vec![mix(fnv(format_args!("item={}", log.item_id(candidate.item))))];
            if let Some(facts) = log.facts(candidate.item, visit.at) {
                item.extend(facts.tags.iter().map(|tag| mix(fnv(format_args!("{tag}")))));
                item.extend(facts.numbers.iter().map(|(name, number)| bucket(name, *number)));
            }
            candidate.fields.iter().for_each(|field| hash_field(field, &mut item));
            if candidate.score.is_finite() {
                item.push(bucket("score", f64::from(candidate.score)));
            }
            hashes.extend(&context);
            hashes.push(mix(fnv(format_args!("position={}", candidate.position))));
            for (place, &one) in item.iter().enumerate() {
                hashes.push(one);
                // Crosses with the context, and with the item's other properties.
                hashes.extend(context.iter().skip(1).map(|&other| cross(one, other)));
                hashes.extend(item.iter().skip(place + 1).map(|&other| cross(one, other)));
            }
            if self.inputs == Inputs::PageAndHistory {
                history.add(log, visit, candidate.item, &mut hashes);
            }
            rows.clear();
            rows.extend(hashes.iter().map(|hash| (hash & self.mask) as u32));
            each(place, &rows);
        }
    }
}

/// What is known of a visitor, counted once a visit.
#[derive(Default)]
struct History {
    items: HashMap<u32, Counts>,
    tags: HashMap<u64, Counts>,
    /// Tags of the items last acted on.
    recent: Vec<u64>,
}

impl History {
    fn of(features: &HashedFeatures, log: &VisitLog, visit: &LoggedVisit<'_>) -> Self {
        let mut history = Self::default();
        let mut recent = Vec::new();
        for event in visit.past {
            let exposure = features.exposure(event.kind);
            let count = |counts: &mut Counts| {
                if exposure { counts.seen += 1 } else { counts.acted += 1 }
            };
            count(history.items.entry(event.item).or_default());
            let tags = log.facts(event.item, visit.at).map_or(&[][..], |facts| &facts.tags);
            for tag in tags {
                count(history.tags.entry(fnv(format_args!("{tag}"))).or_default());
            }
            if !exposure {
                recent.push(tags);
            }
        }
        let tags = recent.iter().rev().take(RECENT).flat_map(|tags| tags.iter());
        history.recent = tags.map(|tag| mix(fnv(format_args!("recent:{tag}")))).collect();
        history.recent.sort_unstable();
        history.recent.dedup();
        history
    }

    fn add(&self, log: &VisitLog, visit: &LoggedVisit<'_>, item: u32, hashes: &mut Vec<u64>) {
        let own = self.items.get(&item).copied().unwrap_or_default();
        hashes.push(mix(fnv(format_args!("item seen {}", level(own.seen)))));
        hashes.push(mix(fnv(format_args!("item acted {}", level(own.acted)))));
        let Some(facts) = log.facts(item, visit.at) else { return };
        for tag in &facts.tags {
            let name = tag.split(':').next().unwrap_or_default();
            let counts = self.tags.get(&fnv(format_args!("{tag}"))).copied().unwrap_or_default();
            let (seen, acted) = (level(counts.seen), level(counts.acted));
            hashes.push(mix(fnv(format_args!("{name} seen {seen}"))));
            hashes.push(mix(fnv(format_args!("{name} acted {acted}"))));
            hashes.push(mix(fnv(format_args!("{name} seen {seen} acted {acted}"))));
            let tag = mix(fnv(format_args!("{tag}")));
            hashes.extend(self.recent.iter().map(|&recent| cross(tag, recent)));
        }
    }
}

/// Counts by level: 0, 1, 2, 3, 4, 5 to 6, 7 to 9, … each a quarter to a half above the one before.
fn level(count: u32) -> u32 {
    if count < 5 { count } else { (f64::from(count).log2() * 2.0).round() as u32 }
}

fn cross(one: u64, other: u64) -> u64 {
    mix(one ^ mix(other))
}

fn hash_field(Field { name, value }: &Field, hashes: &mut Vec<u64>) {
    match value {
        Value::Text(text) => hashes.push(mix(fnv(format_args!("{name}:{text}")))),
        Value::Texts(texts) => {
            hashes.extend(texts.iter().map(|text| mix(fnv(format_args!("{name}:{text}")))));
        }
        Value::Number(number) => hashes.push(bucket(name, *number)),
        Value::Flag(flag) => hashes.push(mix(fnv(format_args!("{name}:{flag}")))),
        Value::Numbers(_) => {}
    }
}

/// A number by its sign and magnitude: whole numbers up to 32 each by itself, others in steps of a
/// fifth.
fn bucket(name: &str, number: f64) -> u64 {
    let step = if number.fract() == 0.0 && number.abs() <= 32.0 {
        number as i64
    } else {
        let magnitude = (number.abs() * 16.0).ln_1p() * 5.0;
        (magnitude.copysign(number).round() as i64).saturating_add(1_000)
    };
    mix(fnv(format_args!("{name}~{step}")))
}
