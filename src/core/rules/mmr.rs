//! In: relevance and similarity. Out: the gain of taking an item by maximal marginal relevance:
//! `λ·relevance(i) − (1 − λ)·max over taken j of similarity(i, j)` (Carbonell and Goldstein 1998).

use super::greedy::Gain;

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

impl Gain for Mmr {
    fn gain(&self, index: usize) -> f32 {
        // With nothing taken there is nothing to differ from: the most relevant starts, even at λ 0.
        match self.any {
            true => self.lambda * self.relevance[index] - (1.0 - self.lambda) * self.nearest[index],
            false => self.relevance[index],
        }
    }

    fn take(&mut self, _: usize, _: usize) {
        self.any = true;
    }

    fn update(&mut self, index: usize, _: usize, _: usize, similarity: f32) {
        self.nearest[index] = self.nearest[index].max(similarity);
    }

    fn is_final(&self, index: usize) -> bool {
        self.nearest[index] >= 1.0
    }
}
