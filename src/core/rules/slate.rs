//! In: the order that scores, boosts and diversity wish for, and the rules about slots. Out: the slots
//! filled. Rules join one after the other, so that each is told what it alone moved and cost.
//! Must never report a rule as held without looking at the order given.

use super::explore::Explore;
use super::pin::Pinned;
use super::ruleset::{Rule, Ruleset};
use super::slots::{Constraint, Filled, InForce, Pace, fill};
use super::state::State;
use crate::error::Kind;

/// A constraint with the rule that it is of.
struct Bound {
    rule: usize,
    bit: u64,
    constraint: Constraint,
}

/// Fills the slots: pins, then quotas, spacing, and exploration.
pub(super) fn apply(
    state: &mut State,
    ruleset: &Ruleset,
    pins: &[Pinned],
    explore: Option<(usize, &Explore)>,
) {
    let pins = still_there(state, pins);
    let bounds = declared(state, ruleset, &pins);
    let n = state.input.items.len();
    let wish = state.order.clone();
    let mut in_force: Vec<(u64, &Constraint)> = Vec::new();
    let mut pace = Pace::Late;
    for bound in &bounds {
        in_force.push((bound.bit, &bound.constraint));
        // What holds by itself changes nothing now, and binds those that follow.
        if bound.constraint.holds(&state.order).is_err() {
            let (filled, used) = best(&wish, n, &in_force);
            pace = used;
            state.advance(bound.rule, filled.order);
        }
    }
    if let Some((rule, explore)) = explore {
        // The pace is settled without draws: propensities hold for one way of filling.
        let filled = fill(&wish, n, &in_force, Some((explore, state.input.seed)), pace);
        state.outcome.propensities = filled.propensities;
        if filled.drawn < explore.least {
            let what = format!(
                "{} of {} slots drawn: pins or the list's end leave no more",
                filled.drawn, explore.least
            );
            state.infeasible(rule, Kind::RulesInfeasible, what);
        }
        state.advance(rule, filled.order);
    }
    for bound in &bounds {
        if let Err(what) = bound.constraint.holds(&state.order) {
            // A rule that would hold alone gave way to another.
            let alone = [(bound.bit, &bound.constraint)];
            let possible = bound.constraint.holds(&best(&wish, n, &alone).0.order).is_ok();
            let (kind, why) = match possible {
                true => (Kind::RulesContradiction, "; it gave way to a more important rule"),
                false => (Kind::RulesInfeasible, ""),
            };
            state.infeasible(bound.rule, kind, what + why);
        }
    }
}

/// Slots that must match are served as late as possible; where that breaks a rule, evenly is tried.
fn best(wish: &[u32], n: usize, in_force: &InForce) -> (Filled, Pace) {
    let broken = |filled: &Filled| {
        let breaks = in_force.iter().filter(|(_, constraint)| constraint.holds(&filled.order).is_err());
        breaks.fold(0, |bits, (bit, _)| bits | bit)
    };
    let late = fill(wish, n, in_force, None, Pace::Late);
    let lost = broken(&late);
    if lost != 0 && in_force.iter().any(|(_, c)| matches!(c, Constraint::Quota(quota) if quota.least() > 0)) {
        let even = fill(wish, n, in_force, None, Pace::Even);
        if broken(&even) < lost {
            return (even, Pace::Even);
        }
    }
    (late, Pace::Late)
}

/// The pins whose item dedupe left, each in a slot that the list has.
fn still_there(state: &mut State, pins: &[Pinned]) -> Vec<Pinned> {
    let end = state.order.len();
    let (there, gone): (Vec<Pinned>, Vec<Pinned>) =
        pins.iter().partition(|pin| state.order.contains(&pin.position));
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

/// The rules about slots in the order in which they apply, each with a bit by its importance.
fn declared(state: &mut State, ruleset: &Ruleset, pins: &[Pinned]) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for kind in ["pin", "quota", "spacing"] {
        for (rule, declared) in ruleset.declared().iter().enumerate().filter(|(_, d)| d.kind == kind) {
            let constraint = match &declared.rule {
                Ok(Rule::Pin(_)) => {
                    pins.iter().find(|pin| pin.rule == rule).map(|pin| Ok(Constraint::Pin(*pin)))
                }
                Ok(Rule::Quota(quota)) => Some(quota.on(state.input).map(Constraint::Quota)),
                Ok(Rule::Spacing(spacing)) => Some(spacing.on(state.input).map(Constraint::Spacing)),
                _ => None,
            };
            match constraint {
                Some(Ok(constraint)) => bounds.push(Bound { rule, bit: 0, constraint }),
                Some(Err(error)) => state.fail(rule, &error),
                None => {}
            }
        }
    }
    let priority = |rule: usize| ruleset.declared().get(rule).map_or(0, |declared| declared.priority);
    let mut important: Vec<usize> = (0..bounds.len()).collect();
    important.sort_by_key(|&index| {
        let Bound { rule, constraint, .. } = &bounds[index];
        (-priority(*rule), !matches!(constraint, Constraint::Pin(_)), *rule)
    });
    for (rank, index) in important.into_iter().enumerate() {
        bounds[index].bit = 1 << (63 - rank.min(63));
    }
    bounds
}
