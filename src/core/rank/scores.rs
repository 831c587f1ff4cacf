//! In: the model's heads. Out: one score for each candidate, and the order by score.
//! A score that is not finite counts as none.

use crate::order;
use ndarray::Array2;

/// Weighted sum of heads. A head of weight 0 has no say, even where it is not finite.
pub fn combine(heads: &Array2<f32>, weights: &[f32]) -> Vec<f32> {
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
pub fn ordered(scores: &[f32], prior: &[u32]) -> Vec<u32> {
    let has_score = |position: &u32| scores.get(*position as usize).is_some_and(|s| s.is_finite());
    let mut order = order::ranked(scores);
    order.retain(has_score);
    order.extend(prior.iter().filter(|position| !has_score(position)));
    order
}
