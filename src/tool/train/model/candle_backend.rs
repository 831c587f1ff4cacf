//! In: a formula of the model, tensors. Out: its value, computed by candle: differentiable, in f32.
//! Layers that are rounded compute what their rounded form does, so that golden vectors and evaluation of a draft
//! need no other runtime.

use crate::train::model::backend::{Backend, Layer, Rounding, TO_GRID};
use crate::train::model::input_stats::LayerStats;
use crate::train::model::int8::{Int8Matrix, U8Steps};
use candle_core::{D, DType, Device, Result, Tensor};

/// Computes, differentiably, in f32. Layers with a [`Rounding`] compute what their rounded form does.
#[derive(Debug, Default)]
pub struct CandleBackend {
    /// Statistics of each layer's inputs so far, if asked to keep them.
    pub stats: Option<LayerStats>,
}

impl CandleBackend {
    /// One that keeps statistics of each layer's inputs.
    pub fn watching() -> CandleBackend {
        CandleBackend { stats: Some(LayerStats::new()) }
    }
}

impl Backend for CandleBackend {
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
    fn row_max(&mut self, a: &Tensor) -> Result<Tensor> {
        a.max_keepdim(D::Minus1)
    }
    fn concat(&mut self, parts: &[Tensor]) -> Result<Tensor> {
        Tensor::cat(parts, 1)
    }

    fn dense(&mut self, name: &str, x: &Tensor, layer: &Layer, relu: bool) -> Result<Tensor> {
        if let Some(stats) = &mut self.stats {
            stats.entry(name.to_string()).or_default().add(&x.flatten_all()?.to_vec1::<f32>()?, x.dim(1)?);
        }
        let sum = match &layer.rounding {
            Rounding::None => x.matmul(&layer.weight)?.broadcast_add(&layer.bias)?,
            Rounding::Weights(weight) => {
                let x = x.affine(1.0, f64::from(TO_GRID))?.affine(1.0, -f64::from(TO_GRID))?;
                x.matmul(&matrix_of(weight.values(), &weight.shape)?)?.broadcast_add(&layer.bias)?
            }
            Rounding::WeightsAndInput(weight, input) => rounded(x, weight, &layer.bias, input)?,
        };
        if relu { sum.relu() } else { Ok(sum) }
    }
}

fn matrix_of(values: Vec<f32>, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// What the quantised layer gives: whole numbers until the last step, so that sums are exact in f32.
fn rounded(x: &Tensor, weight: &Int8Matrix, bias: &Tensor, input: &U8Steps) -> Result<Tensor> {
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
