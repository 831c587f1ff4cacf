//! In: scores with the session, and a bound. Out: scores that the session moves by no more than the bound.
//! The list is scored once more without a session; that is kept until the list or the context changes. Must never let a score pass of which it is not known what it was without.

use super::{Ranker, combine};
use crate::budget::Budget;
use crate::context::Context;
use crate::error::Error;
use crate::features;
use crate::score::{self, Scored};
use crate::session::{Profile, View};
use ndarray::Array2;

/// The list as it is scored without a session.
#[derive(Debug, Default)]
pub(super) struct NeutralScores {
    context: Context,
    dense: Array2<f32>,
    heads: Array2<f32>,
    /// How many of the prior's best are scored.
    rows: usize,
}

impl Ranker {
    /// Holds `scores` within `most` of what they are without a session. Gives the number of rows of
    /// which that is known, best prior first, and what ended it early, if not the budget; the others
    /// lose their score.
    pub(super) fn bound(
        &mut self,
        most: f64,
        scores: &mut [f32],
        scored: &Scored,
        weights: &[f32],
        (view, prior): (&View, &[u32]),
        budget: &mut Budget,
    ) -> (usize, Option<Error>) {
        let mut neutral = match self.neutral.take() {
            Some(neutral) if neutral.context == view.context => neutral,
            _ => self.neutral_scores(view),
        };
        let mut error = None;
        if let Some(positions) = prior.get(neutral.rows..scored.rows) {
            let profile = Profile::default();
            let more = score::score(
                &mut self.plan,
                &self.items,
                &mut self.vectors,
                &mut self.cache,
                neutral.dense.view(),
                &profile,
                positions,
                budget,
            );
            for &position in positions.iter().take(more.rows) {
                let row = more.heads.row(position as usize);
                neutral.heads.row_mut(position as usize).assign(&row);
            }
            neutral.rows += more.rows;
            error = more.error;
        }
        let without = combine(&neutral.heads, weights);
        for (score, without) in scores.iter_mut().zip(without) {
            let shift = (f64::from(*score) - f64::from(without)).clamp(-most, most);
            *score = (f64::from(without) + shift) as f32;
        }
        let rows = neutral.rows.min(scored.rows);
        self.neutral = Some(neutral);
        (rows, error)
    }

    fn neutral_scores(&self, view: &View) -> NeutralScores {
        let manifest = self.plan.manifest();
        let mut dense = self.dense.clone();
        let profile = Profile::default().in_context(view.context.clone());
        let wanted = |feature: &features::Feature| !feature.is_static();
        features::fill(&mut dense, &manifest.features, &manifest.fields, &self.items, &profile, wanted);
        let heads = Array2::from_elem((self.items.len(), manifest.heads.len()), f32::NAN);
        NeutralScores { context: view.context.clone(), dense, heads, rows: 0 }
    }
}
