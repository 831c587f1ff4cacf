//! In: relevance and likeness. Out: what taking an item is worth by maximal marginal relevance.
//! `λ·relevance(i) − (1 − λ)·max over taken j of likeness(i, j)` (Carbonell and Goldstein 1998).
//! Must never prefer an item for being unlike what is not taken.

use super::greedy::Greedy;

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
    fn worth(&self, index: usize) -> f32 {
        // With nothing taken there is nothing to be unlike: the most relevant starts, even at λ 0.
        match self.any {
            true => self.lambda * self.relevance[index] - (1.0 - self.lambda) * self.nearest[index],
            false => self.relevance[index],
        }
    }

    fn take(&mut self, _: usize, _: usize) {
        self.any = true;
    }

    fn hear(&mut self, index: usize, _: usize, _: usize, likeness: f32) {
        self.nearest[index] = self.nearest[index].max(likeness);
    }

    fn settled(&self, index: usize) -> bool {
        self.nearest[index] >= 1.0
    }
}
