//! In: hyperparameters, a seed. Out: the variables that training starts from, and a tower and attention over them.
//! Normal draws are sums of uniforms: normal enough, and the same on every host.

use crate::train::hyperparameters::{AttentionParams, TowerParams};
use crate::train::model::attention::Attention;
use crate::train::model::backend::{Layer, Rounding};
use crate::train::model::tower::Tower;
use candle_core::{Device, Result, Tensor, Var};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ranklet::internals::model::manifest::CHANNELS;

/// Weight of the server's score, the first column, in the order that training starts from.
const RESIDUAL: f32 = 0.5;

/// Variables, in the order in which they were made.
pub struct Variables {
    rng: StdRng,
    /// All of them, for the optimiser.
    pub all: Vec<Var>,
}

impl Variables {
    pub fn new(seed: u64) -> Variables {
        Variables { rng: StdRng::seed_from_u64(seed), all: Vec::new() }
    }

    /// Normal values with a standard deviation of `scale`.
    fn normal(&mut self, shape: &[usize], scale: f64) -> Result<Var> {
        let count: usize = shape.iter().product();
        let rng = &mut self.rng;
        let data: Vec<f32> = (0..count)
            .map(|_| ((0..6).map(|_| rng.random_range(-1.0..1.0)).sum::<f64>() / 2f64.sqrt() * scale) as f32)
            .collect();
        let var = Var::from_tensor(&Tensor::from_vec(data, shape, &Device::Cpu)?)?;
        self.all.push(var.clone());
        Ok(var)
    }

    /// A variable that starts with a tensor's values.
    fn copy(&mut self, tensor: &Tensor) -> Result<Tensor> {
        let var = Var::from_tensor(&tensor.copy()?.detach())?;
        self.all.push(var.clone());
        Ok(var.as_tensor().clone())
    }

    /// A new tower over `inputs` columns: it begins as the server's order.
    ///
    /// # Errors
    /// As candle.
    pub fn tower(&mut self, params: &TowerParams, inputs: usize) -> Result<Tower> {
        let mut widths = vec![inputs];
        widths.extend(&params.hidden);
        widths.push(1);
        let mut layers = Vec::new();
        for (index, pair) in widths.windows(2).enumerate() {
            let last = index + 2 == widths.len();
            let scale = (2.0 / pair[0] as f64).sqrt() * if last { 0.1 } else { 1.0 };
            let (weight, bias) = (self.normal(&[pair[0], pair[1]], scale)?, self.normal(&[pair[1]], 0.0)?);
            layers.push(Layer {
                weight: weight.as_tensor().clone(),
                bias: bias.as_tensor().clone(),
                rounding: Rounding::None,
            });
        }
        let linear = self.normal(&[inputs, 1], 0.0)?;
        let mut start = vec![0f32; inputs];
        start.iter_mut().take(1).for_each(|weight| *weight = RESIDUAL);
        linear.set(&Tensor::from_vec(start, (inputs, 1), &Device::Cpu)?)?;
        let (linear, gate) = (linear.as_tensor().clone(), params.gate.clone());
        Ok(Tower { name: params.name.into(), layers, linear, gate })
    }

    /// New attention over vectors of `inputs` numbers.
    ///
    /// # Errors
    /// As candle.
    pub fn attention(&mut self, params: &AttentionParams, inputs: usize) -> Result<Attention> {
        let scale = (1.0 / inputs as f64).sqrt();
        let streams = params.streams.min(CHANNELS);
        let mut add =
            |columns: usize| self.normal(&[inputs, columns], scale).map(|var| var.as_tensor().clone());
        Ok(Attention {
            query: add(params.width)?,
            key: add(params.width)?,
            value: add(Attention::VALUE)?,
            cross: if params.crossed { Some(add(Attention::VALUE * streams)?) } else { None },
            streams,
        })
    }

    /// A trained tower, to be trained further.
    ///
    /// # Errors
    /// As candle.
    pub fn copied(&mut self, tower: &Tower) -> Result<Tower> {
        let mut layers = Vec::with_capacity(tower.layers.len());
        for layer in &tower.layers {
            let (weight, bias) = (self.copy(&layer.weight)?, self.copy(&layer.bias)?);
            layers.push(Layer { weight, bias, rounding: Rounding::None });
        }
        let linear = self.copy(&tower.linear)?;
        Ok(Tower { name: tower.name.clone(), layers, linear, gate: tower.gate.clone() })
    }
}
