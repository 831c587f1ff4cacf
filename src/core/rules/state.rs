//! In: a list and its ruleset. Out: [`State`]: the order as the rules so far have left it.
//! The one place where an order is replaced, so that every change is measured and reported.
//! Must never hold a position twice, nor lose one that no rule removed.

use super::facts::Input;
use super::report::{Outcome, Removal, RuleReport};
use super::ruleset::{Declared, Ruleset};
use super::utility::Utility;
use crate::error::{Error, Kind};

pub(super) struct State<'a> {
    pub input: &'a Input<'a>,
    pub utility: Utility,
    /// What stands, best first.
    pub order: Vec<u32>,
    /// Collapsed items, which follow below all slots.
    pub last: Vec<u32>,
    /// Added to an item's utility by boosts, freshness and fatigue, by position.
    pub shift: Vec<f64>,
    /// Which rule took the item at a position out.
    pub gone: Vec<Option<u32>>,
    pub outcome: Outcome,
    base_place: Vec<u32>,
}

impl<'a> State<'a> {
    pub fn start(input: &'a Input<'a>, ruleset: &Ruleset) -> State<'a> {
        let n = input.items.len();
        let order = permutation(input.order, n);
        let mut base_place = vec![0; n];
        for (place, &position) in (0..).zip(&order) {
            base_place[position as usize] = place;
        }
        let report = |declared: &Declared| RuleReport {
            rule: declared.kind.clone(),
            name: declared.name.clone(),
            ..RuleReport::default()
        };
        let mut state = State {
            utility: Utility::of(input.scores, &order, n),
            outcome: Outcome {
                reports: ruleset.declared().iter().map(report).collect(),
                ..Outcome::default()
            },
            input,
            order,
            last: Vec::new(),
            shift: vec![0.0; n],
            gone: vec![None; n],
            base_place,
        };
        for (index, declared) in ruleset.declared().iter().enumerate() {
            if let Err(error) = &declared.rule {
                state.fail(index, error);
            }
        }
        state
    }

    /// The utility at a position with what rules shifted.
    pub fn adjusted(&self, position: u32) -> f64 {
        let position = position as usize;
        self.utility.base(position) + self.shift.get(position).copied().unwrap_or_default()
    }

    /// What stands, by adjusted utility; ties keep their place before any rule.
    pub fn resorted(&self) -> Vec<u32> {
        let keyed =
            |&position: &u32| (self.adjusted(position) + 0.0, self.base_place[position as usize], position);
        let mut keys: Vec<(f64, u32, u32)> = self.order.iter().map(keyed).collect();
        keys.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        keys.into_iter().map(|(_, _, position)| position).collect()
    }

    /// Takes the order that a rule made of what stood, and notes what that did.
    pub fn advance(&mut self, rule: usize, after: Vec<u32>) {
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

    /// Takes out what a rule does not let stay; the rest keeps its order.
    pub fn remove(&mut self, rule: usize, goes: impl Fn(u32) -> bool) {
        let (gone, stay): (Vec<u32>, Vec<u32>) = self.order.iter().partition(|position| goes(**position));
        for &position in &gone {
            self.gone[position as usize] = Some(rule as u32);
            self.outcome.removed.push(Removal { position, rule: rule as u32 });
        }
        if let Some(report) = self.outcome.reports.get_mut(rule) {
            report.removed += gone.len();
        }
        self.advance(rule, stay);
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

    pub fn finish(mut self) -> Outcome {
        self.outcome.order = self.order.iter().chain(&self.last).copied().collect();
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
