//! In: a model, a list, events. Out: [`Ranking`]: the list in order for this visitor, now.
//! The story: load → candidates → (observe → rank)*, where rank is prepare → score → order.
//! `rank` must never fail for data reasons: what went wrong is said in the answer.

use crate::budget::Budget;
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::features;
use crate::item::{Items, Packed};
use crate::limits;
use crate::model::{Manifest, Plan};
use crate::order;
use crate::ranking::{Millis, Options, Ranking, Report, Tier, Warning};
use crate::score::{self, Vectors};
use crate::session::{Known, Session};
use ndarray::Array2;
use std::collections::VecDeque;
use std::rc::Rc;

/// Orders one list at a time for one visitor.
#[derive(Debug)]
pub struct Ranker {
    plan: Plan,
    items: Items,
    vectors: Vectors,
    dense: Array2<f32>,
    static_ready: bool,
    session: Session,
    remembered: VecDeque<Rc<Known>>,
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
            plan,
            items: Items::default(),
            vectors: Vectors::default(),
            dense: Array2::zeros((0, features)),
            static_ready: false,
            session: Session::default(),
            remembered: VecDeque::new(),
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

    fn read(&self, packed: &Packed) -> Result<Items> {
        let manifest = self.manifest();
        Items::read(packed, manifest.text.as_ref(), manifest.fields.len())
    }

    /// Takes the list to rank from now on.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`], [`Kind::CandidateId`]; the list before stays.
    pub fn set_candidates(&mut self, packed: &Packed) -> Result<()> {
        self.items = self.read(packed)?;
        let n = self.items.len();
        self.vectors = Vectors::of(n, self.manifest().vector);
        self.dense = Array2::zeros((n, self.manifest().features.len()));
        self.static_ready = false;
        Ok(())
    }

    /// Takes items that events may be about although they are in no list.
    ///
    /// The newest [`limits::REMEMBERED_ITEMS`] are kept.
    ///
    /// # Errors
    /// As [`Ranker::set_candidates`], or [`Kind::ModelRun`].
    pub fn remember(&mut self, packed: &Packed) -> Result<()> {
        let items = self.read(packed)?;
        let mut vectors = Vectors::of(items.len(), self.manifest().vector);
        let newest = items.len().saturating_sub(limits::REMEMBERED_ITEMS);
        let positions: Vec<u32> = (newest..items.len()).map(|p| p as u32).collect();
        vectors.ensure(&mut self.plan, &items, &positions)?;
        for position in newest..items.len() {
            let known = known(&items, &vectors, position);
            self.remembered.retain(|old| old.id != known.id);
            self.remembered.push_back(Rc::new(known));
        }
        let excess = self.remembered.len().saturating_sub(limits::REMEMBERED_ITEMS);
        self.remembered.drain(..excess);
        Ok(())
    }

    /// Says what is wrong with an event, without taking it.
    ///
    /// # Errors
    /// As [`Ranker::observe`], an unknown item aside.
    pub fn check(&self, event: &Event) -> Result<()> {
        event.strength(&self.manifest().actions).map(|_| ())
    }

    /// Takes one event about an item; false if that changes nothing, as [`Session::observe`] says.
    ///
    /// # Errors
    /// The `event/…` kinds; the session stays as it was.
    pub fn observe(&mut self, event: &Event, item_id: &str) -> Result<bool> {
        let strength = event.strength(&self.manifest().actions)?;
        let item = self.find(item_id)?;
        Ok(self.session.observe(event.id, event.at_ms, item, strength))
    }

    fn find(&mut self, id: &str) -> Result<Rc<Known>> {
        if let Some(position) = self.items.position_of(id) {
            self.vectors.ensure(&mut self.plan, &self.items, &[position as u32])?;
            return Ok(Rc::new(known(&self.items, &self.vectors, position)));
        }
        let remembered = self.remembered.iter().find(|known| &*known.id == id);
        remembered.cloned().ok_or_else(|| {
            let id: String = id.chars().take(40).collect();
            Error::new(Kind::EventUnknownItem, "event.item", format!("`{id}` was never sent"))
        })
    }

    /// Forgets the visitor; model and list stay.
    pub fn forget(&mut self) {
        self.session.forget();
        self.remembered.clear();
    }

    /// Orders the list. Always answers; `clock` gives milliseconds from any origin.
    pub fn rank(&mut self, options: &Options, clock: &mut dyn FnMut() -> f64) -> Ranking {
        let mut warnings = Vec::new();
        let limit = budget_limit(options.budget_ms, &mut warnings);
        let mut budget = Budget::start(limit, clock);

        let prior = self.prior();
        self.fill_features();
        let prepared = budget.elapsed();

        let profile = self.session.profile();
        let scored = score::score(
            &mut self.plan,
            &self.items,
            &mut self.vectors,
            self.dense.view(),
            profile,
            &prior,
            &mut budget,
        );
        let scored_at = budget.elapsed();

        let weights = self.weights(options, &mut warnings);
        let scores = combine(&scored.heads, &weights);
        let order = ordered(&scores, &prior);
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
        let ms = Millis { prepare: prepared, score: scored_at - prepared, order: total - scored_at, total };
        let report = Report { tier, reason, scored: finite, total: n, ms, warnings };
        Ranking { order, scores, heads: scored.heads, report }
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
    fn prior(&self) -> Vec<u32> {
        let scores = self.items.scores();
        let present = || scores.iter().filter(|s| s.is_finite());
        let sum: f64 = present().map(|&s| f64::from(s)).sum();
        let mean = (sum / present().count().max(1) as f64) as f32;
        let filled: Vec<f32> = scores.iter().map(|&s| if s.is_finite() { s } else { mean }).collect();
        order::ranked(&filled)
    }

    fn fill_features(&mut self) {
        let manifest = self.plan.manifest();
        let all = !self.static_ready;
        let wanted = |feature: &features::Feature| all || !feature.is_static();
        let profile = self.session.profile();
        features::fill(&mut self.dense, &manifest.features, &manifest.fields, &self.items, profile, wanted);
        self.static_ready = true;
    }

    /// The caller's weights, cut at [`limits::WEIGHT`]; the model's own where one is not finite.
    fn weights(&self, options: &Options, warnings: &mut Vec<Warning>) -> Vec<f32> {
        let own: Vec<f32> = self.manifest().heads.iter().map(|head| head.weight).collect();
        let Some(given) = &options.weights else { return own };
        let pick = |(index, own): (usize, &f32)| match given.get(index) {
            Some(weight) if weight.is_finite() => weight.clamp(-limits::WEIGHT, limits::WEIGHT),
            _ => *own,
        };
        let used: Vec<f32> = own.iter().enumerate().map(pick).collect();
        if *given != used {
            let what = format!(
                "one is not finite or beyond {:e}, or there are {} for {} heads; {used:?} apply",
                limits::WEIGHT,
                given.len(),
                own.len()
            );
            warnings.push(Warning::from(&Error::new(Kind::RankWeights, "options.weights", what)));
        }
        used
    }
}

fn known(items: &Items, vectors: &Vectors, position: usize) -> Known {
    Known {
        id: items.id(position).into(),
        tags: items.tags(position).to_vec(),
        fields: items.fields(position).to_vec(),
        vector: vectors.get(position).to_vec(),
    }
}

/// A limit that is NaN or negative counts as 0: the caller meant some limit.
fn budget_limit(limit: Option<f64>, warnings: &mut Vec<Warning>) -> Option<f64> {
    match limit {
        Some(ms) if ms >= 0.0 => Some(ms),
        Some(ms) => {
            let message = format!("budgetMs is {ms}; it counts as 0, so the server's order stands");
            warnings.push(Warning { code: "rank/budget", path: "options.budgetMs".into(), message });
            Some(0.0)
        }
        None => None,
    }
}

/// Weighted sum of heads. A head of weight 0 has no say, even where it is not finite.
fn combine(heads: &Array2<f32>, weights: &[f32]) -> Vec<f32> {
    let score = |row: ndarray::ArrayView1<f32>| {
        let terms = row.into_iter().zip(weights).filter(|(_, weight)| **weight != 0.0);
        let sum: f32 = terms.map(|(head, weight)| head * weight).sum();
        let scored = row.iter().any(|head| head.is_finite());
        if scored && sum.is_finite() { sum } else { f32::NAN }
    };
    heads.rows().into_iter().map(score).collect()
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
#[path = "../tests/unit/rank.rs"]
mod tests;
