//! ReduceSum, ReduceMean, ReduceMax and Softmax of f32, along constant axes of at least one element.
//! A mean is a sum times a constant. [`Reducing`] is what the fusions of sums start from.

use super::arithmetic::require_f32;
use super::layout;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::kernels::{Binary, Reduce, Reduction, Softmax};
use tract_core::internal::*;

/// A checked reduction.
pub struct Reducing {
    pub input: OutletId,
    pub reduction: Reduction,
    /// Ascending; empty for a scalar.
    pub axes: Vec<usize>,
    /// Whether the axes stay, each of length 1.
    pub keep_axes: bool,
    /// Whether the sum is divided by the number of values.
    pub mean: bool,
    shape: Vec<usize>,
    /// Values that one value of the output is made of.
    count: usize,
}

impl Reducing {
    /// Checks a node.
    pub fn of(graph: &GraphBuilder, node: &Node) -> Result<Reducing> {
        let input = node.input(0)?;
        require_f32(graph, node, &[input])?;
        let shape = graph.shape(input)?;
        let axes = layout::axes(graph, node, shape.len())?
            .filter(|axes| !axes.is_empty())
            .unwrap_or_else(|| (0..shape.len()).collect());
        let count: usize = axes.iter().filter_map(|&axis| shape.get(axis)).product();
        if count == 0 {
            return Err(node.refuse(format!("reduces an empty axis of {shape:?}")));
        }
        let reduction = if node.op() == "ReduceMax" { Reduction::Max } else { Reduction::Sum };
        let keep_axes = node.int("keepdims", 1) != 0;
        Ok(Reducing { input, reduction, axes, keep_axes, mean: node.op() == "ReduceMean", shape, count })
    }

    /// Counts the additions, before the operator is added.
    pub fn spend(&self, graph: &mut GraphBuilder, node: &Node) -> Result<()> {
        graph.count_macs(node.name(), self.shape.iter().map(|&d| d as u64).product())
    }

    /// Makes a mean of the sum, and drops the axes that do not stay.
    pub fn finish(&self, graph: &mut GraphBuilder, node: &Node, reduced: OutletId) -> Result<OutletId> {
        let mut outlet = reduced;
        if self.mean {
            let factor = graph.add_constant("mean", tensor0(1.0 / self.count as f32))?;
            outlet = graph.add_binary(node.name(), Binary::Mul, [outlet, factor])?;
        }
        if self.keep_axes {
            return Ok(outlet);
        }
        let kept = (0..).zip(&self.shape).filter(|(axis, _)| !self.axes.contains(axis));
        let kept: Vec<usize> = kept.map(|(_, &dim)| dim).collect();
        layout::reshaped(graph, node, outlet, &kept)
    }
}

/// ReduceSum, ReduceMean and ReduceMax.
pub fn reduce(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let reducing = Reducing::of(graph, node)?;
    if reducing.axes.is_empty() {
        return Ok(reducing.input);
    }
    reducing.spend(graph, node)?;
    let mut outlet = reducing.input;
    for &axis in reducing.axes.iter().rev() {
        let op = Reduce { axis, reduction: reducing.reduction, products: false };
        outlet = graph.add_op(node.name(), op, &[outlet])?;
    }
    reducing.finish(graph, node, outlet)
}

pub fn softmax(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    require_f32(graph, node, &[input])?;
    let rank = graph.shape(input)?.len();
    let axis = node.axis(node.int("axis", -1), rank)?;
    graph.add_op(node.name(), Softmax { axis }, &[input])
}
