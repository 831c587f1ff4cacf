//! In: scores with the session, and a bound. Out: scores that the session moves by no more than the bound.
//! The list is scored once more for a visitor of whom nothing is known, within the same budget. A score
//! of which it is not known what it was without the session is dropped.

use super::candidate_list::CandidateList;
use super::neutral_scores::NeutralScores;
use super::scores::combine;
use crate::context::Context;
use crate::score::{Budget, LoadedModel, Scored, score};
use crate::session::Profile;
use ndarray::Array2;

/// How far the session may move a score, and what that is measured with.
pub(super) struct Influence<'a> {
    /// Most, either way, in units of score.
    pub most: f64,
    /// Weights of the heads.
    pub weights: &'a [f32],
    /// The circumstances of the ranking.
    pub context: &'a Context,
    /// The positions in the server's order.
    pub prior: &'a [u32],
}

impl Influence<'_> {
    /// Holds `scores` within the bound. Lowers `scored.rows` to those of which the score without a session
    /// is known, and notes what ended that early, if not the budget.
    pub fn bound(
        &self,
        model: &mut LoadedModel,
        list: &mut CandidateList,
        scored: &mut Scored,
        scores: &mut [f32],
        budget: &mut Budget,
    ) {
        let mut neutral = match list.neutral.take() {
            Some(neutral) if neutral.context == *self.context => neutral,
            _ => self.nothing_scored(model, list),
        };
        if let Some(positions) = self.prior.get(neutral.rows..scored.rows) {
            let input = list.score_input_with(&neutral.dense);
            let further = score(model, input, &Profile::default(), positions, budget);
            for &position in positions.iter().take(further.rows) {
                let row = further.heads.row(position as usize);
                neutral.heads.row_mut(position as usize).assign(&row);
            }
            neutral.rows += further.rows;
            scored.error = scored.error.take().or(further.error);
        }
        let without = combine(&neutral.heads, self.weights);
        for (score, without) in scores.iter_mut().zip(without) {
            let shift = (f64::from(*score) - f64::from(without)).clamp(-self.most, self.most);
            *score = (f64::from(without) + shift) as f32;
        }
        scored.rows = neutral.rows.min(scored.rows);
        list.neutral = Some(neutral);
    }

    fn nothing_scored(&self, model: &LoadedModel, list: &CandidateList) -> NeutralScores {
        let manifest = model.manifest();
        let profile = Profile::default().in_context(self.context.clone());
        NeutralScores {
            context: self.context.clone(),
            dense: list.dense_for(manifest, &profile),
            heads: Array2::from_elem((list.items().len(), manifest.heads.len()), f32::NAN),
            rows: 0,
        }
    }
}
