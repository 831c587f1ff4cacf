//! In: [`Interactions`]. Out: [`Ease`]: how much having picked one item speaks for another.
//! EASE (Steck 2019, arXiv 1905.03375, eq. 8): `B = I - P·diag(P)⁻¹`, `P = (YᵀY + λI)⁻¹`, with `P` by
//! Woodbury's identity over users, of whom there are fewer. It is the teacher's alone: too large to ship.

use crate::data::collaborative::interactions::Interactions;
use nalgebra::{Cholesky, DMatrix};

/// λ is this share of the trace of `Y·Yᵀ`; chosen on cross-fitted train users.
const SHRINKAGE: f64 = 1.0 / 84.0;

/// The model: item against item.
#[derive(Debug, Clone)]
pub struct Ease {
    interactions: Interactions,
    /// `(Y·Yᵀ + λI)⁻¹Y`, users by items.
    solved: DMatrix<f32>,
    /// `λ·P` on the diagonal.
    diagonal: Vec<f32>,
}

impl Ease {
    /// Fits it; `None` without interactions.
    pub fn of(interactions: Interactions) -> Option<Ease> {
        let mut gram = interactions.gram();
        let ridge = gram.trace() * SHRINKAGE;
        (0..gram.nrows()).for_each(|user| gram[(user, user)] += ridge);
        let inverse = Cholesky::new(gram).filter(|_| ridge > 0.0)?.inverse();
        let mut solved = DMatrix::zeros(inverse.nrows(), interactions.items.len());
        let mut diagonal = Vec::with_capacity(interactions.items.len());
        for (item, column) in interactions.columns.iter().enumerate() {
            for user in 0..inverse.nrows() {
                let sum: f64 = column.iter().map(|&(other, w)| inverse[(user, other)] * f64::from(w)).sum();
                solved[(user, item)] = sum as f32;
            }
            let own: f32 = column.iter().map(|&(user, w)| w * solved[(user, item)]).sum();
            diagonal.push(1.0 - own);
        }
        Some(Ease { interactions, solved, diagonal })
    }

    /// What a history says for a candidate: the sum of `strength · B[past, candidate]`. 0 for an item
    /// that nobody picked, and of an item on itself.
    pub fn score(&self, candidate: u64, history: &[(u64, f32)]) -> f32 {
        let Some(to) = self.interactions.column(candidate) else { return 0.0 };
        let against = |past: u64| -> f32 {
            let Some(from) = self.interactions.column(past).filter(|&from| from != to) else { return 0.0 };
            let dot: f32 =
                self.interactions.columns[to].iter().map(|&(u, w)| w * self.solved[(u, from)]).sum();
            dot / self.diagonal[to]
        };
        history.iter().map(|&(past, strength)| strength * against(past)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_closed_form_over_items() {
        let rows = [vec![(1, 1.0), (2, 0.5)], vec![(2, 1.0), (3, 1.0)], vec![(1, 0.3), (3, 1.0), (4, 1.0)]];
        let interactions = Interactions::of(rows.clone().into_iter());
        let mut y = DMatrix::<f64>::zeros(3, 4);
        for (user, row) in rows.iter().enumerate() {
            row.iter().for_each(|&(item, w)| y[(user, item as usize - 1)] = f64::from(w));
        }
        let ridge = (&y * y.transpose()).trace() * SHRINKAGE;
        let p = (y.transpose() * &y + DMatrix::identity(4, 4) * ridge).try_inverse().unwrap_or_default();
        let ease = Ease::of(interactions).map(|ease| ease.score(3, &[(1, 1.0), (3, 9.0), (2, 0.5)]));
        let expected = -(p[(0, 2)] + 0.5 * p[(1, 2)]) / p[(2, 2)];
        assert!((f64::from(ease.unwrap_or_default()) - expected).abs() < 1e-4, "{ease:?} {expected}");
    }
}
