//! In: a scored list ([`Input`]) and rules as data ([`Ruleset`]). Out: [`Outcome`]: the order, what was
//! taken out, and for every rule what it moved, what it cost, whether it bound and whether it held.
//! A pure function: clock, seed and session enter as values. Must never fail, nor lose an item.
//!
//! ```text
//! scores ─► filter ─► boost, freshness, fatigue ─► dedupe ─► diversity ─► slots: pin, quota, spacing, explore ─► order
//! ```
//!
//! Kinds apply in this order, whatever the order of declaration; rules of one kind as declared.
//!
//! 1. **filter** takes items out. Nothing brings them back: filters beat pins.
//! 2. **boost**, **freshness**, **fatigue** shift utilities, in standard deviations of the list's
//!    scores, and the list is sorted anew. Without a shift the order stays that of the scores.
//! 3. **dedupe** keeps the best of a group.
//! 4. **diversity** chooses the top anew, by MMR or DPP. One rule of this kind; of several, that of the
//!    highest priority.
//! 5. The slots are filled from the top, each with the best item that breaks no **pin**, **quota** or
//!    **spacing**. If every item breaks one, then the one whose broken rules matter least: rules
//!    compare by `priority`, then pins before others, then by declaration; one important rule outweighs
//!    any number below it. **explore** draws among the items that break equally little. Pins and
//!    quotas still to come are counted in advance.
//!
//! A rule about slots that does not hold in the end is reported: as a contradiction
//! (`rules/contradiction`) if it would hold alone, else as infeasible (`rules/infeasible`).

mod attribute;
mod boost;
mod condition;
mod dedupe;
mod diversity;
mod dpp;
mod explore;
mod facts;
mod fatigue;
mod filter;
mod freshness;
mod greedy;
mod likeness;
mod mmr;
mod pin;
mod quota;
mod report;
mod ruleset;
mod slate;
mod slots;
mod spacing;
mod state;
mod utility;

pub use attribute::Attribute;
pub use boost::Boost;
pub use condition::Condition;
pub use dedupe::{Dedupe, Rest};
pub use diversity::{Diversity, Method, Over};
pub use explore::Explore;
pub use facts::{Count, ExtraFields, Input, Tally};
pub use fatigue::Fatigue;
pub use filter::Filter;
pub use freshness::Freshness;
pub use pin::Pin;
pub use quota::Quota;
pub use report::{Outcome, Removal, RuleReport};
pub use ruleset::{Declared, Rule, Ruleset};
pub use spacing::Spacing;

use crate::error::{Kind, Result};
use state::State;

/// Applies a ruleset to a scored list. Always answers.
pub fn apply(input: &Input, ruleset: &Ruleset) -> Outcome {
    let mut state = State::start(input, ruleset);
    stage(&mut state, ruleset, |state, index, rule| match rule {
        Rule::Filter(filter) => filter::apply(state, index, filter),
        _ => Ok(()),
    });
    let pins = pin::resolve(&mut state, ruleset);

    let mut boosted = Vec::new();
    stage(&mut state, ruleset, |state, index, rule| match rule {
        Rule::Boost(boost) => boost::apply(state, index, boost, &mut boosted),
        _ => Ok(()),
    });
    stage(&mut state, ruleset, |state, index, rule| match rule {
        Rule::Freshness(freshness) => freshness::apply(state, index, freshness),
        _ => Ok(()),
    });
    stage(&mut state, ruleset, |state, index, rule| {
        if let Rule::Fatigue(fatigue) = rule {
            fatigue::apply(state, index, fatigue);
        }
        Ok(())
    });
    stage(&mut state, ruleset, |state, index, rule| match rule {
        Rule::Dedupe(dedupe) => {
            let priority = ruleset.declared().get(index).map_or(0, |declared| declared.priority);
            let unbeaten: Vec<_> = pins.iter().filter(|pin| pin.priority >= priority).copied().collect();
            dedupe::apply(state, index, dedupe, &unbeaten)
        }
        _ => Ok(()),
    });

    let diversity = only(&mut state, ruleset, |rule| match rule {
        Rule::Diversity(diversity) => Some(diversity),
        _ => None,
    });
    if let Some((index, rule)) = diversity {
        diversity::apply(&mut state, index, rule, &pins);
    }
    let explore = only(&mut state, ruleset, |rule| match rule {
        Rule::Explore(explore) => Some(explore),
        _ => None,
    });
    slate::apply(&mut state, ruleset, &pins, explore);
    state.finish()
}

/// Runs what one kind of rule does, as declared; a rule that fails is reported and changes nothing.
fn stage(state: &mut State, ruleset: &Ruleset, mut run: impl FnMut(&mut State, usize, &Rule) -> Result<()>) {
    for (index, declared) in ruleset.declared().iter().enumerate() {
        if let Ok(rule) = &declared.rule
            && let Err(error) = run(state, index, rule)
        {
            state.fail(index, &error);
        }
    }
}

/// The rule of a kind that a ranking can have one of: the highest priority, then the first.
fn only<'r, T>(
    state: &mut State,
    ruleset: &'r Ruleset,
    of_kind: impl Fn(&'r Rule) -> Option<&'r T>,
) -> Option<(usize, &'r T)> {
    let declared = ruleset.declared().iter().enumerate();
    let found = declared.filter_map(|(index, declared)| {
        let rule = of_kind(declared.rule.as_ref().ok()?)?;
        Some((declared.priority, index, rule))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|&(priority, index, _)| (-priority, index));
    let (_, index, rule) = *found.first()?;
    for &(_, other, _) in &found[1..] {
        state.infeasible(other, Kind::RulesContradiction, format!("rule {index} is of the same kind"));
    }
    Some((index, rule))
}

#[cfg(test)]
#[path = "../../../tests/core/rules.rs"]
mod tests;
