//! In: towers and the evidence they read. Out: [`Model`]: all heads of a list, in any engine.
//! What is trained, rounded, evaluated and shipped is this one thing.
//! Must never differ between engines.

use super::engine::{Compute, Engine};
use super::examples::Example;
use super::net::{Attention, Evidence, List, Tower};
use super::rounding;
use candle_core::{Device, Result, Tensor};

/// A ranking model without its text encoder.
#[derive(Debug, Clone)]
pub struct Model {
    /// What vectors say.
    pub evidence: Evidence,
    /// Attention that the first tower reads as well, in ablations.
    pub attention: Option<Attention>,
    /// One a head, in the manifest's order.
    pub towers: Vec<Tower>,
}

impl Model {
    /// The columns that a tower reads.
    ///
    /// # Errors
    /// As the engine.
    pub fn columns<E: Engine>(&self, e: &mut E, list: &List<E::Value>, tower: usize) -> Result<E::Value> {
        let columns = self.evidence.of(e, list)?;
        match self.attention.as_ref().filter(|_| tower == 0) {
            None => Ok(columns),
            Some(attention) => {
                let attended = attention.of(e, list)?;
                e.concat(&[columns, attended])
            }
        }
    }

    /// Heads `[n, H]`.
    ///
    /// # Errors
    /// As the engine.
    pub fn heads<E: Engine>(&self, e: &mut E, list: &List<E::Value>) -> Result<E::Value> {
        let shared = self.evidence.of(e, list)?;
        let mut heads = Vec::new();
        for (index, tower) in self.towers.iter().enumerate() {
            let columns = match self.attention.as_ref().filter(|_| index == 0) {
                None => shared.clone(),
                Some(attention) => {
                    let attended = attention.of(e, list)?;
                    e.concat(&[shared.clone(), attended])?
                }
            };
            heads.push(tower.of(e, &columns)?);
        }
        e.concat(&heads)
    }

    /// The same model with 8-bit layers, fitted to some examples.
    ///
    /// # Errors
    /// As candle.
    pub fn quantised(&self, examples: &[Example]) -> Result<Model> {
        let watch = |towers: &[Tower]| {
            let model = Model { towers: towers.to_vec(), ..self.clone() };
            let mut compute = Compute::watching();
            for example in examples {
                model.heads(&mut compute, &list(example)?)?;
            }
            Ok(compute.seen.unwrap_or_default())
        };
        Ok(Model { towers: rounding::in_8_bits(self.towers.clone(), watch)?, ..self.clone() })
    }

    /// How far each head of another model is from this one's on some examples: the root mean square, within a
    /// list, of what differs, as a share of the list's own spread.
    ///
    /// # Errors
    /// As candle.
    pub fn distance(&self, other: &Model, examples: &[Example]) -> Result<Vec<f64>> {
        let spread = |values: &[f32]| {
            let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
            values.iter().map(|value| f64::from(value - mean).powi(2)).sum::<f64>()
        };
        let mut sums = vec![(0.0, 0usize); self.towers.len()];
        for example in examples {
            let heads =
                |model: &Model| model.heads(&mut Compute::default(), &list(example)?)?.t()?.to_vec2::<f32>();
            for ((sum, own), theirs) in sums.iter_mut().zip(heads(self)?).zip(heads(other)?) {
                let apart: Vec<f32> = own.iter().zip(&theirs).map(|(own, their)| own - their).collect();
                if spread(&own) > 0.0 {
                    *sum = (sum.0 + spread(&apart) / spread(&own), sum.1 + 1);
                }
            }
        }
        Ok(sums.into_iter().map(|(sum, lists)| (sum / lists.max(1) as f64).sqrt()).collect())
    }
}

/// An example's rows that exist, as tensors.
///
/// # Errors
/// As candle.
pub fn list(example: &Example) -> Result<List<Tensor>> {
    let tensor =
        |data: &[f32], rows: usize| Tensor::from_slice(data, (rows, data.len() / rows.max(1)), &Device::Cpu);
    Ok(List {
        item: tensor(&example.item, example.rows)?,
        dense: tensor(&example.dense, example.rows)?,
        history: tensor(&example.history, example.length)?,
        actions: tensor(&example.actions, example.length)?,
    })
}
