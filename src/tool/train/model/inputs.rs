//! What a list is to the model: [`ListInputs`], in whatever values a backend computes with.
//! The formulas take tensors from candle and names of ONNX values alike.

use candle_core::{Device, Result, Tensor};

/// The inputs of one list: `n` candidates, `D` numbers of a vector, `F` features, `L` rows of history.
#[derive(Clone)]
pub struct ListInputs<V> {
    /// `[n, D]`.
    pub item: V,
    /// `[n, F]`.
    pub dense: V,
    /// `[L, D]`, newest first, zero rows at the end.
    pub history: V,
    /// `[L, 3]`.
    pub actions: V,
}

/// A matrix `[rows, columns]` of `values(row, column)`.
pub fn matrix(rows: usize, columns: usize, values: impl Fn(usize, usize) -> f32) -> Result<Tensor> {
    let data: Vec<f32> =
        (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))).map(|(r, c)| values(r, c)).collect();
    Tensor::from_vec(data, (rows, columns), &Device::Cpu)
}
