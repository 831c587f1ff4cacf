//! In: tensors of f32 that broadcast. Out: element-wise results.
//! ONNX's Add, Sub, Mul, Div, Max, Min and the unary functions.
//! Must never take another element type: quantised tensors go through `quantised`.

use super::{Node, Wiring};
use crate::error::Result;
use crate::model::kernels::{Binary, Unary};
use tract_core::internal::*;

pub(super) fn floats(wiring: &Wiring, node: &Node, inputs: &[OutletId]) -> Result<()> {
    for &input in inputs {
        let element = wiring.element(input)?;
        if element != f32::datum_type() {
            return Err(node.refuse(format!("takes f32, not {element:?}")));
        }
    }
    Ok(())
}

fn binary(wiring: &mut Wiring, node: &Node, op: Binary) -> Result<OutletId> {
    let inputs = [node.input(0)?, node.input(1)?];
    floats(wiring, node, &inputs)?;
    wiring.binary(node.name(), op, inputs)
}

fn unary(wiring: &mut Wiring, node: &Node, op: Unary) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    wiring.wire(node.name(), op, &[input])
}

pub(super) fn add(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    match wiring.biased(node)? {
        Some(layer) => Ok(layer),
        None => binary(wiring, node, Binary::Add),
    }
}

pub(super) fn mul(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    if let Some(layer) = wiring.scaled(node)? {
        return Ok(layer);
    }
    let product = binary(wiring, node, Binary::Mul)?;
    wiring.note_factor(node, product)?;
    wiring.note_products(node, product)?;
    wiring.note_scaled_rows(node, product);
    Ok(product)
}

macro_rules! operators {
    ($($name:ident = $shape:ident($op:expr)),+ $(,)?) => {
        $(pub(super) fn $name(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
            $shape(wiring, node, $op)
        })+
    };
}

operators! {
    sub = binary(Binary::Sub),
    div = binary(Binary::Div),
    max = binary(Binary::Max),
    min = binary(Binary::Min),
    abs = unary(Unary::Abs),
    exp = unary(Unary::Exp),
    log = unary(Unary::Log),
    neg = unary(Unary::Neg),
    sqrt = unary(Unary::Sqrt),
    tanh = unary(Unary::Tanh),
    sigmoid = unary(Unary::Sigmoid),
}

pub(super) fn relu(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    if let Some(layer) = wiring.rectified(node)? {
        return Ok(layer);
    }
    unary(wiring, node, Unary::Relu)
}

pub(super) fn clip(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let mut value = node.input(0)?;
    for (index, op) in [(1, Binary::Max), (2, Binary::Min)] {
        let Some(bound) = node.optional(index) else { continue };
        floats(wiring, node, &[value, bound])?;
        if wiring.shape(bound)?.iter().any(|&d| d != 1) {
            return Err(node.refuse("bounds must be scalars"));
        }
        value = wiring.binary(node.name(), op, [value, bound])?;
    }
    Ok(value)
}
