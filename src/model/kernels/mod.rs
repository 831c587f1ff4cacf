//! In: matrices that a layer multiplies. Out: the layer as one operator of tract.
//! tract runs an int8 layer as five operators in f32; these multiply the bytes themselves.
//! Must never give other values than the operators that they stand for, up to f32's rounding.
//!
//! `lanes` (instructions and their scalar twin) → `product` (the arithmetic) → `dense`, `matmul`,
//! `bytes`, `bag`, `exp` (operators) → `fusion` (which nodes of a graph become one).

mod bag;
mod bytes;
mod dense;
mod exp;
mod fusion;
mod lanes;
mod matmul;
mod product;

pub(super) use bytes::{DynamicBytes, ToBytes};
pub(super) use exp::Exp;
pub(super) use fusion::{Notes, Origin};
pub(super) use lanes::Steps;
pub(super) use matmul::MatMul;

#[cfg(test)]
#[path = "../../../tests/unit/kernels.rs"]
mod tests;
