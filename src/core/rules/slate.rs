//! In: the order that scores, boosts and diversity prefer, and the rules about slots. Out: the slots filled.
//! Rules join one after the other, so that each is told what it alone moved and cost. Whether a rule holds
//! is read from the final order.

use super::constraint::{Constraint, InForce, Pinned};
use super::slots::{Filled, Pace, fill};
use super::state::State;
use crate::error::Kind;

/// A constraint with the rule that it is of and a bit by that rule's importance.
struct RankedConstraint {
    rule: usize,
    bit: u64,
    constraint: Constraint,
}

/// Fills the slots: by pins, then quotas, spacing, and exploration.
pub(super) fn fill_slots(state: &mut State) {
    let ranked = ranked_constraints(state);
    let n = state.input.items.len();
    let preferred = state.order.clone();
    let mut in_force: Vec<(u64, &Constraint)> = Vec::new();
    let mut pace = Pace::Late;
    for RankedConstraint { rule, bit, constraint } in &ranked {
        in_force.push((*bit, constraint));
        // What holds by itself changes nothing now, and binds those that follow.
        if constraint.holds(&state.order).is_err() {
            let (filled, used) = best(&preferred, n, &in_force);
            pace = used;
            state.reorder(*rule, filled.order);
        }
    }
    if let Some((rule, exploration)) = state.exploration {
        // The pace is settled without draws: propensities hold for one way of filling.
        let filled = fill(&preferred, n, &in_force, Some(&exploration), pace);
        state.outcome.propensities = filled.propensities;
        if filled.drawn < exploration.least {
            let what = format!(
                "{} of {} slots drawn: pins or the list's end leave no more",
                filled.drawn, exploration.least
            );
            state.infeasible(rule.index, Kind::RulesInfeasible, what);
        }
        state.reorder(rule.index, filled.order);
    }
    for RankedConstraint { rule, bit, constraint } in &ranked {
        if let Err(what) = constraint.holds(&state.order) {
            // A rule that would hold alone gave way to another.
            let alone = [(*bit, constraint)];
            let possible = constraint.holds(&best(&preferred, n, &alone).0.order).is_ok();
            let (kind, why) = match possible {
                true => (Kind::RulesContradiction, "; it gave way to a more important rule"),
                false => (Kind::RulesInfeasible, ""),
            };
            state.infeasible(*rule, kind, what + why);
        }
    }
}

/// Slots that must match are served as late as possible; where that breaks a rule, evenly is tried.
fn best(preferred: &[u32], n: usize, in_force: &InForce) -> (Filled, Pace) {
    let broken = |filled: &Filled| {
        let breaks = in_force.iter().filter(|(_, constraint)| constraint.holds(&filled.order).is_err());
        breaks.fold(0, |bits, (bit, _)| bits | bit)
    };
    let late = fill(preferred, n, in_force, None, Pace::Late);
    let lost = broken(&late);
    if lost != 0 && in_force.iter().any(|(_, c)| matches!(c, Constraint::Quota(quota) if quota.least > 0)) {
        let even = fill(preferred, n, in_force, None, Pace::Even);
        if broken(&even) < lost {
            return (even, Pace::Even);
        }
    }
    (late, Pace::Late)
}

/// The pins whose item dedupe left, each in a slot that the list has.
fn pins_within(state: &mut State) -> Vec<Pinned> {
    let pins = std::mem::take(&mut state.pins);
    let end = state.order.len();
    let (there, gone): (Vec<Pinned>, Vec<Pinned>) =
        pins.into_iter().partition(|pin| state.order.contains(&pin.position));
    for pin in gone {
        let what = "a dedupe rule of higher priority took the item out";
        state.infeasible(pin.rule, Kind::RulesContradiction, what);
    }
    let (mut placed, beyond): (Vec<Pinned>, Vec<Pinned>) = there.into_iter().partition(|pin| pin.slot < end);
    for pin in beyond {
        // The first gets the last slot that is free, the others those above.
        let free = (0..end).rev().find(|slot| !placed.iter().any(|other| other.slot == *slot));
        let Some(slot) = free else { continue };
        let what = format!("the list ends after {end} items; the item is to stand in slot {slot}");
        state.infeasible(pin.rule, Kind::RulesInfeasible, what);
        placed.push(Pinned { slot, ..pin });
    }
    placed
}

/// The constraints in the order in which they apply (pins as declared, then the others), each with a bit
/// by its importance: by priority, then pins before others, then as declared.
fn ranked_constraints(state: &mut State) -> Vec<RankedConstraint> {
    let mut pins = pins_within(state);
    pins.sort_unstable_by_key(|pin| pin.rule);
    let pins = pins.into_iter().map(|pin| (pin.rule, pin.priority, Constraint::Pin(pin)));
    let others = std::mem::take(&mut state.constraints);
    let others = others.into_iter().map(|(rule, constraint)| (rule.index, rule.priority, constraint));
    let (mut ranked, mut important) = (Vec::new(), Vec::new());
    for (index, (rule, priority, constraint)) in pins.chain(others).enumerate() {
        important.push((-priority, !matches!(constraint, Constraint::Pin(_)), rule, index));
        ranked.push(RankedConstraint { rule, bit: 0, constraint });
    }
    important.sort_unstable();
    for (rank, (.., index)) in important.into_iter().enumerate() {
        ranked[index].bit = 1 << (63 - rank.min(63));
    }
    ranked
}
