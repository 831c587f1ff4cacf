//! In: a scored list, the session and the caller's rules. Out: what the rules make of the order.
//! The one place where the ranker's state becomes the plain columns that [`crate::rules`] reads.
//! Must never decide anything: that is the rules'.

use super::Ranker;
use crate::error::{Error, Kind, Result};
use crate::ranking::{Options, Warning};
use crate::rules::{self, Count, ExtraFields, Input, Outcome, Tally};
use crate::session::View;
use std::collections::HashMap;

impl Ranker {
    /// Takes numeric fields of the current list that rules read and the model does not; the next
    /// list comes without.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] if the values are not one row of the names an item.
    pub fn set_rule_fields(&mut self, names: Vec<String>, values: Vec<f32>) -> Result<()> {
        if values.len() != names.len() * self.items.len() {
            let what =
                format!("{} values of {} fields for {} items", values.len(), names.len(), self.items.len());
            return Err(Error::new(Kind::CandidatesMalformed, "ruleFields", what));
        }
        self.extra = ExtraFields { names, values };
        Ok(())
    }

    pub(super) fn ruled(&self, options: &Options, view: &View, scores: &[f32], order: Vec<u32>) -> Outcome {
        if options.rules.is_empty() {
            return Outcome { order, ..Outcome::default() };
        }
        let counts = self.counts(view);
        let (vectors, width) = self.vectors.rows();
        let input = Input {
            items: &self.items,
            field_names: &self.manifest().fields,
            extra: &self.extra,
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
        let mut counts = vec![Count::default(); self.items.len()];
        for (id, tally) in by_id {
            for position in self.items.positions_of(id) {
                counts.get_mut(position).into_iter().for_each(|count| *count = tally.count());
            }
        }
        counts
    }
}

/// What a caller should hear of rules that did not apply; that a list has too little for one is in
/// the reports alone.
pub(super) fn warnings(outcome: &Outcome) -> impl Iterator<Item = Warning> {
    outcome.reports.iter().enumerate().filter_map(|(index, report)| {
        let code = report.code.filter(|code| *code != Kind::RulesInfeasible.code())?;
        Some(Warning {
            code,
            path: format!("rules[{index}]"),
            message: report.message.clone().unwrap_or_default(),
        })
    })
}
