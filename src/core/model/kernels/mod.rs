//! In: matrices that a layer multiplies. Out: the layer as one operator of tract.
//! tract runs an int8 layer as five operators in f32; these multiply the bytes themselves.
//! Must never give other values than the operators that they stand for, up to f32's rounding.
//!
//! `lanes` (instructions and their scalar twin) → `packed` → `product` (of bytes), `quads` (four bytes at
//! once), `floats`, `exp` (the arithmetic) → `dense`, `matmul`, `bytes`, `bag`, `elementwise`, `reduce`,
//! `arrange`, `cast` (operators, by `operator`) → `fusion`, `siblings` (which nodes of a graph become one).

mod arrange;
mod bag;
mod bytes;
mod cast;
mod dense;
mod elementwise;
mod exp;
mod floats;
mod fusion;
mod lanes;
mod matmul;
mod operator;
mod packed;
mod product;
#[cfg(any(test, feature = "relaxed"))]
mod quads;
mod reduce;
mod siblings;

pub(super) use arrange::{Concat, Gather, Reshape, Transpose};
pub(super) use bytes::{DynamicBytes, ToBytes};
pub(super) use cast::{Cast, floats, narrow};
pub(super) use elementwise::{Binary, Unary, broadcast};
pub(super) use fusion::{Notes, Origin};
pub(super) use lanes::Steps;
pub(super) use matmul::MatMul;
pub(super) use operator::{Const, Source};
pub(super) use reduce::{Reduce, Reducer, Softmax};
pub(super) use siblings::Siblings;

/// The instructions that layers of int8 use in this build on this host, as the package names them.
pub fn simd() -> &'static str {
    #[cfg(feature = "relaxed")]
    if quads::Reading::of_host::<lanes::Native>().is_some() {
        return "relaxed-simd";
    }
    if cfg!(target_feature = "simd128") { "simd128" } else { "none" }
}

#[cfg(test)]
#[path = "../../../../tests/core/kernels.rs"]
mod tests;
