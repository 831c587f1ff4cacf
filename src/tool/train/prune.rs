//! In: a trained tower, lists that it was trained on, a share. Out: the tower with that share of its hidden units gone,
//! each mean folded into the next layer's bias. The direct path of the columns to the head stays as it is.
//!
//! A unit is worth what it moves: the deviation of its output times the length of its weights onward
//! (He et al. 2017, arXiv 1707.06168, prune channels by what reconstruction they cost; a dense layer's
//! units are its channels).

use crate::train::model::backend::{Layer, Rounding};
use crate::train::model::tower::Tower;
use candle_core::{Device, Result, Tensor};

/// Units of a vector register in f32: a layer is cut to a whole number of them where it can be.
const LANES: usize = 4;

/// Units kept of so many.
fn kept(units: usize, share: f64) -> usize {
    let wanted = (units as f64 * (1.0 - share)).ceil() as usize;
    wanted.next_multiple_of(LANES).clamp(1, units)
}

/// Cuts every hidden layer of a tower by a share from 0 to below 1. `columns` is `[rows, inputs]`.
///
/// # Errors
/// As candle.
pub fn pruned(tower: &Tower, columns: &Tensor, share: f64) -> Result<Tower> {
    let mut layers = tower.layers.clone();
    let mut input = columns.clone();
    for index in 0..layers.len().saturating_sub(1) {
        let output = input.matmul(&layers[index].weight)?.broadcast_add(&layers[index].bias)?.relu()?;
        let mean = output.mean(0)?;
        let deviation = output.broadcast_sub(&mean)?.sqr()?.mean(0)?.sqrt()?.to_vec1::<f32>()?;
        let onward = layers[index + 1].weight.sqr()?.sum(1)?.sqrt()?.to_vec1::<f32>()?;
        let worth: Vec<f32> = deviation.iter().zip(&onward).map(|(d, w)| d * w).collect();
        let mut order: Vec<usize> = (0..worth.len()).collect();
        order.sort_by(|&a, &b| worth[b].total_cmp(&worth[a]).then(a.cmp(&b)));
        let count = kept(order.len(), share);
        let (mut stay, mut go) = (order[..count].to_vec(), order[count..].to_vec());
        stay.sort_unstable();
        go.sort_unstable();
        input = columns_of(&output, &stay)?;
        let Layer { weight, bias, .. } = &layers[index];
        layers[index] = Layer {
            weight: columns_of(weight, &stay)?,
            bias: columns_of(&bias.unsqueeze(0)?, &stay)?.squeeze(0)?,
            rounding: Rounding::None,
        };
        let next = &layers[index + 1];
        let mut bias = next.bias.clone();
        if !go.is_empty() {
            let lost = columns_of(&mean.unsqueeze(0)?, &go)?.matmul(&rows_of(&next.weight, &go)?)?;
            bias = (bias + lost.squeeze(0)?)?;
        }
        layers[index + 1] = Layer { weight: rows_of(&next.weight, &stay)?, bias, rounding: Rounding::None };
    }
    let (linear, gate) = (tower.linear.clone(), tower.gate.clone());
    Ok(Tower { name: tower.name.clone(), layers, linear, gate })
}

/// Widths of the hidden layers.
#[must_use]
pub fn widths(tower: &Tower) -> Vec<usize> {
    let hidden = tower.layers.len().saturating_sub(1);
    tower.layers.iter().take(hidden).map(|layer| layer.bias.elem_count()).collect()
}

fn picked(indices: &[usize]) -> Result<Tensor> {
    let indices: Vec<u32> = indices.iter().map(|&index| index as u32).collect();
    Tensor::new(indices, &Device::Cpu)
}

fn columns_of(matrix: &Tensor, indices: &[usize]) -> Result<Tensor> {
    matrix.contiguous()?.index_select(&picked(indices)?, 1)
}

fn rows_of(matrix: &Tensor, indices: &[usize]) -> Result<Tensor> {
    matrix.contiguous()?.index_select(&picked(indices)?, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::train::model::candle_backend::CandleBackend;
    use crate::train::model::inputs::matrix;

    /// Sixteen units, of which the second half are constant or lead nowhere.
    fn tower() -> Tower {
        let first = |r: usize, c: usize| if c < 12 { ((r * 5 + c * 3) % 7) as f32 / 7.0 - 0.4 } else { 0.0 };
        let first_bias = (0..16).map(|c| if c < 12 { 0.1 } else { 0.5 + c as f32 }).collect();
        let second = |r: usize, _: usize| if (8..12).contains(&r) { 0.0 } else { 0.2 + r as f32 / 20.0 };
        let bias = |values: Vec<f32>| Tensor::new(values, &Device::Cpu).unwrap();
        let layer = |weight, bias| Layer { weight, bias, rounding: Rounding::None };
        let layers = vec![
            layer(matrix(3, 16, first).unwrap(), bias(first_bias)),
            layer(matrix(16, 1, second).unwrap(), bias(vec![0.25])),
        ];
        Tower { name: "t".into(), layers, linear: matrix(3, 1, |r, _| r as f32).unwrap(), gate: None }
    }

    fn said(tower: &Tower, columns: &Tensor) -> Vec<f32> {
        tower.of(&mut CandleBackend::default(), columns).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn units_that_move_nothing_go_and_leave_the_scores_as_they_were() {
        let tower = tower();
        let columns = matrix(40, 3, |r, c| ((r * 7 + c * 11) % 13) as f32 / 6.0 - 1.0).unwrap();
        let half = pruned(&tower, &columns, 0.5).unwrap();
        assert_eq!(widths(&half), [8]);
        for (was, is) in said(&tower, &columns).iter().zip(said(&half, &columns)) {
            assert!((was - is).abs() < 1e-4, "{was} {is}");
        }
    }

    #[test]
    fn a_layer_keeps_a_unit_and_nothing_is_cut_of_a_share_of_none() {
        let (tower, columns) = (tower(), matrix(8, 3, |r, c| (r + c) as f32 / 8.0).unwrap());
        assert_eq!(widths(&pruned(&tower, &columns, 0.99).unwrap()), [4]);
        let same = pruned(&tower, &columns, 0.0).unwrap();
        assert_eq!(said(&same, &columns), said(&tower, &columns));
        assert_eq!((kept(1, 0.9), kept(64, 0.3), kept(6, 0.1)), (1, 48, 6));
    }
}
