//! Layers of f32 that read the same rows, as one operator with an output for each.
//! The rows are transposed into tiles once for all of them, not once a layer.

use super::dense::Dense;
use super::operator::{rest_of_op, rest_of_typed_op};
use tract_core::internal::*;

/// Layers of f32 over the same rows, at least two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedInputDense(pub Vec<Dense>);

impl Op for SharedInputDense {
    fn name(&self) -> StaticName {
        "SharedInputDense".into()
    }

    rest_of_op!();
}

impl EvalOp for SharedInputDense {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let layers: Vec<&Dense> = self.0.iter().collect();
        Dense::run_f32(&layers, inputs.first().context("no rows")?)
    }
}

impl TypedOp for SharedInputDense {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut facts = tvec!();
        for layer in &self.0 {
            facts.push(layer.fact(inputs)?);
        }
        Ok(facts)
    }

    rest_of_typed_op!();
}
