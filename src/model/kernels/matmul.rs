//! In: two matrices of f32 that are both computed at run time. Out: their product.
//! The right one is packed at each run, which is little against the product itself.
//! Must never meet matrices that do not multiply: wiring checks it.

use super::lanes::Native;
use super::product::{self, Finish, Packed, Target};
use tract_onnx::tract_core::internal::*;

/// ONNX's MatMul of rank 2; the same bits on every host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatMul {
    /// Whether the right matrix comes as `[columns, terms]`.
    pub transposed: bool,
}

impl MatMul {
    fn sizes(&self, left: &[usize], right: &[usize]) -> TractResult<[usize; 3]> {
        let (&[rows, terms], &[first, second]) = (left, right) else { bail!("matrices of another rank") };
        let (inner, columns) = if self.transposed { (second, first) } else { (first, second) };
        ensure!(terms == inner, "{terms} and {inner} terms");
        Ok([rows, terms, columns])
    }
}

impl Op for MatMul {
    fn name(&self) -> StaticName {
        "MatMul".into()
    }

    op_as_typed_op!();
}

impl EvalOp for MatMul {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let [left, right] = inputs.as_slice() else { bail!("not two matrices") };
        let [rows, terms, columns] = self.sizes(left.shape(), right.shape())?;
        let (left, right) = (left.try_as_plain_ram()?, right.try_as_plain_ram()?);
        let values = right.as_slice::<f32>()?;
        let packed = if self.transposed {
            Packed::floats(terms, columns, |t, c| values.get(c * terms + t).copied().unwrap_or_default())
        } else {
            Packed::rows(terms, columns, values)
        };
        let mut output = Tensor::zero::<f32>(&[rows, columns])?;
        let mut view = output.try_as_plain_ram_mut()?;
        let finish = Finish { scale: None, bias: None, relu: false };
        product::floats::<Native>(left.as_slice()?, &packed, finish, Target::Floats(view.as_slice_mut()?));
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for MatMul {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let [left, right] = inputs else { bail!("not two matrices") };
        let shapes = (left.shape.as_concrete(), right.shape.as_concrete());
        let [rows, _, columns] =
            self.sizes(shapes.0.context("an open shape")?, shapes.1.context("an open shape")?)?;
        Ok(tvec!(f32::fact([rows, columns])))
    }

    as_op!();
}
