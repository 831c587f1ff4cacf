//! In: relevance and likeness. Out: the next item by maximal marginal relevance.
//! `argmax λ·relevance(i) − (1 − λ)·max over chosen j of likeness(i, j)` (Carbonell and Goldstein
//! 1998). O(k·n) with the likenesses. Must never prefer an item for being unlike what is not chosen.

use super::diversity::Greedy;

pub(super) struct Mmr {
    relevance: Vec<f32>,
    nearest: Vec<f32>,
    lambda: f32,
    any: bool,
}

impl Mmr {
    pub fn new(relevance: &[f32], lambda: f32) -> Mmr {
        Mmr { relevance: relevance.to_vec(), nearest: vec![-1.0; relevance.len()], lambda, any: false }
    }
}

impl Greedy for Mmr {
    fn best(&self, taken: &[bool]) -> Option<usize> {
        let penalty = if self.any { 1.0 - self.lambda } else { 0.0 };
        let mut best: Option<(usize, f32)> = None;
        for index in (0..taken.len()).filter(|&index| !taken[index]) {
            // With nothing chosen there is nothing to be unlike: the most relevant starts, even at λ 0.
            let lambda = if self.any { self.lambda } else { 1.0 };
            let value = lambda * self.relevance[index] - penalty * self.nearest[index];
            if best.is_none_or(|(_, most)| value > most) {
                best = Some((index, value));
            }
        }
        best.map(|(index, _)| index)
    }

    fn take(&mut self, _: usize, likeness: &[f32]) {
        self.any = true;
        for (nearest, &likeness) in self.nearest.iter_mut().zip(likeness) {
            *nearest = nearest.max(likeness);
        }
    }
}
