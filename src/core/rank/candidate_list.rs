//! In: items that were read. Out: [`CandidateList`]: all that lives and dies with one list.
//! What depends on the list alone (the server's order, static features) is computed once; what depends
//! on the session is computed anew for each ranking.

use super::neutral_scores::NeutralScores;
use crate::features;
use crate::item::Items;
use crate::model::Manifest;
use crate::order;
use crate::rules::ExtraFields;
use crate::score::{ScoreInput, Vectors};
use crate::session::Profile;
use ndarray::Array2;
use std::rc::Rc;

/// The list to rank, with what has been computed of it.
#[derive(Debug, Default)]
pub(crate) struct CandidateList {
    items: Items,
    vectors: Vectors,
    /// Features `[n,F]`.
    dense: Array2<f32>,
    /// The positions in the server's order; `None` until the static features are computed.
    prior: Option<Rc<[u32]>>,
    /// Fields that rules read and the model does not.
    pub(super) rule_fields: ExtraFields,
    /// Scores without a session, where a ranking asked for them.
    pub(super) neutral: Option<NeutralScores>,
}

impl CandidateList {
    /// A list of which nothing is computed yet.
    pub(super) fn new(items: Items, manifest: &Manifest) -> CandidateList {
        let n = items.len();
        CandidateList {
            vectors: Vectors::of(n, manifest),
            dense: Array2::zeros((n, manifest.features.len())),
            items,
            ..CandidateList::default()
        }
    }

    pub(super) fn items(&self) -> &Items {
        &self.items
    }

    pub(super) fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// The items and, to be filled further, their vectors.
    pub(super) fn items_and_vectors(&mut self) -> (&Items, &mut Vectors) {
        (&self.items, &mut self.vectors)
    }

    /// What the score stage reads of the list.
    pub(super) fn score_input(&mut self) -> ScoreInput<'_> {
        ScoreInput { items: &self.items, vectors: &mut self.vectors, dense: self.dense.view() }
    }

    /// The same with other features.
    pub(super) fn score_input_with<'a>(&'a mut self, dense: &'a Array2<f32>) -> ScoreInput<'a> {
        ScoreInput { items: &self.items, vectors: &mut self.vectors, dense: dense.view() }
    }

    /// Computes the features that the profile can change, and the others if they are not there yet;
    /// gives the positions in the server's order.
    pub(super) fn prepare(&mut self, manifest: &Manifest, profile: &Profile) -> Rc<[u32]> {
        let known = self.prior.take();
        fill(&mut self.dense, manifest, &self.items, profile, known.is_none());
        let prior = known.unwrap_or_else(|| self.prior_order(manifest).into());
        self.prior = Some(prior.clone());
        prior
    }

    /// The features with those that depend on the session computed for another profile.
    pub(super) fn dense_for(&self, manifest: &Manifest, profile: &Profile) -> Array2<f32> {
        let mut dense = self.dense.clone();
        fill(&mut dense, manifest, &self.items, profile, false);
        dense
    }

    /// Puts other server scores in place; gives back those that were there.
    pub(super) fn replace_scores(&mut self, scores: Vec<f32>) -> Vec<f32> {
        self.prior = None;
        self.neutral = None;
        self.items.replace_scores(scores)
    }

    /// The positions by server score, absent ones in the middle: at the mean of those present.
    /// Where the server sent none at all, by the manifest's `prior` field.
    pub(super) fn prior_order(&self, manifest: &Manifest) -> Vec<u32> {
        let field = manifest.prior.as_ref();
        let field = field.and_then(|name| manifest.fields.iter().position(|known| known == name));
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
}

/// Computes the features of the list: all, or those that a session can change.
fn fill(dense: &mut Array2<f32>, manifest: &Manifest, items: &Items, profile: &Profile, all: bool) {
    let wanted = |feature: &features::Feature| all || !feature.is_static();
    features::fill(dense, &manifest.features, &manifest.fields, items, profile, wanted);
}
