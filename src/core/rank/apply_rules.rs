//! In: a scored list, the session and the caller's rules. Out: what the rules make of the order.
//! The one place where the ranker's state becomes the plain columns that [`crate::rules`] reads.

use super::options::Options;
use super::ranker::Ranker;
use super::report::Warning;
use crate::error::Kind;
use crate::rules::{self, Exposure, ExposureCounter, Input, RuleOutcome};
use crate::session::View;
use std::collections::HashMap;

impl Ranker {
    pub(super) fn apply_rules(
        &self,
        options: &Options,
        view: &View,
        scores: &[f32],
        order: Vec<u32>,
    ) -> RuleOutcome {
        if options.rules.is_empty() {
            return RuleOutcome { order, ..RuleOutcome::default() };
        }
        let exposures = self.exposures(view);
        let (vectors, width) = self.list.vectors().rows();
        let input = Input {
            items: self.items(),
            field_names: &self.manifest().fields,
            extra: &self.list.rule_fields,
            scores,
            order: &order,
            vectors,
            width,
            exposures: &exposures,
            seed: options.seed,
            now_ms: options.at.unwrap_or(f64::NAN),
        };
        rules::apply(&input, &options.rules)
    }

    /// What the session says of each item of the list; empty if it says nothing.
    fn exposures(&self, view: &View) -> Vec<Exposure> {
        let log = self.session.log();
        let mut by_id: HashMap<&str, ExposureCounter> = HashMap::new();
        for entry in log.window(&view.without).iter().filter_map(|&at| log.entries().get(at)) {
            by_id.entry(&entry.item.id).or_default().add(entry.strength[0], entry.strength[1]);
        }
        if by_id.is_empty() {
            return Vec::new();
        }
        let mut exposures = vec![Exposure::default(); self.items().len()];
        for (id, counter) in by_id {
            for position in self.items().positions_of(id) {
                exposures.get_mut(position).into_iter().for_each(|exposure| *exposure = counter.exposure());
            }
        }
        exposures
    }
}

/// What a caller should hear of rules that did not apply; that a list has too little for one is in
/// the reports alone.
pub(super) fn rule_warnings(outcome: &RuleOutcome) -> impl Iterator<Item = Warning> {
    outcome.reports.iter().enumerate().filter_map(|(index, report)| {
        let code = report.code.filter(|code| *code != Kind::RulesInfeasible.code())?;
        Some(Warning {
            code,
            path: format!("rules[{index}]"),
            message: report.message.clone().unwrap_or_default(),
        })
    })
}
