//! The product of two matrices of f32 that are both computed at run time, batches in front.
//! The right one is packed at each run, which takes little time against the product itself.

use super::epilogue::{Epilogue, Output};
use super::f32_layers::{LayerChain, run_chains};
use super::lanes::Native;
use super::operator::{operator, shape_of};
use super::packed::PackedWeights;
use tract_core::internal::*;

/// ONNX's MatMul; the same bits on every host. Either side may lack the batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatMul {
    /// Which of the two comes with its last two axes swapped.
    pub transposed: [bool; 2],
}

struct Sizes {
    shape: TVec<usize>,
    rows: usize,
    terms: usize,
    columns: usize,
}

impl MatMul {
    fn sizes(&self, left: &[usize], right: &[usize]) -> TractResult<Sizes> {
        let matrix = |shape: &[usize], transposed: bool| {
            let (&[.., first, second], batches) = (shape, shape.len().saturating_sub(2)) else { return None };
            let (rows, columns) = if transposed { (second, first) } else { (first, second) };
            Some((rows, columns, batches))
        };
        let (rows, terms, left_rank) = matrix(left, self.transposed[0]).context("not a matrix")?;
        let (inner, columns, right_rank) = matrix(right, self.transposed[1]).context("not a matrix")?;
        ensure!(terms == inner, "{terms} and {inner} terms");
        let batches = if left_rank > 0 { left.get(..left_rank) } else { right.get(..right_rank) };
        let mut shape: TVec<usize> = batches.unwrap_or_default().iter().copied().collect();
        shape.extend([rows, columns]);
        Ok(Sizes { shape, rows, terms, columns })
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(f32::fact(self.sizes(shape_of(inputs, 0)?, shape_of(inputs, 1)?)?.shape))
    }

    fn run(&self, inputs: TVec<TValue>) -> TractResult<TValue> {
        let [left, right] = inputs.as_slice() else { bail!("not two matrices") };
        let Sizes { shape, rows, terms, columns } = self.sizes(left.shape(), right.shape())?;
        let (left, right) = (left.try_as_plain_ram()?, right.try_as_plain_ram()?);
        let mut output = Tensor::zero::<f32>(&shape)?;
        let mut view = output.try_as_plain_ram_mut()?;
        // A side without batches is the same one for all.
        let mut lefts = left.as_slice::<f32>()?.chunks_exact((rows * terms).max(1)).cycle();
        let mut rights = right.as_slice::<f32>()?.chunks_exact((terms * columns).max(1)).cycle();
        for to in view.as_slice_mut::<f32>()?.chunks_exact_mut((rows * columns).max(1)) {
            let (left, right) = lefts.next().zip(rights.next()).context("no matrices")?;
            let packed = if self.transposed[1] {
                PackedWeights::from_f32(terms, columns, |t, c| {
                    right.get(c * terms + t).copied().unwrap_or_default()
                })
            } else {
                PackedWeights::from_f32_rows(terms, columns, right)
            };
            let epilogue = Epilogue { scale: None, bias: None, relu: false };
            let mut chain = [LayerChain { hidden: &[], weights: &packed, epilogue, output: Output::F32(to) }];
            if self.transposed[0] {
                let places = (0..rows).flat_map(|row| (0..terms).map(move |term| term * rows + row));
                let left: Vec<f32> = places.map(|at| left.get(at).copied().unwrap_or_default()).collect();
                run_chains::<Native>(&left, &mut chain);
            } else {
                run_chains::<Native>(left, &mut chain);
            }
        }
        Ok(output.into_tvalue())
    }
}

operator!(MatMul, "MatMul");
