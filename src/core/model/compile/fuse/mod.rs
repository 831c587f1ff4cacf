//! Fusions: patterns of ONNX nodes, and the one operator that each becomes. `TABLE` lists them.
//!
//! A fusion is a type: what was found of its pattern. `find` looks back from the node at which the pattern ends,
//! and changes nothing; `emit` adds the operator. Before the builder of a node runs, the fusions that end in its
//! operator are tried in order. What a fusion replaces stays in the graph until `prune` drops it: a value that
//! other nodes read as well is never taken away from them.
//!
//! To add one: a type, `impl Fusion`, a row in `TABLE`, and a model in tests/core/layers that has the pattern.
//! [`shared_input`] is the exception: it is found in the finished graph.

mod embedding_bag;
mod fusion;
mod layer;
mod product;
pub(super) mod shared_input;
mod sum_of_products;

use super::graph::GraphBuilder;
use super::node::Node;
use crate::error::Result;
use fusion::{Row, row};
use tract_core::internal::OutletId;

/// All fusions, in the order in which they are tried.
const TABLE: &[Row] = &[
    row::<product::OfDequantized>(),
    row::<product::Stacked>(),
    row::<layer::FuseScale>(),
    row::<layer::FuseBias>(),
    row::<layer::FuseRelu>(),
    row::<layer::FuseQuantize>(),
    row::<embedding_bag::FuseEmbeddingBag>(),
    row::<sum_of_products::FuseProducts>(),
];

/// The output of the fusion that ends in a node, if there is one.
pub fn fuse(graph: &mut GraphBuilder, node: &Node) -> Result<Option<OutletId>> {
    for row in TABLE.iter().filter(|row| row.ends_in.contains(&node.op())) {
        if let Some(outlet) = (row.fuse)(graph, node)? {
            return Ok(Some(outlet));
        }
    }
    Ok(None)
}
