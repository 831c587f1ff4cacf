//! The operators that the model's formulas are written in: [`Backend`].
//! The arithmetic of evidence, gates, towers and attention is written once over this trait: candle trains it, ONNX
//! ships it, so that what is trained is what ships. The operators are those that the ranker's runtime has.

use crate::train::model::int8::{Int8Matrix, U8Steps};
use candle_core::{Result, Tensor};

/// A dense layer `x·W + b`, `W` of shape `[inputs, outputs]`.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `[inputs, outputs]`.
    pub weight: Tensor,
    /// `[outputs]`.
    pub bias: Tensor,
    /// What of it is rounded.
    pub rounding: Rounding,
}

/// Steps of an input that is not rounded to 8 bits: eleven bits of what lies within ±4, which with seven bits of
/// weight leave room for 64 terms in the 24 bits of an f32.
pub const GRID: f32 = 1.0 / 256.0;
/// Added and taken away again, it leaves an f32 of magnitude below 2^14 at the nearest step: 1.5 · 2^23 steps.
pub const TO_GRID: f32 = 12_582_912.0 * GRID;

/// What of a layer is rounded to 8 bits.
#[derive(Debug, Clone, PartialEq)]
pub enum Rounding {
    /// Nothing: before quantisation.
    None,
    /// Its weights are these; its input comes in steps of [`GRID`], in f32. With scales that are powers of two
    /// and a bias in their steps, every sum is exact: all runtimes agree to the bit on what is rounded next.
    Weights(Int8Matrix),
    /// Its weights are these, and its input comes in these steps.
    WeightsAndInput(Int8Matrix, U8Steps),
}

/// Operators on matrices of two axes.
pub trait Backend {
    type Value: Clone;
    /// A constant matrix.
    fn constant(&mut self, name: &str, value: &Tensor) -> Result<Self::Value>;
    /// `a·b`.
    fn matmul(&mut self, a: &Self::Value, b: &Self::Value) -> Result<Self::Value>;
    /// `a + b`, broadcast.
    fn add(&mut self, a: &Self::Value, b: &Self::Value) -> Result<Self::Value>;
    /// `a - b`, broadcast.
    fn sub(&mut self, a: &Self::Value, b: &Self::Value) -> Result<Self::Value>;
    /// `a · b` by element, broadcast.
    fn mul(&mut self, a: &Self::Value, b: &Self::Value) -> Result<Self::Value>;
    /// `a / b` by element, broadcast.
    fn div(&mut self, a: &Self::Value, b: &Self::Value) -> Result<Self::Value>;
    /// `exp(a)`.
    fn exp(&mut self, a: &Self::Value) -> Result<Self::Value>;
    /// `sqrt(a)`.
    fn sqrt(&mut self, a: &Self::Value) -> Result<Self::Value>;
    /// Between two bounds.
    fn clip(&mut self, a: &Self::Value, low: f32, high: f32) -> Result<Self::Value>;
    /// Rows and columns exchanged.
    fn transpose(&mut self, a: &Self::Value) -> Result<Self::Value>;
    /// Sum along an axis, which stays with length 1.
    fn sum(&mut self, a: &Self::Value, axis: usize) -> Result<Self::Value>;
    /// Largest along the second axis, which stays with length 1.
    fn row_max(&mut self, a: &Self::Value) -> Result<Self::Value>;
    /// Columns side by side.
    fn concat(&mut self, parts: &[Self::Value]) -> Result<Self::Value>;
    /// A dense layer, with a rectifier behind it if `relu`.
    fn dense(&mut self, name: &str, x: &Self::Value, layer: &Layer, relu: bool) -> Result<Self::Value>;
}
