//! The values that a stage is run with, and the tensors that are made of them.
//! Lengths are checked against the manifest's shapes before a tensor is made.
#![deny(clippy::indexing_slicing)]

use super::manifest::Role;
use crate::error::{Error, Kind, Result};
use tract_core::internal::*;

/// The values of one input, row-major, of the shape that the manifest gives its role; of roles with a row
/// an item, as many rows as are to be computed, at most [`super::Plan::most_rows`].
#[derive(Debug, Clone, Copy)]
pub enum StageInput<'a> {
    /// Token ids.
    Ids(&'a [i64]),
    /// Everything else.
    Floats(&'a [f32]),
}

impl StageInput<'_> {
    /// Number of values.
    pub(super) fn len(&self) -> usize {
        match self {
            StageInput::Ids(ids) => ids.len(),
            StageInput::Floats(floats) => floats.len(),
        }
    }
}

/// The error of a stage that could not be run.
pub(super) fn run_error(label: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelRun, format!("stage.{label}"), what)
}

/// The values of a role, with zeros where they end.
pub(super) fn tensor<'a>(
    label: &str,
    role: Role,
    shape: [usize; 2],
    input: impl Fn(Role) -> Option<StageInput<'a>>,
) -> Result<TValue> {
    let given = input(role).ok_or_else(|| run_error(label, format!("no values for {}", role.name())))?;
    let tensor = match given {
        StageInput::Ids(ids) => padded(shape, ids),
        StageInput::Floats(floats) => padded(shape, floats),
    };
    Ok(tensor.map_err(|e| run_error(label, format!("{}: {e}", role.name())))?.into())
}

/// A tensor of these values, with zeros where they end.
fn padded<T: Datum + Copy + Default>(shape: [usize; 2], values: &[T]) -> TractResult<Tensor> {
    let [rows, width] = shape;
    let length = rows * width;
    if values.len() >= length {
        return Tensor::from_shape(&shape, values.get(..length).unwrap_or_default());
    }
    let mut whole = values.to_vec();
    whole.resize(length, T::default());
    Tensor::from_shape(&shape, &whole)
}
