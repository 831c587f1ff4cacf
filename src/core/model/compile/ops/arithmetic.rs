//! Add, Sub, Mul, Div, Max, Min, Clip and the functions of one tensor: element-wise, of f32 alone.
//! Shapes broadcast as ONNX says; other element types are refused with the node's name.

use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::kernels::{Binary, Unary};
use tract_core::internal::*;

/// Refuses a node whose inputs are not all f32.
pub fn require_f32(graph: &GraphBuilder, node: &Node, inputs: &[OutletId]) -> Result<()> {
    for &input in inputs {
        let element = graph.element(input)?;
        if element != f32::datum_type() {
            return Err(node.refuse(format!("takes f32, not {element:?}")));
        }
    }
    Ok(())
}

fn binary(graph: &mut GraphBuilder, node: &Node, op: Binary) -> Result<OutletId> {
    let inputs = [node.input(0)?, node.input(1)?];
    require_f32(graph, node, &inputs)?;
    graph.add_binary(node.name(), op, inputs)
}

fn unary(graph: &mut GraphBuilder, node: &Node, op: Unary) -> Result<OutletId> {
    let input = node.input(0)?;
    require_f32(graph, node, &[input])?;
    graph.add_op(node.name(), op, &[input])
}

macro_rules! operators {
    ($($name:ident = $shape:ident($op:expr)),+ $(,)?) => {
        $(pub fn $name(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
            $shape(graph, node, $op)
        })+
    };
}

operators! {
    add = binary(Binary::Add),
    sub = binary(Binary::Sub),
    mul = binary(Binary::Mul),
    div = binary(Binary::Div),
    max = binary(Binary::Max),
    min = binary(Binary::Min),
    abs = unary(Unary::Abs),
    exp = unary(Unary::Exp),
    log = unary(Unary::Log),
    neg = unary(Unary::Neg),
    relu = unary(Unary::Relu),
    sqrt = unary(Unary::Sqrt),
    tanh = unary(Unary::Tanh),
    sigmoid = unary(Unary::Sigmoid),
}

pub fn clip(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let mut value = node.input(0)?;
    for (index, op) in [(1, Binary::Max), (2, Binary::Min)] {
        let Some(bound) = node.optional(index) else { continue };
        require_f32(graph, node, &[value, bound])?;
        if graph.shape(bound)?.iter().any(|&d| d != 1) {
            return Err(node.refuse("bounds must be scalars"));
        }
        value = graph.add_binary(node.name(), op, [value, bound])?;
    }
    Ok(value)
}
