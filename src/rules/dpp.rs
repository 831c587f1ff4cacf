//! In: relevance and likeness. Out: the next item of the greedy MAP set of a DPP.
//! Chen, Zhang, Zhou: Fast greedy MAP inference for determinantal point processes (arXiv 1709.05135):
//! Algorithm 1, Cholesky rows grown by one column an item, O(k²·n) in all. Must never divide by a
//! determinant of zero.

use super::diversity::{Greedy, dot};

/// Share of the identity in the kernel: without it, items in 32 dimensions span everything after 32
/// of them, and from there on all were equally bad. So each item keeps a determinant of at least this.
const RIDGE: f32 = 0.05;

/// The kernel is `L = diag(q)·S·diag(q)` with `S = (1 − ridge)·cosine + ridge·I` and `q = e^(α·r)`,
/// `α = θ / (2·(1 − θ))` (equation 9 of the paper: `θ·Σr + (1 − θ)·log det S`).
pub(super) struct Dpp {
    /// q², by item.
    weights: Vec<f32>,
    /// What of S's diagonal the chosen ones leave: the squared d of the paper, by item.
    left: Vec<f32>,
    /// Cholesky rows, `steps` cells an item.
    rows: Vec<f32>,
    steps: usize,
    step: usize,
}

impl Dpp {
    pub fn new(relevance: &[f32], theta: f32, steps: usize) -> Dpp {
        let alpha = theta / (2.0 * (1.0 - theta));
        let n = relevance.len();
        Dpp {
            weights: relevance.iter().map(|r| libm::expf(2.0 * alpha * r)).collect(),
            left: vec![1.0; n],
            rows: vec![0.0; n * steps],
            steps,
            step: 0,
        }
    }
}

impl Greedy for Dpp {
    fn best(&self, taken: &[bool]) -> Option<usize> {
        let mut best: Option<(usize, f32)> = None;
        for index in (0..taken.len()).filter(|&index| !taken[index]) {
            let gain = self.weights[index] * self.left[index];
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((index, gain));
            }
        }
        best.map(|(index, _)| index)
    }

    fn take(&mut self, index: usize, likeness: &[f32]) {
        let (steps, step) = (self.steps, self.step);
        if step >= steps {
            return;
        }
        let own = self.rows[index * steps..index * steps + step].to_vec();
        let diagonal = self.left[index].max(RIDGE * 0.5).sqrt();
        let rows = self.rows.chunks_exact_mut(steps);
        for (other, ((row, left), &likeness)) in rows.zip(&mut self.left).zip(likeness).enumerate() {
            let kernel = if other == index { 1.0 } else { (1.0 - RIDGE) * likeness };
            let cell = (kernel - dot(&own, &row[..step])) / diagonal;
            row[step] = cell;
            // Rounding must not make a determinant negative.
            *left = (*left - cell * cell).max(RIDGE * 0.5);
        }
        self.step += 1;
    }
}
