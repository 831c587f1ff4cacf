//! In: a condition or an attribute, bounds, a number of slots. Out: whether an item may stand in a slot.
//! At least and at most so many of the top match; or at most so many of any one value.
//! Must never count an item twice, nor forget those that pins will put below.

use super::attribute::{Attribute, Values};
use super::condition::{Condition, within};
use super::facts::Input;
use crate::error;
use crate::limits;
use serde::Deserialize;

/// At least, at most so many in the top.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Which items count. Give this or `each`.
    #[serde(default)]
    pub of: Option<Condition>,
    /// Counts each value of an attribute by itself, with `most` alone: a ceiling by topic.
    #[serde(default)]
    pub each: Option<Attribute>,
    /// At least so many, 0 to `top`.
    #[serde(default)]
    pub least: Option<u32>,
    /// At most so many, `least` to `top`.
    #[serde(default)]
    pub most: Option<u32>,
    /// Of so many slots from the top: 1 to [`limits::SLOTS`].
    pub top: u32,
}

impl Quota {
    pub(super) fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        let least = self.least.unwrap_or(0);
        within(least, 0..=self.top, "least")?;
        within(self.most.unwrap_or(self.top), least..=self.top, "most")?;
        match (&self.of, &self.each) {
            _ if self.least.or(self.most).is_none() => Err("gives neither `least` nor `most`".into()),
            (Some(of), None) => of.check(),
            (None, Some(each)) if self.least.is_none() => each.check(),
            (None, Some(_)) => Err("`each` takes `most` alone".into()),
            _ => Err("give one of `of` and `each`".into()),
        }
    }

    /// # Errors
    /// [`crate::Kind::RulesUnknownField`].
    pub(super) fn on(&self, input: &Input) -> error::Result<Counted> {
        let groups = match (&self.each, &self.of) {
            (Some(each), _) => Groups::Each(Values::of(each, input)?),
            (None, Some(of)) => Groups::One(of.matches(input)?),
            (None, None) => Groups::One(vec![false; input.items.len()]),
        };
        Ok(Counted { groups, least: self.least.unwrap_or(0), most: self.most, top: self.top as usize })
    }
}

#[derive(Debug)]
enum Groups {
    /// Whether the item at a position counts.
    One(Vec<bool>),
    Each(Values),
}

/// A quota on one list.
#[derive(Debug)]
pub(super) struct Counted {
    groups: Groups,
    least: u32,
    most: Option<u32>,
    pub top: usize,
}

impl Counted {
    fn groups(&self, position: u32) -> &[u32] {
        match &self.groups {
            Groups::One(matches) if matches[position as usize] => &[0],
            Groups::One(_) => &[],
            Groups::Each(values) => values.get(position as usize),
        }
    }

    fn distinct(&self) -> usize {
        match &self.groups {
            Groups::One(_) => 1,
            Groups::Each(values) => values.distinct(),
        }
    }

    /// How many it asks for.
    pub fn least(&self) -> u32 {
        self.least
    }

    /// Whether an item counts at all.
    pub fn counts(&self, position: u32) -> bool {
        !self.groups(position).is_empty()
    }

    /// Says by how much an order breaks it.
    pub fn holds(&self, order: &[u32]) -> Result<(), String> {
        let mut have = vec![0u32; self.distinct()];
        for &position in order.iter().take(self.top) {
            self.groups(position).iter().for_each(|&group| have[group as usize] += 1);
        }
        let most = have.iter().copied().max().unwrap_or(0);
        if self.most.is_some_and(|bound| most > bound) {
            return Err(format!("{most} in the top {}, at most {}", self.top, self.most.unwrap_or(0)));
        }
        if self.least > 0 && most < self.least {
            let in_all = order.iter().filter(|position| self.counts(**position)).count();
            let (least, top) = (self.least, self.top);
            return Err(format!("{most} in the top {top}, at least {least}; the list has {in_all}"));
        }
        Ok(())
    }

    /// `order` is all that may be placed; `pinned` is the position wanted by each slot.
    pub fn start(&self, order: &[u32], pinned: &[Option<u32>]) -> Counter<'_> {
        let mut counter = Counter {
            counted: self,
            have: vec![0; self.distinct()],
            available: 0,
            reserved: pinned.iter().take(self.top).flatten().copied().collect(),
        };
        if self.least > 0 {
            counter.available = order.iter().filter(|position| self.counts(**position)).count() as u32;
        }
        for position in counter.reserved.clone() {
            counter.count(position);
        }
        counter
    }
}

/// What the slots filled so far, and the pins to come, hold.
pub(super) struct Counter<'a> {
    counted: &'a Counted,
    have: Vec<u32>,
    /// Items that count, and are neither placed nor reserved.
    available: u32,
    /// Items that pins will put into the top: counted from the start.
    reserved: Vec<u32>,
}

impl Counter<'_> {
    fn count(&mut self, position: u32) {
        for &group in self.counted.groups(position) {
            self.have[group as usize] += 1;
        }
        if self.counted.counts(position) {
            self.available = self.available.saturating_sub(1);
        }
    }

    /// Whether one more of this item in a slot is too many.
    pub fn breaks_most(&self, position: u32, slot: usize) -> bool {
        let Some(most) = self.counted.most.filter(|_| slot < self.counted.top) else { return false };
        let own = u32::from(!self.reserved.contains(&position));
        self.counted.groups(position).iter().any(|&group| self.have[group as usize] + own > most)
    }

    /// How many of the slots still free must go to matching items; what the list does not have is not
    /// asked for.
    pub fn outstanding(&self, slot: usize) -> u32 {
        if slot >= self.counted.top {
            return 0;
        }
        let have = self.have.first().copied().unwrap_or_default();
        self.counted.least.saturating_sub(have).min(self.available)
    }

    /// Whether, filling evenly instead of as late as possible, this slot must match.
    pub fn owes_evenly(&self, slot: usize) -> bool {
        let due = ((slot as u32 + 1) * self.counted.least).div_ceil(self.counted.top.max(1) as u32);
        let have = self.have.first().copied().unwrap_or_default();
        self.outstanding(slot) > 0 && have < due
    }

    pub fn counted(&self) -> &Counted {
        self.counted
    }

    pub fn place(&mut self, position: u32, slot: usize) {
        if slot < self.counted.top && !self.reserved.contains(&position) {
            self.count(position);
        }
    }

    /// A pin did not hold: its item is free again.
    pub fn release(&mut self, position: u32) {
        let before = self.reserved.len();
        self.reserved.retain(|&other| other != position);
        if self.reserved.len() < before && self.counted.counts(position) {
            for &group in self.counted.groups(position) {
                self.have[group as usize] -= 1;
            }
            self.available += 1;
        }
    }
}
