//! In: a ranker and the caller's options. Out: [`Ranking`]: the list in order for this visitor, now.
//! One pass: prepare → score → order → rules. It never fails for data reasons: what went wrong is said
//! in the report, and the order falls back to the server's.

use super::apply_rules::rule_warnings;
use super::influence::Influence;
use super::options::Options;
use super::ranker::Ranker;
use super::report::{Millis, Ranking, Report, Tier, Units, Warning};
use super::scores::{combine, ordered};
use crate::error::Kind;
use crate::refill::refill;
use crate::rules::RuleOutcome;
use crate::score::{Budget, Scored, score};
use crate::session::View;

impl Ranker {
    /// Orders the list. Always answers; `clock` gives milliseconds from any origin.
    pub fn rank(&mut self, options: &Options, clock: &mut dyn FnMut() -> f64) -> Ranking {
        let mut warnings = Vec::new();
        let view = options.view(self.model.manifest(), &self.session, &mut warnings);
        self.rank_as(options, &view, warnings, clock)
    }

    /// [`Ranker::rank`] with the session looked at in some way.
    pub(super) fn rank_as(
        &mut self,
        options: &Options,
        view: &View,
        mut warnings: Vec<Warning>,
        clock: &mut dyn FnMut() -> f64,
    ) -> Ranking {
        let limits = options.limits(&mut warnings);
        let mut budget = Budget::start(limits.milliseconds, clock).granting(limits.units);

        let profile = self.session.profile_as(view);
        let prior = self.list.prepare(self.model.manifest(), profile);
        let prepared = budget.elapsed();

        let mut scored = score(&mut self.model, self.list.score_input(), profile, &prior, &mut budget);
        let weights = options.head_weights(self.model.manifest(), &mut warnings);
        let mut scores = combine(&scored.heads, &weights);
        if let Some(most) = limits.influence {
            let influence = Influence { most, weights: &weights, context: &view.context, prior: &prior };
            influence.bound(&mut self.model, &mut self.list, &mut scored, &mut scores, &mut budget);
        }
        let scored_at = budget.elapsed();

        let order = ordered(&scores, &prior);
        let ordered_at = budget.elapsed();

        let outcome = self.apply_rules(options, view, &scores, order);
        warnings.extend(rule_warnings(&outcome));
        let total = budget.elapsed();

        let n = scores.len();
        let finite = scores.iter().filter(|score| score.is_finite()).count();
        warnings.extend(score_warning(&scored, finite));
        let (tier, reason) = reached(&scored, finite, n);
        let ms = Millis {
            prepare: prepared,
            score: scored_at - prepared,
            order: ordered_at - scored_at,
            rules: total - ordered_at,
            total,
        };
        let units = Units { granted: limits.units, spent: budget.spent() };
        let refill = refill(self.list.items(), self.session.profile_as(view));
        let RuleOutcome { order, removed, reports: rules, propensities } = outcome;
        let report =
            Report { tier, reason, scored: finite, total: n, ms, units, refill, rules, removed, warnings };
        Ranking { order, scores, heads: scored.heads, propensities, report }
    }
}

/// What a caller should hear of the scoring, where `finite` scores came of it.
fn score_warning(scored: &Scored, finite: usize) -> Option<Warning> {
    if let Some(error) = &scored.error {
        return Some(Warning::from(error));
    }
    (finite < scored.rows).then(|| {
        let lost = scored.rows - finite;
        let message = format!("{lost} scores are not finite; those items keep their prior order");
        Warning { code: Kind::ModelRun.code(), path: "scores".into(), message }
    })
}

/// How much of the work was done, and why not all of it.
fn reached(scored: &Scored, finite: usize, n: usize) -> (Tier, Option<&'static str>) {
    let tier = match finite {
        all if all == n => Tier::Full,
        0 => Tier::Prior,
        _ => Tier::Partial,
    };
    let reason = match &scored.error {
        Some(error) => Some(error.code()),
        None if scored.rows < n => Some("budget"),
        None if finite < n => Some(Kind::ModelRun.code()),
        None => None,
    };
    (tier, reason)
}
