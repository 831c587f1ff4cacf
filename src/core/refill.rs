//! In: a list and a profile. Out: [`Refill`], if the visitor would be served better by other candidates.
//! It says what to ask the server for as tags and a vector, without the events themselves; whether to ask is the
//! caller's decision.

use crate::item::Items;
use crate::limits;
use crate::session::Profile;
use serde::Serialize;
use std::collections::HashMap;

/// Positive strength from which interests are known well enough to miss them in a list: two likes.
const INTEREST_LEAST: f32 = 2.0;
/// Share of the interest that a list must serve.
const SERVED_LEAST: f32 = 0.5;

/// Why other candidates are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefillReason {
    /// Fewer than [`limits::POOL_LEAST`] candidates are left that no event is about.
    Exhausted,
    /// Less than half of the interest falls on tags that such a candidate bears.
    OffInterest,
}

/// What to ask the server for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refill {
    /// Why to ask.
    pub reason: RefillReason,
    /// Candidates that no event is about.
    pub unseen: usize,
    /// Share of the interest, 0 to 1, on tags that an unseen candidate bears; 1 without interests.
    pub served: f32,
    /// The tags liked most, best first, at most [`limits::SKETCH_TAGS`].
    pub tags: Vec<TagWeight>,
    /// Mean of the liked items' vectors by strength, scaled to length 1; empty if there is none.
    pub vector: Vec<f32>,
}

/// A tag to ask for, with its weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagWeight {
    /// As an item spelled it.
    pub tag: String,
    /// Interest minus rejection, in items; above 0.
    pub weight: f32,
}

/// Says what to ask for if a list no longer serves a visitor; none if the list or the profile is empty.
pub fn refill(items: &Items, profile: &Profile) -> Option<Refill> {
    if items.is_empty() || profile.rows().is_empty() {
        return None;
    }
    let mut judged = vec![false; items.len()];
    for position in profile.rows().iter().flat_map(|row| items.positions_of(&row.item.id)) {
        judged.get_mut(position).into_iter().for_each(|judged| *judged = true);
    }
    let mut borne = vec![false; items.distinct_tags().len()];
    let mut unseen = 0;
    for position in judged.iter().enumerate().filter(|(_, judged)| !**judged).map(|(position, _)| position) {
        unseen += 1;
        for &slot in items.tag_slots(position) {
            if let Some(borne) = borne.get_mut(slot as usize) {
                *borne = true;
            }
        }
    }
    let offered = |tag: &u32| {
        let slot = items.distinct_tags().binary_search(tag).ok();
        slot.and_then(|slot| borne.get(slot)).copied().unwrap_or(false)
    };
    let interest = || profile.tags().iter().map(|(tag, strength)| (tag, strength[0]));
    let all: f32 = interest().map(|(_, strength)| strength).sum();
    let served: f32 = interest().filter(|(tag, _)| offered(tag)).map(|(_, strength)| strength).sum();
    let served = if all > 0.0 { served / all } else { 1.0 };
    let reason = if unseen < limits::POOL_LEAST && unseen < items.len() {
        RefillReason::Exhausted
    } else if profile.totals()[0] >= INTEREST_LEAST && served < SERVED_LEAST {
        RefillReason::OffInterest
    } else {
        return None;
    };
    Some(Refill { reason, unseen, served, tags: liked_tags(profile), vector: mean_vector(profile) })
}

fn liked_tags(profile: &Profile) -> Vec<TagWeight> {
    let mut names: HashMap<u32, &str> = HashMap::new();
    for row in profile.rows() {
        for (&tag, name) in row.item.tags.iter().zip(&row.item.names) {
            names.entry(tag).or_insert(name);
        }
    }
    let net = |&(tag, strength): &(u32, [f32; 3])| {
        Some(TagWeight { tag: (*names.get(&tag)?).into(), weight: strength[0] - strength[1] })
    };
    let mut tags: Vec<TagWeight> =
        profile.tags().iter().filter_map(net).filter(|tag| tag.weight > 0.0).collect();
    // By weight, then by words: the order of ids would be the order of hashes.
    tags.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.tag.cmp(&b.tag)));
    tags.truncate(limits::SKETCH_TAGS);
    tags
}

fn mean_vector(profile: &Profile) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for row in profile.rows().iter().filter(|row| row.strength[0] > 0.0) {
        sum.resize(sum.len().max(row.item.vector.len()), 0.0);
        for (sum, value) in sum.iter_mut().zip(&row.item.vector) {
            *sum += row.strength[0] * value;
        }
    }
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    if !(length > 0.0 && length.is_finite()) {
        return Vec::new();
    }
    sum.into_iter().map(|value| value / length).collect()
}

#[cfg(test)]
#[path = "../../tests/core/refill.rs"]
mod tests;
