//! In: a scored list, the session and the caller's rules. Out: what the rules make of the order.
//! The one place where the ranker's state becomes the plain columns that [`crate::rules`] reads.

use super::options::Options;
use super::ranker::Ranker;
use super::report::Warning;
use crate::error::Kind;
use crate::rules::{self, Count, Input, Outcome, Tally};
use crate::session::View;
use std::collections::HashMap;

impl Ranker {
    pub(super) fn apply_rules(
        &self,
        options: &Options,
        view: &View,
        scores: &[f32],
        order: Vec<u32>,
    ) -> Outcome {
        if options.rules.is_empty() {
            return Outcome { order, ..Outcome::default() };
        }
        let counts = self.counts(view);
        let (vectors, width) = self.list.vectors().rows();
        let input = Input {
            items: self.items(),
            field_names: &self.manifest().fields,
            extra: &self.list.rule_fields,
            scores,
            order: &order,
            vectors,
            width,
            counts: &counts,
            seed: options.seed,
            now_ms: options.at.unwrap_or(f64::NAN),
        };
        rules::apply(&input, &options.rules)
    }

    /// What the session says of each item of the list; empty if it says nothing.
    fn counts(&self, view: &View) -> Vec<Count> {
        let log = self.session.log();
        let mut by_id: HashMap<&str, Tally> = HashMap::new();
        for entry in log.window(&view.without).iter().filter_map(|&at| log.entries().get(at)) {
            by_id.entry(&entry.item.id).or_default().take(entry.strength[0], entry.strength[1]);
        }
        if by_id.is_empty() {
            return Vec::new();
        }
        let mut counts = vec![Count::default(); self.items().len()];
        for (id, tally) in by_id {
            for position in self.items().positions_of(id) {
                counts.get_mut(position).into_iter().for_each(|count| *count = tally.count());
            }
        }
        counts
    }
}

/// What a caller should hear of rules that did not apply; that a list has too little for one is in
/// the reports alone.
pub(super) fn rule_warnings(outcome: &Outcome) -> impl Iterator<Item = Warning> {
    outcome.reports.iter().enumerate().filter_map(|(index, report)| {
        let code = report.code.filter(|code| *code != Kind::RulesInfeasible.code())?;
        Some(Warning {
            code,
            path: format!("rules[{index}]"),
            message: report.message.clone().unwrap_or_default(),
        })
    })
}
