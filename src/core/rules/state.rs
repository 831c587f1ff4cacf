//! In: a list, and what rules do to it one after the other. Out: [`State`]: the order as the rules so far have
//! left it, and what later rules must know of earlier ones. An order is replaced here alone, so that every
//! change is measured and reported.

use super::constraint::{Constraint, Pinned};
use super::exploration::Exploration;
use super::input::Input;
use super::report::{Removal, RuleOutcome, RuleReport};
use super::utility::Utility;
use crate::error::{Error, Kind};

/// A rule by its place in the ruleset.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleRef {
    pub index: usize,
    pub priority: i32,
}

/// A list while rules are applied to it.
pub(super) struct State<'a> {
    pub input: &'a Input<'a>,
    pub utility: Utility,
    /// What stands, best first.
    pub order: Vec<u32>,
    /// Collapsed items, which follow below all slots.
    pub collapsed: Vec<u32>,
    /// Added to an item's utility by boosts, freshness and fatigue, by position.
    pub shift: Vec<f64>,
    /// What boosts alone added, in standard deviations; empty before the first boost.
    pub boosted: Vec<f64>,
    /// Pins that can hold, the highest priority first.
    pub pins: Vec<Pinned>,
    /// What the slots must obey beside pins, in the order in which it applies.
    pub constraints: Vec<(RuleRef, Constraint)>,
    /// How slots are explored, and the rule that says so.
    pub exploration: Option<(RuleRef, Exploration)>,
    pub outcome: RuleOutcome,
    /// Which rule took the item at a position out.
    removed_by: Vec<Option<u32>>,
    /// Rank before any rule, by position.
    base_rank: Vec<u32>,
}

impl<'a> State<'a> {
    /// `reports` has one report a declared rule, in which nothing has happened yet.
    pub fn start(input: &'a Input<'a>, reports: Vec<RuleReport>) -> State<'a> {
        let n = input.items.len();
        let order = permutation(input.order, n);
        let mut base_rank = vec![0; n];
        for (rank, &position) in (0..).zip(&order) {
            base_rank[position as usize] = rank;
        }
        State {
            utility: Utility::of(input.scores, &order, n),
            outcome: RuleOutcome { reports, ..RuleOutcome::default() },
            input,
            order,
            collapsed: Vec::new(),
            shift: vec![0.0; n],
            boosted: Vec::new(),
            pins: Vec::new(),
            constraints: Vec::new(),
            exploration: None,
            removed_by: vec![None; n],
            base_rank,
        }
    }

    /// Which rule took out the item at a position; none if it still stands.
    pub fn removed_by(&self, position: usize) -> Option<u32> {
        self.removed_by.get(position).copied().flatten()
    }

    /// The utility at a position with what rules shifted.
    pub fn adjusted(&self, position: u32) -> f64 {
        let position = position as usize;
        self.utility.base(position) + self.shift.get(position).copied().unwrap_or_default()
    }

    /// What stands, by adjusted utility; of equals, the one that stood higher before any rule.
    pub fn resorted(&self) -> Vec<u32> {
        let keyed =
            |&position: &u32| (self.adjusted(position) + 0.0, self.base_rank[position as usize], position);
        let mut keys: Vec<(f64, u32, u32)> = self.order.iter().map(keyed).collect();
        keys.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        keys.into_iter().map(|(_, _, position)| position).collect()
    }

    /// Takes the order that a rule made of what stood, and notes what that did.
    pub fn reorder(&mut self, rule: usize, after: Vec<u32>) {
        let before = std::mem::replace(&mut self.order, after);
        let mut stays = vec![false; self.shift.len()];
        self.order.iter().for_each(|&position| stays[position as usize] = true);
        let stayed = before.iter().filter(|position| stays[**position as usize]);
        let moved = stayed.zip(&self.order).filter(|(a, b)| a != b).count();
        let cost = self.utility.cost(&before, &self.order);
        let changed = before != self.order;
        if let Some(report) = self.outcome.reports.get_mut(rule) {
            report.moved += moved;
            report.cost += cost;
            report.binding |= changed;
        }
    }

    /// Takes out the items that a rule marked, by position; the rest keeps its order.
    pub fn remove(&mut self, rule: usize, goes: &[bool]) {
        let (gone, stay): (Vec<u32>, Vec<u32>) =
            self.order.iter().partition(|position| goes[**position as usize]);
        for &position in &gone {
            self.removed_by[position as usize] = Some(rule as u32);
            self.outcome.removed.push(Removal { position, rule: rule as u32 });
        }
        if let Some(report) = self.outcome.reports.get_mut(rule) {
            report.removed += gone.len();
        }
        self.reorder(rule, stay);
    }

    /// Notes that a rule could not be applied.
    pub fn fail(&mut self, rule: usize, error: &Error) {
        if let Some(report) = self.outcome.reports.get_mut(rule) {
            report.infeasible = true;
            report.code = Some(error.code());
            report.message = Some(error.to_string());
        }
    }

    /// Notes that a rule does not hold in the order given.
    pub fn infeasible(&mut self, rule: usize, kind: Kind, what: impl Into<String>) {
        self.fail(rule, &Error::new(kind, format!("rules[{rule}]"), what));
    }

    pub fn finish(mut self) -> RuleOutcome {
        self.outcome.order = self.order.iter().chain(&self.collapsed).copied().collect();
        self.outcome
    }
}

/// `order` without what is out of range or there twice, then what it lacks.
fn permutation(order: &[u32], n: usize) -> Vec<u32> {
    let mut missing = vec![true; n];
    let mut first = |position: &u32| missing.get_mut(*position as usize).is_some_and(std::mem::take);
    let mut whole: Vec<u32> = order.iter().copied().filter(|position| first(position)).collect();
    whole.extend((0..n as u32).filter(|&position| missing[position as usize]));
    whole
}
