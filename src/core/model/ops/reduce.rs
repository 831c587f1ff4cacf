//! In: a tensor of f32 and constant axes. Out: its sums, means, maxima, or softmax.
//! A mean is a sum times a constant.
//! Must never reduce over an axis of length 0.

use super::arithmetic::floats;
use super::{Node, Wiring, layout};
use crate::error::Result;
use crate::model::kernels::{Binary, Reduce, Reducer, Softmax};
use tract_core::internal::*;

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
    let mut outlet = input;
    if let Some(factors) = wiring.products(node)?.filter(|_| axes == [1]) {
        outlet = wiring.wire(node.name(), Reduce { axis: 1, reducer, products: true }, &factors)?;
    } else {
        for &axis in axes.iter().rev() {
            outlet = wiring.wire(node.name(), Reduce { axis, reducer, products: false }, &[outlet])?;
        }
    }
    if mean {
        let factor = wiring.constant("mean", tensor0(1.0 / count as f32))?;
        outlet = wiring.binary(node.name(), Binary::Mul, [outlet, factor])?;
    }
    if node.int("keepdims", 1) == 0 {
        let mut kept = shape;
        for &axis in axes.iter().rev() {
            kept.remove(axis);
        }
        outlet = layout::reshaped(wiring, node, outlet, &kept)?;
    }
    Ok(outlet)
}

pub(super) fn softmax(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    let shape = wiring.shape(input)?;
    let axis = node.axis(node.int("axis", -1), shape.len())?;
    wiring.wire(node.name(), Softmax { axis }, &[input])
}
