//! In: a model file that [`super::export`] wrote before rounding. Out: the towers that were trained for it, so that
//! rounding and calibration can be done anew without training. Layers that do not fit one another are refused.

use crate::error::Result;
use crate::train::model::backend::{Layer, Rounding};
use crate::train::model::gate::Gate;
use crate::train::model::tower::Tower;
use candle_core::{Device, Tensor};
use ranklet::internals::model::{Bundle, Vetted};

/// The towers of some names, with the gates of their hyperparameters; each reads `columns` columns.
///
/// # Errors
/// Of the file, or with the constant that is missing, is not f32, or does not fit.
pub fn towers(file: &[u8], named: &[(&str, Option<Gate>)], columns: usize) -> Result<Vec<Tower>> {
    let model = Vetted::vet(Bundle::open(file)?)?;
    let constant = |name: String, rows: usize, outputs: Option<usize>| -> Result<Tensor> {
        let (shape, values) = model
            .f32_constant(&name)
            .ok_or_else(|| format!("no constant {name} of f32: was the model rounded?"))?;
        let fits = match shape.as_slice() {
            &[own, width] => own == rows && outputs.is_none_or(|outputs| outputs == width),
            _ => false,
        };
        if !fits {
            return Err(format!("{name} is {shape:?}, which does not follow {rows} columns").into());
        }
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    };
    let tower = |(name, gate): &(&str, Option<Gate>)| -> Result<Tower> {
        let (mut layers, mut inputs) = (Vec::new(), columns);
        while layers.is_empty() || model.f32_constant(&format!("{name}_{}_weight", layers.len())).is_some() {
            let weight = constant(format!("{name}_{}_weight", layers.len()), inputs, None)?;
            inputs = weight.dim(1)?;
            let bias_name = format!("{name}_{}_bias", layers.len());
            let (shape, bias) =
                model.f32_constant(&bias_name).ok_or_else(|| format!("no constant {bias_name}"))?;
            if shape != [inputs] {
                return Err(format!("{bias_name} is {shape:?}, must be [{inputs}]").into());
            }
            let bias = Tensor::from_vec(bias, inputs, &Device::Cpu)?;
            layers.push(Layer { weight, bias, rounding: Rounding::None });
        }
        if inputs != 1 {
            return Err(format!("{name} ends in {inputs} columns, must be one").into());
        }
        let linear = constant(format!("{name}_linear"), columns, Some(1))?;
        Ok(Tower { name: (*name).to_string(), layers, linear, gate: gate.clone() })
    };
    named.iter().map(tower).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::train::hyperparameters;
    use crate::train::model::candle_backend::CandleBackend;
    use crate::train::model::evidence::EVIDENCE;
    use crate::train::model::inputs::matrix;

    const F32: &[u8] = include_bytes!("../../../www/movies/movies-f32.onnx");
    const ROUNDED: &[u8] = include_bytes!("../../../www/movies/movies.onnx");

    fn columns() -> usize {
        Vetted::vet(Bundle::open(F32).unwrap()).unwrap().manifest().features.len() + EVIDENCE
    }

    #[test]
    fn the_committed_model_s_towers_are_found_and_compute() {
        let hyperparameters =
            [("engage", hyperparameters::engage().gate), ("like", hyperparameters::like().gate)];
        let towers = towers(F32, &hyperparameters, columns()).unwrap();
        for tower in &towers {
            let scores =
                tower.of(&mut CandleBackend::default(), &matrix(3, columns(), |r, _| r as f32).unwrap());
            assert_eq!(scores.unwrap().dims(), [3, 1]);
        }
        let widths = towers.iter().map(crate::train::prune::widths).collect::<Vec<_>>();
        assert_eq!(widths, [vec![64, 32], vec![16]]);
    }

    #[test]
    fn other_models_say_what_does_not_fit() {
        let said = |file, named: &str, columns| {
            towers(file, &[(named, None)], columns).map(drop).unwrap_err().to_string()
        };
        assert!(said(ROUNDED, "engage", columns()).contains("was the model rounded?"));
        assert!(said(F32, "other", columns()).contains("no constant other_0_weight"));
        assert!(said(F32, "engage", 7).contains("does not follow 7 columns"));
        assert!(towers(b"no model", &[], 1).is_err());
    }
}
