//! In: [`Interactions`]. Out: a short vector an item, whose dot products say what is picked together.
//! The truncated, shrunken hat matrix `Yᵀ(Y·Yᵀ + λI)⁻¹Y` of ridge regression: `v = Yᵀu / sqrt(w + λ)`
//! with the leading eigenpairs `(w, u)` of `Y·Yᵀ`.

use crate::data::collaborative::interactions::Interactions;
use nalgebra::{DMatrix, SymmetricEigen};

/// λ is this share of the trace of `Y·Yᵀ`; chosen on cross-fitted train users.
const SHRINKAGE: f64 = 1.0 / 140.0;

/// Vectors of `width` numbers, one row an item of `interactions`; columns beyond the rank are zero.
pub fn vectors(interactions: &Interactions, width: usize) -> DMatrix<f32> {
    let gram = interactions.gram();
    let ridge = gram.trace() * SHRINKAGE;
    let mut vectors = DMatrix::zeros(interactions.items().len(), width);
    if ridge <= 0.0 {
        return vectors;
    }
    let eigen = SymmetricEigen::new(gram);
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    for (to, &from) in order.iter().take(width).enumerate() {
        let value = eigen.eigenvalues[from];
        if value <= 1e-9 {
            break;
        }
        let scale = 1.0 / (value + ridge).sqrt();
        let basis = eigen.eigenvectors.column(from);
        // An eigenvector's sign is arbitrary: its largest number is made positive.
        let peak = basis.iter().fold(0.0f64, |peak, &x| if x.abs() > peak.abs() { x } else { peak });
        let scale = scale * peak.signum();
        for (row, column) in interactions.columns.iter().enumerate() {
            let sum: f64 = column.iter().map(|&(user, weight)| f64::from(weight) * basis[user]).sum();
            vectors[(row, to)] = (sum * scale) as f32;
        }
    }
    vectors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_picked_together_have_vectors_that_agree() {
        let taste = |items: [u64; 3]| items.map(|item| (item, 1.0)).to_vec();
        let users = (0..12).map(|user| if user % 2 == 0 { taste([1, 2, 3]) } else { taste([7, 8, 9]) });
        let interactions = Interactions::of(users);
        let vectors = vectors(&interactions, 4);
        let dot = |a: u64, b: u64| {
            let row = |item| vectors.row(interactions.column(item).unwrap_or_default());
            row(a).dot(&row(b))
        };
        assert!(dot(1, 2) > 0.1 && dot(7, 9) > 0.1, "{vectors}");
        assert!(dot(1, 7).abs() < 1e-4, "{vectors}");
        assert!(vectors.column(3).iter().all(|&x| x.abs() < 1e-3), "rank 2 leaves the rest empty");
    }

    #[test]
    fn nobody_gives_nothing() {
        assert_eq!(vectors(&Interactions::of(std::iter::empty()), 4).len(), 0);
    }
}
