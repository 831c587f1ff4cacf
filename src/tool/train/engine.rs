//! In: a formula of the model. Out: its value in candle, or (in `emit`) its ONNX nodes.
//! The model's arithmetic is written once, in `net`, over this trait: what is trained is what ships.
//! Must never hold an operator that `model::ops` lacks.

use super::quantise::{Activation, Quantised, Seen};
use candle_core::{D, DType, Device, Result, Tensor};

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
    Nothing,
    /// Its weights are these; its input comes in steps of [`GRID`], in f32. With scales that are powers of two
    /// and a bias in their steps, every sum is exact: all runtimes agree to the bit on what is rounded next.
    Weights(Quantised),
    /// Its weights are these, and its input comes in these steps.
    Both(Quantised, Activation),
}

/// Operators on matrices of two axes.
pub trait Engine {
    /// A value.
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
    /// Greatest along the second axis, which stays with length 1.
    fn greatest(&mut self, a: &Self::Value) -> Result<Self::Value>;
    /// Columns side by side.
    fn concat(&mut self, parts: &[Self::Value]) -> Result<Self::Value>;
    /// A dense layer, with a rectifier behind it if `relu`.
    fn dense(&mut self, name: &str, x: &Self::Value, layer: &Layer, relu: bool) -> Result<Self::Value>;
}

/// Computes, differentiably, in f32. Layers with a [`Rounding`] compute what their rounded form does.
#[derive(Debug, Default)]
pub struct Compute {
    /// The inputs of each layer so far, if asked to keep them.
    pub seen: Option<Seen>,
}

impl Compute {
    /// One that keeps what each layer's inputs are.
    pub fn watching() -> Compute {
        Compute { seen: Some(Seen::new()) }
    }
}

impl Engine for Compute {
    type Value = Tensor;

    fn constant(&mut self, _: &str, value: &Tensor) -> Result<Tensor> {
        Ok(value.clone())
    }
    fn matmul(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.matmul(b)
    }
    fn add(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.broadcast_add(b)
    }
    fn sub(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.broadcast_sub(b)
    }
    fn mul(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.broadcast_mul(b)
    }
    fn div(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.broadcast_div(b)
    }
    fn exp(&mut self, a: &Tensor) -> Result<Tensor> {
        a.exp()
    }
    fn sqrt(&mut self, a: &Tensor) -> Result<Tensor> {
        a.sqrt()
    }
    fn clip(&mut self, a: &Tensor, low: f32, high: f32) -> Result<Tensor> {
        a.clamp(low, high)
    }
    fn transpose(&mut self, a: &Tensor) -> Result<Tensor> {
        a.t()?.contiguous()
    }
    fn sum(&mut self, a: &Tensor, axis: usize) -> Result<Tensor> {
        a.sum_keepdim(axis)
    }
    fn greatest(&mut self, a: &Tensor) -> Result<Tensor> {
        a.max_keepdim(D::Minus1)
    }
    fn concat(&mut self, parts: &[Tensor]) -> Result<Tensor> {
        Tensor::cat(parts, 1)
    }

    fn dense(&mut self, name: &str, x: &Tensor, layer: &Layer, relu: bool) -> Result<Tensor> {
        if let Some(seen) = &mut self.seen {
            seen.entry(name.to_string()).or_default().note(&x.flatten_all()?.to_vec1::<f32>()?, x.dim(1)?);
        }
        let sum = match &layer.rounding {
            Rounding::Nothing => x.matmul(&layer.weight)?.broadcast_add(&layer.bias)?,
            Rounding::Weights(weight) => {
                let x = x.affine(1.0, f64::from(TO_GRID))?.affine(1.0, -f64::from(TO_GRID))?;
                x.matmul(&matrix_of(weight.values(), &weight.shape)?)?.broadcast_add(&layer.bias)?
            }
            Rounding::Both(weight, input) => rounded(x, weight, &layer.bias, input)?,
        };
        if relu { sum.relu() } else { Ok(sum) }
    }
}

fn matrix_of(values: Vec<f32>, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// What the quantised layer gives: whole numbers until the last step, so that sums are exact in f32.
fn rounded(x: &Tensor, weight: &Quantised, bias: &Tensor, input: &Activation) -> Result<Tensor> {
    let (rows, columns) = (x.dim(0)?, x.dim(1)?);
    let whole: Vec<f32> = x.flatten_all()?.to_vec1::<f32>()?.iter().map(|&x| input.step(x)).collect();
    let whole = matrix_of(whole, &[rows, columns])?;
    let kernel = matrix_of(weight.data.iter().map(|&q| f32::from(q)).collect(), &weight.shape)?;
    let scales: Vec<f32> = weight.scales.iter().map(|scale| scale * input.scale).collect();
    let bias = bias.to_vec1::<f32>()?;
    let bias: Vec<f32> = bias.iter().zip(&scales).map(|(b, s)| (b / s).round_ties_even()).collect();
    let outputs = bias.len();
    let sum = whole.matmul(&kernel)?.broadcast_add(&matrix_of(bias, &[outputs])?)?;
    sum.broadcast_mul(&matrix_of(scales, &[outputs])?)?.to_dtype(DType::F32)
}
