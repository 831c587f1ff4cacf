//! In: towers and the evidence they read. Out: [`Model`]: all heads of a list, in any engine.
//! What is trained, rounded, evaluated and shipped is this one thing.
//! Must never differ between engines.

use super::engine::{Compute, Engine};
use super::examples::Example;
use super::net::{Attention, Evidence, List, Tower};
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

    /// The same model with 8-bit layers, their inputs' steps fitted to some examples.
    ///
    /// # Errors
    /// As candle.
    pub fn quantised(&self, examples: &[Example]) -> Result<Model> {
        let mut compute = Compute::watching();
        for example in examples {
            self.heads(&mut compute, &list(example)?)?;
        }
        let seen = compute.seen.unwrap_or_default();
        let mut model = self.clone();
        model.towers = model.towers.into_iter().map(|tower| tower.rounded(&seen)).collect();
        Ok(model)
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
