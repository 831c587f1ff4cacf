//! In: towers and the evidence that they read. Out: [`Model`]: all heads of a list, in any backend.
//! What is trained, rounded, evaluated and shipped is this one thing.

use crate::train::model::attention::Attention;
use crate::train::model::backend::Backend;
use crate::train::model::evidence::Evidence;
use crate::train::model::inputs::ListInputs;
use crate::train::model::tower::Tower;
use candle_core::Result;

/// A ranking model without its text encoder.
#[derive(Debug, Clone)]
pub struct Model {
    pub evidence: Evidence,
    /// Attention that the first tower reads as well, in ablations.
    pub attention: Option<Attention>,
    /// One a head, in the manifest's order.
    pub towers: Vec<Tower>,
}

impl Model {
    /// Heads `[n, H]`.
    ///
    /// # Errors
    /// As the backend.
    pub fn heads<B: Backend>(&self, backend: &mut B, list: &ListInputs<B::Value>) -> Result<B::Value> {
        let shared = self.evidence.of(backend, list)?;
        let mut heads = Vec::new();
        for (index, tower) in self.towers.iter().enumerate() {
            let columns = match self.attention.as_ref().filter(|_| index == 0) {
                None => shared.clone(),
                Some(attention) => {
                    let attended = attention.of(backend, list)?;
                    backend.concat(&[shared.clone(), attended])?
                }
            };
            heads.push(tower.of(backend, &columns)?);
        }
        backend.concat(&heads)
    }
}
