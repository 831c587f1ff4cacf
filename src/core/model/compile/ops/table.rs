//! The table of operators: name, arity, attributes, builder. To add one, add a builder and a row.
//! The table is the list of what may load: an operator without a row is refused, and its code is not in the
//! module. None has a run-time index or a cost that depends on data.

use super::{arithmetic, layout, matrix, quantize, reduce};
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use tract_core::internal::OutletId;

/// Checks a node, adds what computes it, and gives its output.
pub type Builder = fn(&mut GraphBuilder, &Node) -> Result<OutletId>;

/// The type that an attribute must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    Int,
    Float,
    Ints,
    Tensor,
}

/// A row of the table: an operator that models may use.
pub struct Operator {
    pub name: &'static str,
    /// Least and most inputs.
    pub inputs: (usize, usize),
    pub outputs: usize,
    pub attributes: &'static [(&'static str, Attribute)],
    pub build: Builder,
}

use Attribute::{Float, Int, Ints, Tensor};

const fn row(
    name: &'static str,
    inputs: (usize, usize),
    attributes: &'static [(&'static str, Attribute)],
    build: Builder,
) -> Operator {
    Operator { name, inputs, outputs: 1, attributes, build }
}

/// An operator of several outputs, all of them given: the slots of one node of tract.
const fn several(name: &'static str, inputs: (usize, usize), outputs: usize, build: Builder) -> Operator {
    Operator { name, inputs, outputs, attributes: &[], build }
}

/// ONNX operators of the default domain, opsets 13 to 21.
const TABLE: &[Operator] = &[
    row("Abs", (1, 1), &[], arithmetic::abs),
    row("Add", (2, 2), &[], arithmetic::add),
    row("Cast", (1, 1), &[("to", Int), ("saturate", Int)], quantize::cast),
    row("Clip", (1, 3), &[], arithmetic::clip),
    row("Concat", (1, 64), &[("axis", Int)], layout::concat),
    row("Constant", (0, 0), &[("value", Tensor)], layout::constant),
    row("DequantizeLinear", (2, 3), &[("axis", Int)], quantize::dequantize),
    row("Div", (2, 2), &[], arithmetic::div),
    several("DynamicQuantizeLinear", (1, 1), 3, quantize::dynamic_quantize),
    row("Exp", (1, 1), &[], arithmetic::exp),
    row("Flatten", (1, 1), &[("axis", Int)], layout::flatten),
    row("Gather", (2, 2), &[("axis", Int)], layout::gather),
    row(
        "Gemm",
        (2, 3),
        &[("alpha", Float), ("beta", Float), ("transA", Int), ("transB", Int)],
        matrix::matmul,
    ),
    row("Identity", (1, 1), &[], layout::identity),
    row("Log", (1, 1), &[], arithmetic::log),
    row("MatMul", (2, 2), &[], matrix::matmul),
    row("MatMulInteger", (2, 4), &[], matrix::matmul_integer),
    row("Max", (2, 2), &[], arithmetic::max),
    row("Min", (2, 2), &[], arithmetic::min),
    row("Mul", (2, 2), &[], arithmetic::mul),
    row("Neg", (1, 1), &[], arithmetic::neg),
    row("QuantizeLinear", (2, 3), &[("axis", Int)], quantize::quantize),
    row("ReduceMax", (1, 2), &[("axes", Ints), ("keepdims", Int)], reduce::reduce),
    row("ReduceMean", (1, 2), &[("axes", Ints), ("keepdims", Int)], reduce::reduce),
    row("ReduceSum", (1, 2), &[("axes", Ints), ("keepdims", Int)], reduce::reduce),
    row("Relu", (1, 1), &[], arithmetic::relu),
    row("Reshape", (2, 2), &[("allowzero", Int)], layout::reshape),
    row("Sigmoid", (1, 1), &[], arithmetic::sigmoid),
    row("Softmax", (1, 1), &[("axis", Int)], reduce::softmax),
    row("Sqrt", (1, 1), &[], arithmetic::sqrt),
    row("Squeeze", (1, 2), &[("axes", Ints)], layout::squeeze),
    row("Sub", (2, 2), &[], arithmetic::sub),
    row("Tanh", (1, 1), &[], arithmetic::tanh),
    row("Transpose", (1, 1), &[("perm", Ints)], layout::transpose),
    row("Unsqueeze", (1, 2), &[("axes", Ints)], layout::unsqueeze),
];

/// The row of an operator.
pub fn operator(name: &str) -> Option<&'static Operator> {
    TABLE.iter().find(|operator| operator.name == name)
}

/// Every row, for tests that cover the table.
#[cfg(test)]
pub fn rows() -> Vec<&'static Operator> {
    TABLE.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_table_is_sorted_and_has_no_name_twice() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name));
    }
}
