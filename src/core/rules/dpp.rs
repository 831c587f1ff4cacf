//! In: relevance and similarity. Out: the gain of adding an item to the greedy MAP set of a determinantal point
//! process. Chen, Zhang, Zhou: Fast greedy MAP inference for determinantal point processes (arXiv 1709.05135),
//! algorithm 1: Cholesky rows grown by one column an item, O(k²·n) in all at most.

use super::greedy::Gain;
use super::similarity::{LANES, dot};

/// Share of the identity in the kernel. Without it, 32 items in 32 dimensions span everything and no later item
/// would have any gain. With it, the determinant that an item adds stays above half of this.
const RIDGE: f32 = 0.05;

/// The kernel is `L = diag(q)·S·diag(q)` with `S = (1 − ridge)·cosine + ridge·I` and `q = e^(α·r)`,
/// `α = θ / (2·(1 − θ))` (equation 9 of the paper: `θ·Σr + (1 − θ)·log det S`).
pub(super) struct Dpp {
    /// q², by item.
    weights: Vec<f32>,
    /// What of S's diagonal the chosen ones leave: the squared d of the paper, by item.
    left: Vec<f32>,
    /// Cholesky rows, `stride` cells an item; zeros where it is not updated yet.
    rows: Vec<f32>,
    stride: usize,
    /// Roots of what was left of those taken, in the order in which they were.
    diagonals: Vec<f32>,
}

impl Dpp {
    pub fn new(relevance: &[f32], theta: f32, steps: usize) -> Dpp {
        let alpha = theta / (2.0 * (1.0 - theta));
        let n = relevance.len();
        let stride = steps.next_multiple_of(LANES);
        Dpp {
            weights: relevance.iter().map(|r| libm::expf(2.0 * alpha * r)).collect(),
            left: vec![1.0; n],
            rows: vec![0.0; n * stride],
            stride,
            diagonals: Vec::new(),
        }
    }
}

impl Gain for Dpp {
    fn gain(&self, index: usize) -> f32 {
        self.weights[index] * self.left[index]
    }

    fn take(&mut self, index: usize, _: usize) {
        self.diagonals.push(self.left[index].sqrt());
    }

    fn update(&mut self, index: usize, step: usize, taken: usize, similarity: f32) {
        // To whole lanes: what follows a row's last cell is zero.
        let at = |row: usize| row * self.stride..row * self.stride + step.next_multiple_of(LANES);
        let (Some(own), Some(row), Some(diagonal)) =
            (self.rows.get(at(taken)), self.rows.get(at(index)), self.diagonals.get(step))
        else {
            return;
        };
        let cell = ((1.0 - RIDGE) * similarity - dot(own, row)) / diagonal;
        self.rows[index * self.stride + step] = cell;
        // Rounding must not make a determinant negative.
        self.left[index] = (self.left[index] - cell * cell).max(RIDGE * 0.5);
    }

    fn is_final(&self, _: usize) -> bool {
        false
    }
}
