//! In: a list's columns. Out: [`Tower`]: one number an item, for one head.
//! Dense layers over the columns, beside the columns' own linear share: there the server's score, the first column,
//! passes through as the residual, whatever the layers and the gate say.

use crate::train::model::backend::{Backend, Layer};
use crate::train::model::gate::Gate;
use crate::train::model::inputs::matrix;
use candle_core::{Result, Tensor};

/// One head: dense layers over a list's columns, and the columns' own linear share, in which the
/// server score is the residual.
#[derive(Debug, Clone)]
pub struct Tower {
    /// Its name, which prefixes its layers.
    pub name: String,
    /// Hidden layers with rectifiers, then one output.
    pub layers: Vec<Layer>,
    /// `[inputs, 1]`, never quantised.
    pub linear: Tensor,
    /// What all but the server's score passes through, if anything.
    pub gate: Option<Gate>,
}

impl Tower {
    /// One number an item.
    ///
    /// # Errors
    /// As the backend.
    pub fn of<E: Backend>(&self, e: &mut E, columns: &E::Value) -> Result<E::Value> {
        let mut hidden = columns.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            hidden = e.dense(&format!("{}_{index}", self.name), &hidden, layer, !last)?;
        }
        self.joined(e, columns, &hidden)
    }

    /// The layers' output with the columns' own share, through the gate.
    ///
    /// # Errors
    /// As the backend.
    pub fn joined<E: Backend>(&self, e: &mut E, columns: &E::Value, hidden: &E::Value) -> Result<E::Value> {
        let linear = e.constant(&format!("{}_linear", self.name), &self.linear)?;
        let linear = e.matmul(columns, &linear)?;
        let sum = e.add(hidden, &linear)?;
        let Some(gate) = &self.gate else { return Ok(sum) };
        let inputs = self.linear.dim(0)?;
        let first = matrix(inputs, 1, |row, _| f32::from(row == 0))?;
        let residual = e.constant(&format!("{}_residual", self.name), &(&self.linear * first)?)?;
        let residual = e.matmul(columns, &residual)?;
        let rest = e.sub(&sum, &residual)?;
        let open = gate.of(e, &self.name, columns, inputs)?;
        let rest = e.mul(&rest, &open)?;
        e.add(&residual, &rest)
    }
}
