//! Element-wise operators of one tensor of f32, or of two that broadcast as in numpy.
//! An operand's memory becomes the result where it has the right shape and no other reader.

use super::exp::exp;
use super::lanes::Native;
use super::operator::{operator, shape_of};
use tract_core::internal::*;

/// An operator of two tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    /// The other one where one is NaN, as `f32::max`.
    Max,
    /// The other one where one is NaN, as `f32::min`.
    Min,
}

/// An operator of one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    Abs,
    Exp,
    Log,
    Neg,
    /// 0 where the value is NaN.
    Relu,
    Sigmoid,
    Sqrt,
    Tanh,
}

/// The shape that two shapes broadcast to; `None` if they do not.
pub fn broadcast(left: &[usize], right: &[usize]) -> Option<TVec<usize>> {
    let rank = left.len().max(right.len());
    let dim = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).and_then(|own| shape.get(own)).copied().unwrap_or(1)
    };
    (0..rank)
        .map(|axis| match (dim(left, axis), dim(right, axis)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

/// How an operand of another shape is read along a result, run by run.
struct Walk {
    /// Elements of a run of the result.
    run: usize,
    /// Whether the operand has an element for each of a run; else it has one for all of them.
    along: bool,
    /// Extent and stride of what lies outside a run, the innermost first.
    outer: TVec<(usize, usize)>,
}

impl Walk {
    fn new(shape: &[usize], operand: &[usize]) -> Walk {
        let mut axes: TVec<(usize, usize)> = tvec!();
        let mut stride = 1;
        for (back, &extent) in shape.iter().rev().enumerate() {
            let own = operand.len().checked_sub(back + 1).and_then(|axis| operand.get(axis)).copied();
            let own = own.unwrap_or(1);
            let step = if own == 1 { 0 } else { stride };
            stride *= own;
            match axes.last_mut() {
                _ if extent == 1 => {}
                Some((inner, of_inner)) if step == *of_inner * *inner => *inner *= extent,
                _ => axes.push((extent, step)),
            }
        }
        // Within the innermost axis an operand's elements lie side by side, or it has one.
        let (run, step) = if axes.is_empty() { (1, 0) } else { axes.remove(0) };
        Walk { run, along: step == 1, outer: axes }
    }

    /// Where the operand is at the start of a run.
    fn start(&self, mut run: usize) -> usize {
        let mut at = 0;
        for &(extent, stride) in &self.outer {
            at += run % extent * stride;
            run /= extent;
        }
        at
    }

    /// `to[i] = f(to[i], from[i])` for every element.
    fn apply(&self, to: &mut [f32], from: &[f32], f: impl Fn(f32, f32) -> f32) {
        for (index, to) in to.chunks_exact_mut(self.run).enumerate() {
            let from = from.get(self.start(index)..).unwrap_or_default();
            if self.along {
                to.iter_mut().zip(from).for_each(|(to, &from)| *to = f(*to, from));
            } else if let Some(&from) = from.first() {
                to.iter_mut().for_each(|to| *to = f(*to, from));
            }
        }
    }
}

impl Binary {
    fn apply(self, walk: &Walk, to: &mut [f32], from: &[f32], swapped: bool) {
        match (self, swapped) {
            (Binary::Add, _) => walk.apply(to, from, |a, b| a + b),
            (Binary::Mul, _) => walk.apply(to, from, |a, b| a * b),
            (Binary::Sub, false) => walk.apply(to, from, |a, b| a - b),
            (Binary::Sub, true) => walk.apply(to, from, |a, b| b - a),
            (Binary::Div, false) => walk.apply(to, from, |a, b| a / b),
            (Binary::Div, true) => walk.apply(to, from, |a, b| b / a),
            (Binary::Max, _) => walk.apply(to, from, |a, b| if a > b || b.is_nan() { a } else { b }),
            (Binary::Min, _) => walk.apply(to, from, |a, b| if a < b || b.is_nan() { a } else { b }),
        }
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let shape = broadcast(shape_of(inputs, 0)?, shape_of(inputs, 1)?);
        Ok(f32::fact(shape.context("shapes that do not broadcast")?))
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        let (Some(right), Some(left)) = (inputs.pop(), inputs.pop()) else { bail!("not two operands") };
        let shape = broadcast(left.shape(), right.shape()).context("shapes that do not broadcast")?;
        let (to, from, swapped) = if *left.shape() == *shape {
            (left.into_tensor(), right, false)
        } else if *right.shape() == *shape {
            (right.into_tensor(), left, true)
        } else {
            let mut wide = Tensor::zero::<f32>(&shape)?;
            let walk = Walk::new(&shape, left.shape());
            let mut view = wide.try_as_plain_ram_mut()?;
            walk.apply(view.as_slice_mut()?, left.try_as_plain_ram()?.as_slice()?, |_, from| from);
            (wide, right, false)
        };
        let mut to = to;
        let walk = Walk::new(&shape, from.shape());
        let mut view = to.try_as_plain_ram_mut()?;
        self.apply(&walk, view.as_slice_mut()?, from.try_as_plain_ram()?.as_slice()?, swapped);
        Ok(to.into_tvalue())
    }
}

impl Unary {
    fn apply(self, values: &mut [f32]) {
        let each = |values: &mut [f32], f: fn(f32) -> f32| values.iter_mut().for_each(|v| *v = f(*v));
        match self {
            Unary::Exp => exp::<Native>(values),
            Unary::Sigmoid => {
                values.iter_mut().for_each(|v| *v = -*v);
                exp::<Native>(values);
                values.iter_mut().for_each(|v| *v = 1.0 / (1.0 + *v));
            }
            Unary::Relu => values.iter_mut().for_each(|v| *v = if *v > 0.0 { *v } else { 0.0 }),
            Unary::Sqrt => values.iter_mut().for_each(|v| *v = v.sqrt()),
            Unary::Abs => each(values, f32::abs),
            Unary::Neg => each(values, |v| -v),
            Unary::Log => each(values, libm::logf),
            Unary::Tanh => each(values, libm::tanhf),
        }
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(f32::fact(shape_of(inputs, 0)?))
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        // Takes the memory of the input if it has no other reader, else copies it.
        let mut values = inputs.pop().context("no input")?.into_tensor();
        self.apply(values.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        Ok(values.into_tvalue())
    }
}

operator!(Binary, "Binary");
operator!(Unary, "Unary");
