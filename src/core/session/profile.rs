//! In: what happened, oldest first. Out: [`Profile`]: strength by item, by tag and in all.
//! Repeated events on one item saturate at full strength: a like that is sent twice counts once.
//! The profile depends on nothing but what it is given, not on the order of a hash map either.

use super::item_facts::ItemFacts;
use crate::context::Context;
use crate::event::{CHANNELS, Strength};
use std::rc::Rc;

/// One item of the session with all that its events say, each channel at most 1.
#[derive(Debug, Clone)]
pub struct Row {
    /// The item.
    pub item: Rc<ItemFacts>,
    /// Its events' strengths together, each channel at most 1; a later verdict fades the opposite.
    pub strength: Strength,
}

/// What a session amounts to.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    rows: Vec<Row>,
    tags: Vec<(u32, Strength)>,
    totals: Strength,
    field_means: Vec<f32>,
    context: Context,
}

impl Profile {
    /// Builds a profile from events, oldest first: item, strength, and the share of it that is left.
    pub fn of<'a>(events: impl Iterator<Item = (&'a Rc<ItemFacts>, Strength, f32)>) -> Profile {
        let mut profile = Profile::default();
        for (item, strength, left) in events {
            let known = profile.rows.iter().position(|row| row.item.id == item.id);
            let mut row = match known {
                Some(index) => profile.rows.remove(index),
                None => Row { item: item.clone(), strength: [0.0; CHANNELS] },
            };
            // The newest facts of an item win; its row moves to the end, the newest place.
            row.item = item.clone();
            row.strength = later(row.strength, strength, left);
            profile.rows.push(row);
        }
        profile.rows.reverse();
        profile.count();
        profile
    }

    /// The same in some circumstances.
    pub fn in_context(self, context: Context) -> Profile {
        Profile { context, ..self }
    }

    /// The circumstances.
    pub fn context(&self) -> &Context {
        &self.context
    }

    fn count(&mut self) {
        for row in &self.rows {
            add(&mut self.totals, row.strength);
            for &tag in &row.item.tags {
                match self.tags.binary_search_by_key(&tag, |&(known, _)| known) {
                    Ok(index) => {
                        self.tags.get_mut(index).into_iter().for_each(|tag| add(&mut tag.1, row.strength))
                    }
                    Err(index) => self.tags.insert(index, (tag, row.strength)),
                }
            }
        }
        let width = self.rows.iter().map(|row| row.item.fields.len()).max().unwrap_or(0);
        self.field_means = (0..width).map(|field| self.field_mean_of(field)).collect();
    }

    fn field_mean_of(&self, field: usize) -> f32 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for row in &self.rows {
            let value = row.item.fields.get(field).copied().unwrap_or(f32::NAN);
            if value.is_finite() {
                sum += row.strength[0] * value;
                weight += row.strength[0];
            }
        }
        if weight > 0.0 { sum / weight } else { f32::NAN }
    }

    /// The session's items, newest first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows that a model with `length` rows of history reads: those with a verdict, newest
    /// first, then those merely seen.
    pub fn history(&self, length: usize) -> impl Iterator<Item = &Row> {
        let verdict = |row: &&Row| row.strength[0] + row.strength[1] > 0.0;
        let verdicts = self.rows.iter().filter(verdict);
        verdicts.chain(self.rows.iter().filter(move |row| !verdict(row))).take(length)
    }

    /// Summed strengths of all items.
    pub fn totals(&self) -> Strength {
        self.totals
    }

    /// The tags that the items bear, ascending by id, with the summed strengths of those items.
    pub fn tags(&self) -> &[(u32, Strength)] {
        &self.tags
    }

    /// Summed strengths of the items that bear a tag; zero if none does.
    pub fn tag(&self, tag: u32) -> Strength {
        let found = self.tags.binary_search_by_key(&tag, |&(known, _)| known).ok();
        found.and_then(|index| self.tags.get(index)).map_or([0.0; CHANNELS], |tag| tag.1)
    }

    /// Mean of a field over items, weighted by positive strength; NaN if there is none.
    pub fn field_mean(&self, field: usize) -> f32 {
        self.field_means.get(field).copied().unwrap_or(f32::NAN)
    }
}

/// What an item's events say after one more: a verdict fades the opposite one, then adds up to 1.
///
/// The verdict fades the opposite one by all that it said, whatever is `left` of it: else the
/// opposite would grow back as time goes by.
fn later([positive, negative, exposed]: Strength, new: Strength, left: f32) -> Strength {
    let faded = [positive * (1.0 - new[1]), negative * (1.0 - new[0]), exposed];
    let mut sum = faded;
    add(&mut sum, new.map(|s| s * left));
    sum.map(|s| s.min(1.0))
}

fn add(sum: &mut Strength, more: Strength) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}
