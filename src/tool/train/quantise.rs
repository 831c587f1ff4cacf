//! In: trained towers, what went through their layers. Out: the towers in 8 bits (post-training quantisation).
//! Hidden units are equalised, weights rounded against what their inputs do together, and the features reach the
//! first layer on a finer grid: each leaves scores nearer to where they were.

use crate::train::examples::Example;
use crate::train::model::backend::{GRID, Layer, Rounding};
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::heads::Model;
use crate::train::model::input_stats::{InputStats, LayerStats};
use crate::train::model::int8::Int8Matrix;
use crate::train::model::tower::Tower;
use candle_core::{Device, Result, Tensor};
use nalgebra::{Cholesky, DMatrix};

/// What is added to the diagonal of inputs' second moments, as a share of its mean: some inputs are constant.
const DAMPING: f64 = 0.01;

/// Towers in 8 bits; `watch` runs them on examples and says what their layers took.
///
/// # Errors
/// As candle.
pub fn in_8_bits(
    mut towers: Vec<Tower>,
    watch: impl Fn(&[Tower]) -> Result<LayerStats>,
) -> Result<Vec<Tower>> {
    for step in [equalised, rounded] {
        let stats = watch(&towers)?;
        towers = towers.into_iter().map(|tower| step(tower, &stats)).collect::<Result<_>>()?;
    }
    Ok(towers)
}

/// A model with 8-bit layers, fitted to what they take on some examples.
///
/// # Errors
/// As candle.
pub fn quantised(model: &Model, examples: &[Example]) -> Result<Model> {
    let watch = |towers: &[Tower]| {
        let model = Model { towers: towers.to_vec(), ..model.clone() };
        let mut backend = CandleBackend::watching();
        for example in examples {
            model.heads(&mut backend, &example.inputs()?)?;
        }
        Ok(backend.stats.unwrap_or_default())
    };
    Ok(Model { towers: in_8_bits(model.towers.clone(), watch)?, ..model.clone() })
}

/// How far each head of a model is from another model's on some examples: the root mean square, within a
/// list, of what differs, as a share of the list's own spread.
///
/// # Errors
/// As candle.
pub fn distance(model: &Model, other: &Model, examples: &[Example]) -> Result<Vec<f64>> {
    let spread = |values: &[f32]| {
        let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
        values.iter().map(|value| f64::from(value - mean).powi(2)).sum::<f64>()
    };
    let mut sums = vec![(0.0, 0usize); model.towers.len()];
    for example in examples {
        let heads = |model: &Model| {
            model.heads(&mut CandleBackend::default(), &example.inputs()?)?.t()?.to_vec2::<f32>()
        };
        for ((sum, own), theirs) in sums.iter_mut().zip(heads(model)?).zip(heads(other)?) {
            let apart: Vec<f32> = own.iter().zip(&theirs).map(|(own, their)| own - their).collect();
            if spread(&own) > 0.0 {
                *sum = (sum.0 + spread(&apart) / spread(&own), sum.1 + 1);
            }
        }
    }
    Ok(sums.into_iter().map(|(sum, lists)| (sum / lists.max(1) as f64).sqrt()).collect())
}

/// A tower in 8 bits by what its layers were seen to take; the layers must be those that were watched.
///
/// The first layer reads its input on a grid in f32: one step of 8 bits for all columns, as wide as the widest of
/// them asks, is most of what rounding a whole tower would move its scores by.
fn rounded(mut tower: Tower, stats: &LayerStats) -> Result<Tower> {
    for (index, layer) in tower.layers.iter_mut().enumerate() {
        let Some(input) = stats.get(&input_of(&tower.name, index)) else { continue };
        let (weights, bias) = round_layer(layer, input, index == 0)?;
        layer.bias = bias;
        layer.rounding = match index {
            0 => Rounding::Weights(weights),
            _ => Rounding::WeightsAndInput(weights, input.steps()),
        };
    }
    Ok(tower)
}

/// The same tower with hidden units of one size, so that one step fits all: what a unit gives is divided by the
/// largest that it was seen to give, and the next layer multiplies by it (rectifiers let factors pass; Nagel et
/// al. 2019, arXiv 1906.04721, sec. 4.1).
fn equalised(mut tower: Tower, stats: &LayerStats) -> Result<Tower> {
    for index in 1..tower.layers.len() {
        let Some(input) = stats.get(&input_of(&tower.name, index)) else { continue };
        let mut sizes: Vec<f32> =
            input.highs().iter().map(|&high| if high > 0.0 { high } else { 1.0 }).collect();
        if let (1, [first, ..]) = (index, tower.layers.as_slice()) {
            // Not quite: so that a step of the first layer's weights becomes a power of two.
            let steps = Int8Matrix::of_layer(&first.weight)?.scales;
            sizes.iter_mut().zip(steps).for_each(|(size, step)| *size = step / power_of_two(step / *size));
        }
        let sizes = Tensor::from_vec(sizes.clone(), (1, sizes.len()), &Device::Cpu)?;
        let [below, layer] = &mut tower.layers[index - 1..=index] else { continue };
        below.weight = below.weight.broadcast_div(&sizes)?;
        below.bias = below.bias.div(&sizes.squeeze(0)?)?;
        layer.weight = layer.weight.broadcast_mul(&sizes.t()?)?;
    }
    Ok(tower)
}

fn input_of(tower: &str, index: usize) -> String {
    format!("{tower}_{index}")
}

/// A layer's weights in int8, a scale an output, and its bias: rounded input by input, what a rounding changes in
/// the outputs made up for by the inputs that are still to come and by the bias, as far as inputs go together
/// (Frantar et al. 2022, arXiv 2210.17323, eq. 2; inputs in order of their size).
///
/// `exact`: scales are powers of two, and the bias comes in steps of its column's products with an input of
/// [`GRID`]. Columns of a tower that was equalised have such scales already, but for a last digit.
fn round_layer(layer: &Layer, stats: &InputStats, exact: bool) -> Result<(Int8Matrix, Tensor)> {
    let (inputs, outputs) = layer.weight.dims2()?;
    let mut plain = Int8Matrix::of_layer(&layer.weight)?;
    let Some(mut inverse) = inverse(stats.products(), inputs + 1) else {
        return Ok((plain, layer.bias.clone()));
    };
    if exact {
        // Those that are powers of two but for a last digit stay; others have room for their largest weight.
        plain.scales.iter_mut().for_each(|scale| *scale = (scale.log2() - 1e-4).ceil().exp2());
    }
    let with_bias = Tensor::cat(&[&layer.weight, &layer.bias.unsqueeze(0)?], 0)?.flatten_all()?;
    let mut weights: Vec<f64> = with_bias.to_vec1::<f32>()?.into_iter().map(f64::from).collect();
    let size =
        |input: &usize| stats.products().get(input * (inputs + 1) + input).copied().unwrap_or_default();
    let mut order: Vec<usize> = (0..inputs).collect();
    order.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    for (done, &input) in order.iter().enumerate() {
        let own = inverse[(input, input)];
        let later = || order[done + 1..].iter().copied().chain([inputs]);
        for output in 0..outputs {
            let (at, scale) = (input * outputs + output, f64::from(plain.scales[output]));
            let step = (weights[at] / scale).round_ties_even().clamp(-127.0, 127.0);
            plain.data[at] = step as i8;
            let error = (weights[at] - step * scale) / own;
            for other in later() {
                weights[other * outputs + output] -= error * inverse[(other, input)];
            }
        }
        let column = inverse.column(input).clone_owned();
        inverse.ger(-1.0 / own, &column, &column, 1.0);
    }
    let mut bias: Vec<f32> = weights[inputs * outputs..].iter().map(|&bias| bias as f32).collect();
    if exact {
        let steps = plain.scales.iter().map(|scale| scale * GRID);
        bias.iter_mut().zip(steps).for_each(|(bias, step)| *bias = (*bias / step).round_ties_even() * step);
    }
    Ok((plain, Tensor::from_vec(bias, outputs, &Device::Cpu)?))
}

/// The nearest one, by ratio.
fn power_of_two(number: f32) -> f32 {
    number.log2().round_ties_even().exp2()
}

/// Of the second moments `[size, size]`, damped.
fn inverse(moments: &[f64], size: usize) -> Option<DMatrix<f64>> {
    if moments.len() != size * size {
        return None;
    }
    let mut matrix = DMatrix::from_row_slice(size, size, moments);
    let damping = DAMPING * matrix.trace() / size as f64;
    (0..size).for_each(|at| matrix[(at, at)] += damping);
    Cholesky::new(matrix).map(|cholesky| cholesky.inverse())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::train::model::backend::Backend;
    use crate::train::model::candle_backend::CandleBackend;
    use crate::train::model::inputs::matrix;
    use crate::train::model::int8::Axis;

    /// Rows whose columns go together, as features of one list do.
    fn rows() -> Tensor {
        let noise = |r: usize, c: usize| ((r * 7919 + c * 104_729) % 1_009) as f32 / 1_009.0 - 0.5;
        matrix(400, 6, |r, c| noise(r, 9) * (c as f32 + 1.0) * 0.5 + 0.2 * noise(r, c) + 0.3).unwrap()
    }

    fn tower() -> Tower {
        let weight = |inputs, outputs, seed: usize| {
            matrix(inputs, outputs, |r, c| ((r * 31 + c * 17 + seed) % 23) as f32 / 11.0 - 1.0).unwrap()
        };
        let layer = |inputs, outputs, seed| Layer {
            weight: weight(inputs, outputs, seed),
            bias: weight(1, outputs, seed + 5).squeeze(0).unwrap(),
            rounding: Rounding::None,
        };
        let layers = vec![layer(6, 12, 1), layer(12, 8, 2), layer(8, 1, 3)];
        Tower { name: "t".into(), layers, linear: matrix(6, 1, |_, _| 0.0).unwrap(), gate: None }
    }

    fn of(tower: &Tower) -> Vec<f32> {
        let scores = tower.of(&mut CandleBackend::default(), &rows()).unwrap();
        scores.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn watched(tower: &Tower) -> LayerStats {
        let mut backend = CandleBackend::watching();
        tower.of(&mut backend, &rows()).unwrap();
        backend.stats.unwrap()
    }

    /// Mean square of what rounding changes.
    fn error(plain: &Tower, rounded: &Tower) -> f32 {
        let (plain, rounded) = (of(plain), of(rounded));
        plain.iter().zip(&rounded).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / plain.len() as f32
    }

    #[test]
    fn levelling_leaves_scores_and_makes_units_one_size() {
        let equalised = equalised(tower(), &watched(&tower())).unwrap();
        for (a, b) in of(&tower()).iter().zip(of(&equalised)) {
            assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{a} {b}");
        }
        let seen = watched(&equalised);
        // Within the half of an octave that a power of two asks of the first layer's.
        assert!(seen["t_1"].highs().iter().all(|&high| high == 0.0 || high.log2().abs() < 0.51));
        assert!(seen["t_2"].highs().iter().all(|&high| high == 0.0 || (high - 1.0).abs() < 1e-5));
    }

    #[test]
    fn weights_rounded_together_move_outputs_less_than_each_by_itself() {
        let (tower, seen) = (tower(), watched(&tower()));
        let alone = |layer: &Layer| Int8Matrix::of_layer(&layer.weight).unwrap();
        let mut plain = tower.clone();
        plain.layers.iter_mut().for_each(|layer| layer.rounding = Rounding::Weights(alone(layer)));
        let mut together = rounded(tower.clone(), &seen).unwrap();
        for layer in &mut together.layers {
            if let Rounding::WeightsAndInput(weights, _) = &layer.rounding {
                layer.rounding = Rounding::Weights(weights.clone());
            }
        }
        let (plain, together) = (error(&tower, &plain), error(&tower, &together));
        assert!(together < plain / 2.0, "{together} {plain}");
    }

    #[test]
    fn weights_stay_within_a_step_of_int8_and_the_first_layer_reads_f32() {
        let rounded = rounded(tower(), &watched(&tower())).unwrap();
        assert!(matches!(rounded.layers[0].rounding, Rounding::Weights(_)));
        for layer in &rounded.layers[1..] {
            let Rounding::WeightsAndInput(weights, _) = &layer.rounding else { panic!("not rounded") };
            assert!(weights.data.iter().all(|&weight| weight > -128), "symmetric");
            assert_eq!(weights.axis, Axis::Column);
        }
    }

    #[test]
    fn inputs_that_do_not_go_together_round_alone() {
        // Weights of which none lies halfway between two steps.
        let weight = matrix(6, 12, |r, c| ((r * 31 + c * 17) as f32 * 0.377).sin()).unwrap();
        let layer = &Layer { weight, ..tower().layers[0].clone() };
        let mut stats = InputStats::default();
        // In each row one input alone, up or down.
        let one = matrix(6, 6, |r, c| f32::from(r == c)).unwrap().flatten_all().unwrap();
        let one = one.to_vec1::<f32>().unwrap();
        let other: Vec<f32> = one.iter().map(|&x| -x).collect();
        stats.add(&[one, other].concat(), 6);
        let (weights, bias) = round_layer(layer, &stats, false).unwrap();
        assert_eq!(weights, Int8Matrix::of_layer(&layer.weight).unwrap());
        assert_eq!(bias.to_vec1::<f32>().unwrap(), layer.bias.to_vec1::<f32>().unwrap());
        let unseen = round_layer(layer, &InputStats::default(), false).unwrap().0;
        assert_eq!(unseen, weights, "nothing is known of inputs that were not seen");
    }

    #[test]
    fn sums_of_the_first_layer_are_exact_in_whatever_order() {
        let rounded = in_8_bits(vec![tower()], |towers| Ok(watched(&towers[0]))).unwrap().remove(0);
        let layer = &rounded.layers[0];
        let Rounding::Weights(weights) = &layer.rounding else { panic!("not rounded") };
        let bias = layer.bias.to_vec1::<f32>().unwrap();
        let got =
            CandleBackend::default().dense("t_0", &rows(), layer, false).unwrap().to_vec2::<f32>().unwrap();
        for (row, got) in rows().to_vec2::<f32>().unwrap().iter().zip(got) {
            for (output, got) in got.into_iter().enumerate() {
                let step = f64::from(weights.scales[output]) * f64::from(GRID);
                assert_eq!(step.log2().fract(), 0.0, "a power of two");
                let products = row.iter().enumerate().map(|(input, x)| {
                    let x = (f64::from(*x) / f64::from(GRID)).round_ties_even();
                    x * f64::from(weights.data[input * 12 + output])
                });
                let wanted = products.sum::<f64>() + f64::from(bias[output]) / step;
                assert_eq!(wanted.fract(), 0.0, "the bias is on the grid");
                assert_eq!(f64::from(got), wanted * step);
            }
        }
    }
}
