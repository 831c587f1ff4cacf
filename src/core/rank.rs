//! In: a model, a list, events. Out: [`Ranking`]: the list in order for this visitor, now.
//! The story: load → candidates → (observe → rank)*, where rank is prepare → score → order → rules.
//! `rank` must never fail for data reasons: what went wrong is said in the answer.

mod asked;
mod influence;
mod ruled;
mod visitor;

use crate::budget::Budget;
use crate::error::{Error, Kind, Result};
use crate::features;
use crate::item::{Items, Packed};
use crate::limits;
use crate::model::{Manifest, Plan};
use crate::more;
use crate::order;
use crate::ranking::{Millis, Options, Ranking, Report, Tier, Units, Warning};
use crate::rules::{ExtraFields, Outcome};
use crate::score;
use crate::session::{Known, Session, View};
use crate::vectors::{Cache, Vectors};
use ndarray::Array2;
use std::collections::VecDeque;
use std::rc::Rc;

/// Orders one list at a time for one visitor.
#[derive(Debug)]
pub struct Ranker {
    plan: Plan,
    items: Items,
    vectors: Vectors,
    cache: Cache,
    dense: Array2<f32>,
    static_ready: bool,
    /// The order of the server; of the list, if `static_ready`.
    prior: Rc<[u32]>,
    extra: ExtraFields,
    session: Session,
    remembered: VecDeque<Rc<Known>>,
    neutral: Option<influence::NeutralScores>,
}

impl Ranker {
    /// Loads a model: verifies its hash, vets it, compiles it, runs its golden vectors.
    ///
    /// # Errors
    /// Any of the `model/…` kinds.
    pub fn load(model: &[u8]) -> Result<Ranker> {
        let plan = Plan::load(model)?;
        let features = plan.manifest().features.len();
        Ok(Ranker {
            cache: Cache::of(&plan),
            plan,
            items: Items::default(),
            vectors: Vectors::default(),
            dense: Array2::zeros((0, features)),
            static_ready: false,
            prior: Rc::default(),
            extra: ExtraFields::default(),
            session: Session::default(),
            remembered: VecDeque::new(),
            neutral: None,
        })
    }

    /// What the model says about itself.
    pub fn manifest(&self) -> &Manifest {
        self.plan.manifest()
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The list.
    pub fn items(&self) -> &Items {
        &self.items
    }

    /// Work units of one block whose items are new, as [`Plan::units`] counts them.
    pub fn block_units(&self) -> u64 {
        self.plan.units(1, self.manifest().block)
    }

    /// The same of one block whose items were encoded before: what a re-rank costs after an event.
    pub fn known_block_units(&self) -> u64 {
        self.plan.units(1, 0)
    }

    fn read(&self, packed: &Packed) -> Result<Items> {
        let manifest = self.manifest();
        let items = Items::read(packed, manifest.text.as_ref(), manifest.fields.len())?;
        let width = manifest.vectors.as_ref().map_or(0, |vectors| vectors.width);
        match items.server_width() {
            0 => Ok(items),
            own if own == width => Ok(items),
            own => {
                let what = format!("have {own} numbers an item, the model reads {width}");
                Err(Error::new(Kind::CandidatesMalformed, "vectors", what))
            }
        }
    }

    /// Takes the list to rank from now on.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`], [`Kind::CandidateId`]; the list before stays.
    pub fn set_candidates(&mut self, packed: &Packed) -> Result<()> {
        self.items = self.read(packed)?;
        let n = self.items.len();
        self.vectors = Vectors::of(n, self.manifest());
        self.dense = Array2::zeros((n, self.manifest().features.len()));
        self.static_ready = false;
        self.neutral = None;
        self.extra = ExtraFields::default();
        Ok(())
    }

    /// As it was when it was loaded: laws compare with a ranker that has done nothing yet.
    #[cfg(test)]
    pub(crate) fn start_anew(&mut self) {
        self.cache = Cache::of(&self.plan);
        (self.items, self.vectors, self.session) = Default::default();
        self.dense = Array2::zeros((0, self.manifest().features.len()));
        (self.static_ready, self.extra, self.neutral) = Default::default();
        self.remembered.clear();
    }

    /// Puts other server scores in place; gives back those that were there.
    pub(crate) fn replace_scores(&mut self, scores: Vec<f32>) -> Vec<f32> {
        self.static_ready = false;
        self.neutral = None;
        self.items.replace_scores(scores)
    }

    /// Orders the list. Always answers; `clock` gives milliseconds from any origin.
    pub fn rank(&mut self, options: &Options, clock: &mut dyn FnMut() -> f64) -> Ranking {
        let mut warnings = Vec::new();
        let view = self.view(options, &mut warnings);
        self.rank_as(options, &view, warnings, clock)
    }

    /// [`Ranker::rank`] with the session looked at in some way.
    pub(crate) fn rank_as(
        &mut self,
        options: &Options,
        view: &View,
        mut warnings: Vec<Warning>,
        clock: &mut dyn FnMut() -> f64,
    ) -> Ranking {
        let limit = asked::limit("budgetMs", options.budget_ms, &mut warnings);
        let granted = asked::limit("budgetUnits", options.budget_units, &mut warnings);
        let granted = granted.map(|units| units.min(limits::UNITS) as u64);
        let influence = asked::limit("influence", options.influence, &mut warnings);
        let mut budget = Budget::start(limit, clock).granting(granted);

        if !self.static_ready {
            self.prior = self.prior().into();
        }
        let prior = self.prior.clone();
        self.fill_features(view);
        let prepared = budget.elapsed();

        let profile = self.session.profile_as(view);
        let mut scored = score::score(
            &mut self.plan,
            &self.items,
            &mut self.vectors,
            &mut self.cache,
            self.dense.view(),
            profile,
            &prior,
            &mut budget,
        );
        let weights = self.weights(options, &mut warnings);
        let mut scores = combine(&scored.heads, &weights);
        if let Some(most) = influence {
            let (rows, error) = self.bound(most, &mut scores, &scored, &weights, (view, &prior), &mut budget);
            scored.rows = rows;
            scored.error = scored.error.or(error);
        }
        let scored_at = budget.elapsed();
        let order = ordered(&scores, &prior);
        let ordered_at = budget.elapsed();
        let outcome = self.ruled(options, view, &scores, order);
        warnings.extend(ruled::warnings(&outcome));
        let total = budget.elapsed();

        let n = self.items.len();
        let finite = scores.iter().filter(|s| s.is_finite()).count();
        if let Some(error) = &scored.error {
            warnings.push(Warning::from(error));
        } else if finite < scored.rows {
            let message =
                format!("{} scores are not finite; those items keep their prior order", scored.rows - finite);
            warnings.push(Warning { code: Kind::ModelRun.code(), path: "scores".into(), message });
        }
        let reason = match &scored.error {
            Some(error) => Some(error.code()),
            None if scored.rows < n => Some("budget"),
            None if finite < n => Some(Kind::ModelRun.code()),
            None => None,
        };
        let tier = match finite {
            all if all == n => Tier::Full,
            0 => Tier::Prior,
            _ => Tier::Partial,
        };
        let ms = Millis {
            prepare: prepared,
            score: scored_at - prepared,
            order: ordered_at - scored_at,
            rules: total - ordered_at,
            total,
        };
        let units = Units { granted, spent: budget.spent() };
        let more = more::more(&self.items, self.session.profile_as(view));
        let Outcome { order, removed, reports: rules, propensities } = outcome;
        let report =
            Report { tier, reason, scored: finite, total: n, ms, units, more, rules, removed, warnings };
        Ranking { order, scores, heads: scored.heads, propensities, report }
    }

    /// The score of each row of a feature matrix `[n,F]`, as the graph reads it, row-major.
    ///
    /// For models whose score stage reads nothing else; neither list nor session has a say.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] for another model, or another length than whole rows of at
    /// most [`limits::CANDIDATES`]; [`Kind::ModelRun`].
    pub fn score_batch(&mut self, rows: &[f32]) -> Result<Vec<f32>> {
        let heads = score::batch(&mut self.plan, rows)?;
        let weights: Vec<f32> = self.manifest().heads.iter().map(|head| head.weight).collect();
        Ok(combine(&heads, &weights))
    }

    /// Calibrated probabilities of one head by input position; NaN where the model gave none or
    /// the head has no calibration.
    pub fn probabilities(&self, ranking: &Ranking, head: usize) -> Vec<f32> {
        let platt = self.manifest().heads.get(head).and_then(|head| head.calibration);
        let probability = |row: ndarray::ArrayView1<f32>| match (row.get(head), platt) {
            (Some(output), Some(platt)) if output.is_finite() => platt.probability(*output),
            _ => f32::NAN,
        };
        ranking.heads.rows().into_iter().map(probability).collect()
    }

    /// The positions by server score, absent ones in the middle: at the mean of those present.
    /// Where the server sent none at all, by the manifest's `prior` field.
    fn prior(&self) -> Vec<u32> {
        let field = self.manifest().prior.as_ref();
        let field = field.and_then(|name| self.manifest().fields.iter().position(|known| known == name));
        let values =
            |field: usize| (0..self.items.len()).map(move |p| self.items.fields(p).get(field).copied());
        let fallback = field.filter(|_| !self.items.scores().iter().any(|s| s.is_finite()));
        let fallback: Option<Vec<f32>> =
            fallback.map(|field| values(field).map(|value| value.unwrap_or(f32::NAN)).collect());
        let scores = fallback.as_deref().unwrap_or(self.items.scores());
        let present = || scores.iter().filter(|s| s.is_finite());
        let sum: f64 = present().map(|&s| f64::from(s)).sum();
        let mean = (sum / present().count().max(1) as f64) as f32;
        let filled: Vec<f32> = scores.iter().map(|&s| if s.is_finite() { s } else { mean }).collect();
        order::ranked(&filled)
    }

    fn fill_features(&mut self, view: &View) {
        let manifest = self.plan.manifest();
        let all = !self.static_ready;
        let wanted = |feature: &features::Feature| all || !feature.is_static();
        let profile = self.session.profile_as(view);
        features::fill(&mut self.dense, &manifest.features, &manifest.fields, &self.items, profile, wanted);
        self.static_ready = true;
    }
}

/// Weighted sum of heads. A head of weight 0 has no say, even where it is not finite.
fn combine(heads: &Array2<f32>, weights: &[f32]) -> Vec<f32> {
    let score = |row: &[f32]| {
        let terms = row.iter().zip(weights).filter(|(_, weight)| **weight != 0.0);
        let sum: f32 = terms.map(|(head, weight)| head * weight).sum();
        let scored = row.iter().any(|head| head.is_finite());
        if scored && sum.is_finite() { sum } else { f32::NAN }
    };
    // As a slice: ndarray's rows cost more than what is done with them.
    heads.as_slice().unwrap_or_default().chunks_exact(heads.ncols().max(1)).map(score).collect()
}

/// Scored candidates by score, then the others in prior order.
fn ordered(scores: &[f32], prior: &[u32]) -> Vec<u32> {
    let has_score = |position: &u32| scores.get(*position as usize).is_some_and(|s| s.is_finite());
    let mut order = order::ranked(scores);
    order.retain(has_score);
    order.extend(prior.iter().filter(|position| !has_score(position)));
    order
}

#[cfg(test)]
#[path = "../../tests/core/rank.rs"]
mod tests;
