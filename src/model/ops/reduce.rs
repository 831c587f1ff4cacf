//! In: a tensor of f32 and constant axes. Out: its sums, means, maxima, or softmax.
//! A mean is a sum times a constant.
//! Must never reduce over an axis of length 0.

use super::arithmetic::floats;
use super::{Node, Wiring, layout};
use crate::error::Result;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::math;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer, Softmax, SoftmaxKind};

pub(super) fn sum(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    reduced(wiring, node, Reducer::Sum, false)
}

pub(super) fn mean(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    reduced(wiring, node, Reducer::Sum, true)
}

pub(super) fn max(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    reduced(wiring, node, Reducer::Max, false)
}

fn reduced(wiring: &mut Wiring, node: &Node, reducer: Reducer, mean: bool) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    let shape = wiring.shape(input)?;
    let axes = layout::axes(wiring, node, shape.len())?
        .filter(|axes| !axes.is_empty())
        .unwrap_or_else(|| (0..shape.len()).collect());
    let count: usize = axes.iter().map(|&axis| shape[axis]).product();
    if count == 0 {
        return Err(node.refuse(format!("reduces an empty axis of {shape:?}")));
    }
    if axes.is_empty() {
        return Ok(input);
    }
    wiring.spend(node.name(), shape.iter().map(|&d| d as u64).product())?;
    if reducer == Reducer::Sum
        && !mean
        && axes == [1]
        && node.int("keepdims", 1) == 0
        && let Some(bag) = wiring.bag(node)?
    {
        return Ok(bag);
    }
    let mut outlet =
        wiring.wire(node.name(), Reduce::new(axes.iter().copied().collect(), reducer), &[input])?;
    if mean {
        let factor = wiring.constant("mean", tensor0(1.0 / count as f32))?;
        let inputs = wiring.broadcast(node.name(), &[outlet, factor])?;
        outlet = wiring.wire(node.name(), math::mul(), &inputs)?;
    }
    if node.int("keepdims", 1) == 0 {
        for &axis in axes.iter().rev() {
            outlet = wiring.wire(node.name(), AxisOp::Rm(axis), &[outlet])?;
        }
    }
    Ok(outlet)
}

pub(super) fn softmax(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    let shape = wiring.shape(input)?;
    let axis = node.axis(node.int("axis", -1), shape.len())?;
    let op = Softmax { axes: tvec!(axis), quant_output_dt: None, kind: SoftmaxKind::Softmax };
    wiring.wire(node.name(), op, &[input])
}
