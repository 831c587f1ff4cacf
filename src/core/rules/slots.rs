//! In: the preferred order, and what the slots must obey. Out: the slots filled from the top.
//! Each slot takes the best item that breaks nothing; if every item breaks something, the one that breaks
//! the least important rules. So every slot is filled, and every item stays.

use super::bound_quota::QuotaCounter;
use super::bound_spacing::SpacingTracker;
use super::constraint::{Constraint, InForce};
use super::exploration::{Draws, Exploration};
use crate::limits;

/// Slots filled.
pub(super) struct Filled {
    pub order: Vec<u32>,
    /// By slot, as far as exploration reaches.
    pub propensities: Vec<f32>,
    /// Slots that exploration drew.
    pub drawn: u32,
}

/// How slots that must match are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As late as possible: costs the least.
    Late,
    /// Evenly, as far as the other rules let it: leaves room for spacing.
    Even,
}

/// Fills the slots. `n` is the length of the whole list that positions refer to.
pub(super) fn fill(
    preferred: &[u32],
    n: usize,
    in_force: &InForce,
    explore: Option<&Exploration>,
    pace: Pace,
) -> Filled {
    let mut slots = Slots::start(preferred, n, in_force, pace);
    let reach = in_force.iter().map(|(_, constraint)| constraint.reach());
    let reach = reach.chain(explore.map(|explore| explore.top)).max().unwrap_or(0);
    let mut filled =
        Filled { order: Vec::with_capacity(preferred.len()), propensities: Vec::new(), drawn: 0 };
    for slot in 0..reach.min(preferred.len()) {
        let open = explore.filter(|explore| slot < explore.top);
        let open = open.filter(|_| slots.pinned[slot].is_none());
        let (position, propensity) = match open {
            None => (slots.choose(slot, 1)[0], 1.0),
            Some(explore) => {
                let free = slots.free(slot, explore.top);
                let chance = explore.probability(filled.drawn, free);
                let pool = slots.choose(slot, if chance > 0.0 { explore.pool } else { 1 });
                let draws = Draws::new(explore.seed);
                let drawn = draws.chance(slot) < chance;
                filled.drawn += u32::from(drawn);
                let index = if drawn { draws.pick(slot, pool.len()) } else { 0 };
                let greedy = if index == 0 { 1.0 - chance } else { 0.0 };
                (pool[index], (greedy + chance / pool.len() as f64) as f32)
            }
        };
        if explore.is_some_and(|explore| slot < explore.top) {
            filled.propensities.push(propensity);
        }
        slots.place(position, slot);
        filled.order.push(position);
    }
    filled.order.extend(preferred.iter().filter(|position| !slots.placed[**position as usize]));
    filled
}

struct Slots<'a> {
    preferred: &'a [u32],
    placed: Vec<bool>,
    /// The first of `preferred` that is not placed.
    next: usize,
    pace: Pace,
    /// The pin of each slot that is still to be filled.
    pinned: Vec<Option<u32>>,
    pin_bits: Vec<(usize, u64)>,
    counters: Vec<(u64, QuotaCounter<'a>)>,
    trackers: Vec<(u64, SpacingTracker<'a>)>,
    /// By position, the bits of at-most quotas that the item is known to break in every slot that they
    /// reach, unless a pin lets its item go.
    spent: Vec<u64>,
}

/// At-least quotas that must be served from this slot on.
struct Forced {
    /// Bits of the quotas, all of which are due by the same slot.
    quotas: Vec<usize>,
    /// There are fewer free slots than they ask for together: an item that serves several is preferred.
    short: bool,
    /// A later slot would do as well: gives way to every rule.
    soft: bool,
}

/// Bits of the rules that an item in a slot breaks, then the paces that it does not keep.
type Broken = (u64, u32);

impl<'a> Slots<'a> {
    fn start(preferred: &'a [u32], n: usize, in_force: &InForce<'a>, pace: Pace) -> Slots<'a> {
        let mut slots = Slots {
            preferred,
            placed: vec![false; n],
            next: 0,
            pace,
            pinned: vec![None; preferred.len().min(limits::SLOTS)],
            pin_bits: Vec::new(),
            counters: Vec::new(),
            trackers: Vec::new(),
            spent: vec![0; n],
        };
        for (bit, constraint) in in_force {
            if let Constraint::Pin(pin) = constraint
                && let Some(pinned) = slots.pinned.get_mut(pin.slot)
            {
                *pinned = Some(pin.position);
                slots.pin_bits.push((pin.slot, *bit));
            }
        }
        for (bit, constraint) in in_force {
            match constraint {
                Constraint::Pin(_) => {}
                Constraint::Quota(quota) => {
                    slots.counters.push((*bit, quota.start(preferred, &slots.pinned)))
                }
                Constraint::Spacing(spacing) => slots.trackers.push((*bit, spacing.start())),
            }
        }
        slots
    }

    /// Slots from this one to `end` that no pin holds.
    fn free(&self, slot: usize, end: usize) -> u32 {
        self.pinned[slot..end.min(self.pinned.len()).max(slot)].iter().filter(|pin| pin.is_none()).count()
            as u32
    }

    /// The best items for a slot, at least one and at most `most`: all break the same, least rules.
    fn choose(&mut self, slot: usize, most: usize) -> Vec<u32> {
        while self.preferred.get(self.next).is_some_and(|position| self.placed[*position as usize]) {
            self.next += 1;
        }
        if self.counters.iter().any(|(_, counter)| counter.quota().top == slot) {
            self.spent.fill(0);
        }
        let forced = self.forced(slot);
        let mut best = Vec::new();
        let mut least = (u64::MAX, u32::MAX);
        for &position in &self.preferred[self.next..] {
            let at_least = (self.spent[position as usize], 0);
            if self.placed[position as usize] || best.len() >= most && at_least >= least {
                continue;
            }
            let spent = self.breaks_most(position, slot);
            self.spent[position as usize] = spent;
            let broken = self.broken(position, slot, &forced, spent);
            if broken < least || best.is_empty() {
                least = broken;
                best.clear();
            }
            if broken == least && best.len() < most {
                best.push(position);
            }
            if least == (0, 0) && best.len() >= most {
                break;
            }
        }
        best
    }

    /// Bits of the quotas of which the item would be one too many.
    fn breaks_most(&self, position: u32, slot: usize) -> u64 {
        let breaks = self.counters.iter().filter(|(_, counter)| counter.breaks_most(position, slot));
        breaks.fold(0, |bits, (bit, _)| bits | bit)
    }

    /// `spent` has the bits of the at-most quotas that it breaks.
    fn broken(&self, position: u32, slot: usize, forced: &[Forced], spent: u64) -> Broken {
        let (mut broken, mut off_pace) = (spent, 0);
        for (own, bit) in &self.pin_bits {
            // Another item in a pin's slot, or a pin's item above its slot.
            if self.pinned[*own].is_some_and(|pinned| (*own == slot) != (pinned == position)) {
                broken |= bit;
            }
        }
        for (bit, tracker) in &self.trackers {
            if tracker.breaks(position as usize, slot, &self.pinned) {
                broken |= bit;
            }
        }
        for Forced { quotas, short, soft } in forced {
            let serves = |quota: &&usize| self.counters[**quota].1.quota().counts(position);
            if *short || !quotas.iter().any(|quota| serves(&quota)) {
                let unserved = quotas.iter().filter(|quota| !serves(quota));
                match soft {
                    true => off_pace += unserved.count() as u32,
                    false => broken |= unserved.fold(0, |bits, &quota| bits | self.counters[quota].0),
                }
            }
        }
        (broken, off_pace)
    }

    /// The at-least quotas that a pin-free slot must serve. By deadline: if those due within the first
    /// `t` slots ask for as many as are free there, every free one must serve one of them.
    fn forced(&self, slot: usize) -> Vec<Forced> {
        if self.pinned[slot].is_some() {
            return Vec::new();
        }
        let owing: Vec<(usize, usize, u32)> = self
            .counters
            .iter()
            .enumerate()
            .map(|(index, (_, counter))| (index, counter.quota().top, counter.outstanding(slot)))
            .filter(|(_, _, outstanding)| *outstanding > 0)
            .collect();
        let mut forced = Vec::new();
        for &(own, end, _) in &owing {
            let due: Vec<usize> = owing.iter().filter(|(_, top, _)| *top <= end).map(|due| due.0).collect();
            let asked: u32 = owing.iter().filter(|(_, top, _)| *top <= end).map(|due| due.2).sum();
            let free = self.free(slot, end);
            if asked >= free {
                forced.push(Forced { quotas: due, short: asked > free, soft: false });
            } else if self.pace == Pace::Even && self.counters[own].1.owes_evenly(slot) {
                forced.push(Forced { quotas: vec![own], short: false, soft: true });
            }
        }
        forced
    }

    fn place(&mut self, position: u32, slot: usize) {
        self.placed[position as usize] = true;
        self.counters.iter_mut().for_each(|(_, counter)| counter.place(position, slot));
        self.trackers.iter_mut().for_each(|(_, tracker)| tracker.place(position as usize, slot));
        // The slot is past; if its pin's item did not get it, that item is free.
        if let Some(pinned) = self.pinned[slot].take()
            && pinned != position
        {
            self.counters.iter_mut().for_each(|(_, counter)| counter.release(pinned));
            self.spent.fill(0);
        }
        // An item placed above its pin's slot leaves that slot free.
        for pinned in &mut self.pinned {
            if *pinned == Some(position) {
                *pinned = None;
            }
        }
    }
}
