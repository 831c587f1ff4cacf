//! In: two sets of vectors of the same items. Out: the rotation that brings one onto the other.
//! Orthogonal Procrustes (Schönemann 1966): with `FᵀW·T = U·S·Vᵀ`, the rotation is `U·Vᵀ`. It never stretches:
//! dot products between the turned vectors stay what they were.

use nalgebra::DMatrix;

/// The rotation `R` that makes the rows of `from · R` closest to those of `onto`.
pub fn rotation(from: &DMatrix<f32>, onto: &DMatrix<f32>) -> DMatrix<f32> {
    let cross = from.transpose() * onto;
    let width = cross.nrows();
    let svd = cross.svd(true, true);
    match (svd.u, svd.v_t) {
        (Some(u), Some(v)) => u * v,
        _ => DMatrix::identity(width, width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_copy_is_turned_back() {
        let original = DMatrix::from_fn(20, 3, |r, c| ((r * 7 + c * 5) % 11) as f32 - 5.0);
        let (s, c) = 0.7f32.sin_cos();
        let turn = DMatrix::from_row_slice(3, 3, &[c, -s, 0.0, s, c, 0.0, 0.0, 0.0, -1.0]);
        let turned = &original * turn;
        let back = &turned * rotation(&turned, &original);
        assert!((back - original).abs().max() < 1e-4);
    }
}
