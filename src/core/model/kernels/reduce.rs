//! Sums, maxima and softmax of f32 along one axis, which is not empty.
//! Sums along the last axis are added up in four lanes, in the same order on every host.

use super::exp::exp;
use super::lanes::Native;
use super::operator::{operator, shape_of};
use tract_core::internal::*;

/// Sum or maximum along an axis, which stays as one of length 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduce {
    pub axis: usize,
    pub reduction: Reduction,
    /// Whether the values are products with a second tensor, which has the same shape or is one line along
    /// the last axis; the axis then is the last one.
    pub products: bool,
}

/// What becomes of the values along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    Sum,
    /// NaN is ignored.
    Max,
}

/// `e^(x - max) / Σ e^(x - max)` along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Softmax {
    pub axis: usize,
}

/// Length of an axis, and number of elements within one step of it.
fn along(shape: &[usize], axis: usize) -> TractResult<(usize, usize)> {
    let length = *shape.get(axis).context("no such axis")?;
    Ok((length, shape.get(axis + 1..).unwrap_or_default().iter().product()))
}

fn sum(values: &[f32]) -> f32 {
    let (fours, rest) = values.as_chunks::<4>();
    let add = |[a, b, c, d]: [f32; 4], four: &[f32; 4]| [a + four[0], b + four[1], c + four[2], d + four[3]];
    let [a, b, c, d] = fours.iter().fold([0.0; 4], add);
    rest.iter().fold((a + b) + (c + d), |sum, &value| sum + value)
}

fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

fn max(values: &[f32]) -> f32 {
    let (fours, rest) = values.as_chunks::<4>();
    let least = [f32::NEG_INFINITY; 4];
    let each = |[a, b, c, d]: [f32; 4], four: &[f32; 4]| {
        [larger(a, four[0]), larger(b, four[1]), larger(c, four[2]), larger(d, four[3])]
    };
    let [a, b, c, d] = fours.iter().fold(least, each);
    rest.iter().fold(larger(larger(a, b), larger(c, d)), |max, &value| larger(max, value))
}

impl Reduce {
    fn shape(&self, shape: &[usize]) -> TractResult<TVec<usize>> {
        let mut shape: TVec<usize> = shape.iter().copied().collect();
        *shape.get_mut(self.axis).context("no such axis")? = 1;
        Ok(shape)
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(f32::fact(self.shape(shape_of(inputs, 0)?)?))
    }

    fn run(&self, inputs: TVec<TValue>) -> TractResult<TValue> {
        let input = inputs.first().context("no input")?;
        let (length, within) = along(input.shape(), self.axis)?;
        let mut output = Tensor::zero::<f32>(&self.shape(input.shape())?)?;
        let from = input.try_as_plain_ram()?;
        let mut view = output.try_as_plain_ram_mut()?;
        let (from, to) = (from.as_slice::<f32>()?, view.as_slice_mut::<f32>()?);
        let line = if self.reduction == Reduction::Sum { sum } else { max };
        if self.products {
            let factors = inputs.get(1).context("no factors")?.try_as_plain_ram()?;
            let mut factors = factors.as_slice::<f32>()?.chunks_exact(length.max(1)).cycle();
            let mut products = vec![0.0; length];
            for (to, from) in to.iter_mut().zip(from.chunks_exact(length.max(1))) {
                let factors = factors.next().context("no factors")?;
                products.iter_mut().zip(from).zip(factors).for_each(|((to, a), b)| *to = a * b);
                *to = line(&products);
            }
        } else if within == 1 {
            to.iter_mut().zip(from.chunks_exact(length.max(1))).for_each(|(to, from)| *to = line(from));
        } else {
            self.outer_axis(from, to, length, within);
        }
        Ok(output.into_tvalue())
    }

    /// Along an axis that is not the last one: adds whole rows of `within` elements.
    fn outer_axis(&self, from: &[f32], to: &mut [f32], length: usize, within: usize) {
        let blocks = from.chunks_exact((length * within).max(1));
        for (to, from) in to.chunks_exact_mut(within.max(1)).zip(blocks) {
            let mut rows = from.chunks_exact(within.max(1));
            if let Some(first) = rows.next() {
                to.copy_from_slice(first);
            }
            for row in rows {
                let pairs = to.iter_mut().zip(row);
                match self.reduction {
                    Reduction::Sum => pairs.for_each(|(to, &value)| *to += value),
                    Reduction::Max => pairs.for_each(|(to, &value)| *to = larger(*to, value)),
                }
            }
        }
    }
}

fn softmax(values: &mut [f32]) {
    let max = max(values);
    values.iter_mut().for_each(|value| *value -= max);
    exp::<Native>(values);
    let sum = sum(values);
    values.iter_mut().for_each(|value| *value /= sum);
}

impl Softmax {
    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(f32::fact(shape_of(inputs, 0)?))
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        let mut values = inputs.pop().context("no input")?.into_tensor();
        let (length, within) = along(values.shape(), self.axis)?;
        let mut view = values.try_as_plain_ram_mut()?;
        let all = view.as_slice_mut::<f32>()?;
        let mut line = vec![0f32; length];
        for block in all.chunks_exact_mut((length * within).max(1)) {
            if within == 1 {
                softmax(block);
                continue;
            }
            for column in 0..within {
                let places = || (column..).step_by(within);
                line.iter_mut()
                    .zip(places())
                    .for_each(|(to, at)| *to = block.get(at).copied().unwrap_or(0.0));
                softmax(&mut line);
                for (&value, at) in line.iter().zip(places()) {
                    block.get_mut(at).into_iter().for_each(|to| *to = value);
                }
            }
        }
        Ok(values.into_tvalue())
    }
}

operator!(Reduce, "Reduce");
operator!(Softmax, "Softmax");
