//! In: a quota's groups on one list. Out: whether an order keeps the quota, and whether one more item in a
//! slot would break it. An item whose pin lies below counts from the start and is not counted again
//! when it is placed: otherwise the slots above would take the room that it needs.

use super::attribute::Values;

/// What a quota counts.
#[derive(Debug)]
pub(super) enum Groups {
    /// Whether the item at a position counts.
    One(Vec<bool>),
    Each(Values),
}

/// A quota on one list: at least `least` and at most `most` of the first `top` items count; of several groups
/// each has at most `most`.
#[derive(Debug)]
pub(super) struct BoundQuota {
    pub groups: Groups,
    pub least: u32,
    pub most: Option<u32>,
    pub top: usize,
}

impl BoundQuota {
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
    pub fn start(&self, order: &[u32], pinned: &[Option<u32>]) -> QuotaCounter<'_> {
        let mut counter = QuotaCounter {
            quota: self,
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
pub(super) struct QuotaCounter<'a> {
    quota: &'a BoundQuota,
    have: Vec<u32>,
    /// Items that count, and are neither placed nor reserved.
    available: u32,
    /// Items that pins will put into the top: counted from the start.
    reserved: Vec<u32>,
}

impl QuotaCounter<'_> {
    fn count(&mut self, position: u32) {
        for &group in self.quota.groups(position) {
            self.have[group as usize] += 1;
        }
        if self.quota.counts(position) {
            self.available = self.available.saturating_sub(1);
        }
    }

    /// Whether one more of this item in a slot is too many.
    pub fn breaks_most(&self, position: u32, slot: usize) -> bool {
        let Some(most) = self.quota.most.filter(|_| slot < self.quota.top) else { return false };
        let own = u32::from(!self.reserved.contains(&position));
        self.quota.groups(position).iter().any(|&group| self.have[group as usize] + own > most)
    }

    /// How many of the slots still free must go to matching items; what the list does not have is not
    /// asked for.
    pub fn outstanding(&self, slot: usize) -> u32 {
        if slot >= self.quota.top {
            return 0;
        }
        let have = self.have.first().copied().unwrap_or_default();
        self.quota.least.saturating_sub(have).min(self.available)
    }

    /// Whether, filling evenly instead of as late as possible, this slot must match.
    pub fn owes_evenly(&self, slot: usize) -> bool {
        let due = ((slot as u32 + 1) * self.quota.least).div_ceil(self.quota.top.max(1) as u32);
        let have = self.have.first().copied().unwrap_or_default();
        self.outstanding(slot) > 0 && have < due
    }

    pub fn quota(&self) -> &BoundQuota {
        self.quota
    }

    pub fn place(&mut self, position: u32, slot: usize) {
        if slot < self.quota.top && !self.reserved.contains(&position) {
            self.count(position);
        }
    }

    /// A pin did not hold: its item is free again.
    pub fn release(&mut self, position: u32) {
        let before = self.reserved.len();
        self.reserved.retain(|&other| other != position);
        if self.reserved.len() < before && self.quota.counts(position) {
            for &group in self.quota.groups(position) {
                self.have[group as usize] -= 1;
            }
            self.available += 1;
        }
    }
}
