//! Compiles a part of a vetted graph: ONNX nodes become operators of `kernels` in a graph that tract runs.
//! Not through tract's optimiser: shapes are known, fusion happens here, and it would double the module.
//!
//! `node` (an ONNX node) → `graph` (the graph under construction, with its limits) → `layer` (dense layers in it)
//! → `ops` (one builder an ONNX operator, in one table) → `fuse` (patterns of several nodes, in one table) →
//! `prune` (drops what fusion replaced) → `subgraph` (puts it together) and `session_values` (where a stage is
//! cut in two).
//!
//! To add an ONNX operator: a builder in `ops`, a row in `ops/table.rs`, and cases in tests/core/ops. To add a
//! fusion: a type in `fuse`, a row in `fuse/mod.rs`, and a model in tests/core/layers that has the pattern.
#![deny(clippy::indexing_slicing)]

mod fuse;
mod graph;
mod layer;
mod node;
pub(super) mod ops;
mod prune;
mod session_values;
mod subgraph;
mod tensor;

pub(super) use session_values::session_values;
pub(super) use subgraph::{Subgraph, SubgraphInput};
