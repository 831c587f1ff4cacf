//! In: a scored list and a ruleset. Out: [`RuleOutcome`]: the order that the rules make, and a report on each.
//! Rules apply by stage, whatever the order of their declaration; one that cannot be applied is reported
//! and changes nothing.

use super::input::Input;
use super::kind::Several;
use super::kinds::Rule;
use super::report::{RuleOutcome, RuleReport};
use super::ruleset::{Declared, Ruleset};
use super::slate;
use super::state::{RuleRef, State};
use crate::error::Kind;

/// Applies a ruleset to a scored list. Always answers.
pub fn apply(input: &Input, ruleset: &Ruleset) -> RuleOutcome {
    let report = |declared: &Declared| RuleReport {
        rule: declared.kind.clone(),
        name: declared.name.clone(),
        ..RuleReport::default()
    };
    let mut state = State::start(input, ruleset.declared().iter().map(report).collect());
    let mut rules: Vec<(RuleRef, &Rule)> = Vec::with_capacity(ruleset.declared().len());
    for (index, declared) in ruleset.declared().iter().enumerate() {
        match &declared.rule {
            Ok(rule) => rules.push((RuleRef { index, priority: declared.priority }, rule)),
            Err(error) => state.fail(index, error),
        }
    }
    rules.sort_unstable_by_key(|(at, rule)| {
        let turn = rule.turn();
        let priority = if turn.several == Several::AsDeclared { 0 } else { at.priority };
        (turn.stage, turn.line, -priority, at.index)
    });
    // The line of the kind that applied last, and the first rule of that kind.
    let mut first = None;
    for &(at, rule) in &rules {
        let turn = rule.turn();
        match first {
            Some((line, other)) if line == turn.line && turn.several == Several::One => {
                let what = format!("rule {other} is of the same kind");
                state.infeasible(at.index, Kind::RulesContradiction, what);
                continue;
            }
            Some((line, _)) if line == turn.line => {}
            _ => first = Some((turn.line, at.index)),
        }
        if let Err(error) = rule.apply(&mut state, at) {
            state.fail(at.index, &error);
        }
    }
    slate::fill_slots(&mut state);
    state.finish()
}
