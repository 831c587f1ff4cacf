//! In: a list's columns. Out: [`Gate`]: how much of what a head says beside the server's score counts.
//! Its few numbers are hyperparameters. An item that has no score of the server's opens it fully.

use crate::train::model::backend::Backend;
use crate::train::model::inputs::matrix;
use candle_core::Result;

/// How far a head may move its first column, the server's score, in `0..=1`: `columns·opened_by + start`.
///
/// What a text says of an item reorders the well-rated ones at the top of a list for the worse as long
/// as nothing is known of the visitor (`ranklet ablate --only like_ungated`); of an item without a score
/// it is all there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Open by so much with nothing known.
    pub start: f32,
    /// Columns that open it further, with their weights.
    pub opened_by: Vec<(usize, f32)>,
}

impl Gate {
    /// `[n, 1]`.
    ///
    /// # Errors
    /// As the backend.
    pub fn of<E: Backend>(
        &self,
        e: &mut E,
        name: &str,
        columns: &E::Value,
        inputs: usize,
    ) -> Result<E::Value> {
        let weight = |row| self.opened_by.iter().filter(|(at, _)| *at == row).map(|(_, w)| w).sum();
        let opened_by =
            e.constant(&format!("{name}_opened_by"), &matrix(inputs, 1, |row, _| weight(row))?)?;
        let start = e.constant(&format!("{name}_open"), &matrix(1, 1, |_, _| self.start)?)?;
        let open = e.matmul(columns, &opened_by)?;
        let open = e.add(&open, &start)?;
        e.clip(&open, 0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::train::model::backend::{Layer, Rounding};
    use crate::train::model::candle_backend::CandleBackend;
    use crate::train::model::tower::Tower;
    use candle_core::{Device, Tensor};

    #[test]
    fn shut_it_leaves_the_first_column_and_open_it_leaves_all() {
        let gate = Gate { start: 0.0, opened_by: vec![(2, 0.5)] };
        let layer = Layer {
            weight: matrix(3, 1, |r, _| r as f32 - 0.5).unwrap(),
            bias: Tensor::new(vec![0.25f32], &Device::Cpu).unwrap(),
            rounding: Rounding::None,
        };
        let linear = matrix(3, 1, |r, _| 0.5 + r as f32).unwrap();
        let open = Tower { name: "t".into(), layers: vec![layer], linear, gate: None };
        let gated = Tower { gate: Some(gate), ..open.clone() };
        let columns = matrix(3, 3, |r, c| if c == 2 { r as f32 } else { (r + 2 * c) as f32 - 1.0 }).unwrap();
        let said = |tower: &Tower| -> Vec<f32> {
            let all = tower.of(&mut CandleBackend::default(), &columns).unwrap();
            all.flatten_all().unwrap().to_vec1().unwrap()
        };
        let (open, gated) = (said(&open), said(&gated));
        let residual = |row: usize| 0.5 * (row as f32 - 1.0);
        for (row, share) in [0.0, 0.5, 1.0].into_iter().enumerate() {
            let wanted = residual(row) + share * (open[row] - residual(row));
            assert!((gated[row] - wanted).abs() < 1e-5, "row {row}");
        }
    }
}
