//! The operators that stages are made of, as tract runs them. They know tensors, and nothing of ONNX or graphs.
//!
//! Each file uses only those before it: `lanes` (vectors and their scalar twin), `tile`, `quant_params` →
//! `dot4`, `packed` (weights in the order of tiles) → `epilogue` → `byte_product`, `f32_layers`, `exp` (the
//! arithmetic) → `operator`, `cast` → `dense`, `shared_input_dense`, `matmul`, `quantize`, `embedding_bag`,
//! `elementwise`, `reduce`, `layout` (operators).
//!
//! An operator gives the same bits on every host, and what fused operators give is what those that they stand
//! for give, up to f32's rounding.

mod byte_product;
mod cast;
mod dense;
#[cfg(any(test, feature = "relaxed"))]
mod dot4;
mod elementwise;
mod embedding_bag;
mod epilogue;
mod exp;
mod f32_layers;
mod lanes;
mod layout;
mod matmul;
mod operator;
mod packed;
mod quant_params;
mod quantize;
mod reduce;
mod shared_input_dense;
mod simd;
mod tile;

pub(super) use cast::{Cast, to_f32_vec, to_i32_vec};
pub(super) use dense::{Dense, DenseInput, DenseOutput};
pub(super) use elementwise::{Binary, Unary, broadcast};
pub(super) use embedding_bag::EmbeddingBag;
pub(super) use layout::{Concat, Gather, Reshape, Transpose};
pub(super) use matmul::MatMul;
pub(super) use operator::{Const, Source};
pub(super) use packed::{Columns, MAX_TERMS, PackedWeights};
pub(super) use quant_params::QuantParams;
pub(super) use quantize::{DynamicQuantize, Quantize};
pub(super) use reduce::{Reduce, Reduction, Softmax};
pub(super) use shared_input_dense::SharedInputDense;
pub use simd::simd;

#[cfg(test)]
#[path = "../../../../tests/core/kernels.rs"]
mod tests;
