//! What a fusion is: a pattern that ends in an ONNX node, and the operator that it becomes.
//! Each fusion is a type of its own with a row in the table of `mod.rs`.

use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use tract_core::internal::OutletId;

/// A fusion; a value of the type is what was found of the pattern.
pub trait Fusion: Sized {
    /// The ONNX operators at which the pattern ends.
    const ENDS_IN: &'static [&'static str];

    /// Looks for the pattern that ends in a node.
    ///
    /// # Errors
    /// Those of the node itself, as its builder gives them.
    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<Self>>;

    /// Adds the operator that the pattern becomes, and gives its output.
    ///
    /// # Errors
    /// If the graph would be too large.
    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId>;
}

/// A row of the table of fusions.
pub struct Row {
    pub ends_in: &'static [&'static str],
    pub fuse: fn(&mut GraphBuilder, &Node) -> Result<Option<OutletId>>,
}

/// The row of a fusion.
pub const fn row<F: Fusion>() -> Row {
    Row { ends_in: F::ENDS_IN, fuse: find_and_emit::<F> }
}

fn find_and_emit<F: Fusion>(graph: &mut GraphBuilder, node: &Node) -> Result<Option<OutletId>> {
    F::find(graph, node)?.map(|found| found.emit(graph, node)).transpose()
}
