//! In: tensors of f32 that broadcast. Out: element-wise results.
//! ONNX's Add, Sub, Mul, Div, Max, Min and the unary functions.
//! Must never take another element type: quantised tensors go through `quantised`.

use super::{Node, Wiring};
use crate::error::Result;
use crate::model::kernels::Exp;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::{element_wise::ElementWiseOp, math, nn};

pub(super) fn floats(wiring: &Wiring, node: &Node, inputs: &[OutletId]) -> Result<()> {
    for &input in inputs {
        let element = wiring.element(input)?;
        if element != f32::datum_type() {
            return Err(node.refuse(format!("takes f32, not {element:?}")));
        }
    }
    Ok(())
}

fn binary(wiring: &mut Wiring, node: &Node, op: TypedBinOp) -> Result<OutletId> {
    let inputs = [node.input(0)?, node.input(1)?];
    floats(wiring, node, &inputs)?;
    let inputs = wiring.broadcast(node.name(), &inputs)?;
    wiring.wire(node.name(), op, &inputs)
}

fn unary(wiring: &mut Wiring, node: &Node, op: ElementWiseOp) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    wiring.wire(node.name(), op, &[input])
}

pub(super) fn add(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    match wiring.biased(node)? {
        Some(layer) => Ok(layer),
        None => binary(wiring, node, math::add()),
    }
}

pub(super) fn mul(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    if let Some(layer) = wiring.scaled(node)? {
        return Ok(layer);
    }
    let product = binary(wiring, node, math::mul())?;
    wiring.note_factor(node, product)?;
    wiring.note_scaled_rows(node, product);
    Ok(product)
}

pub(super) fn exp(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    wiring.wire(node.name(), Exp, &[input])
}

macro_rules! operators {
    ($($name:ident = $shape:ident($op:expr)),+ $(,)?) => {
        $(pub(super) fn $name(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
            $shape(wiring, node, $op)
        })+
    };
}

operators! {
    sub = binary(math::sub()),
    div = binary(math::div()),
    max = binary(math::max()),
    min = binary(math::min()),
    abs = unary(math::abs()),
    log = unary(math::ln()),
    neg = unary(math::neg()),
    sqrt = unary(math::sqrt()),
    tanh = unary(math::tanh()),
    sigmoid = unary(nn::sigmoid()),
}

pub(super) fn relu(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    if let Some(layer) = wiring.rectified(node)? {
        return Ok(layer);
    }
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    let zero = wiring.constant("zero", tensor0(0f32))?;
    let inputs = wiring.broadcast(node.name(), &[input, zero])?;
    wiring.wire(node.name(), math::max(), &inputs)
}

pub(super) fn clip(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let mut value = node.input(0)?;
    for (index, op) in [(1, math::max as fn() -> TypedBinOp), (2, math::min)] {
        let Some(bound) = node.optional(index) else { continue };
        floats(wiring, node, &[value, bound])?;
        if wiring.shape(bound)?.iter().any(|&d| d != 1) {
            return Err(node.refuse("bounds must be scalars"));
        }
        let inputs = wiring.broadcast(node.name(), &[value, bound])?;
        value = wiring.wire(node.name(), op(), &inputs)?;
    }
    Ok(value)
}
