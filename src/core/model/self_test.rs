//! The self-test of a compiled stage: the manifest's golden inputs must give its golden outputs.
//! The tolerance is for hosts that round differently; a kernel that computes something else lies far beyond it.
#![deny(clippy::indexing_slicing)]

use super::manifest::{Manifest, Role, Stage};
use super::stage::StagePlan;
use super::stage_input::StageInput;
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;

/// How far a golden output may lie from the recorded one, relative to `1 + |output|`.
const TOLERANCE: f32 = 1e-4;

fn missing(name: &str) -> Error {
    Error::new(Kind::ModelManifest, "manifest.golden", format!("no values for `{name}`"))
}

/// The golden values of each input of a stage, with zeros where they end.
fn inputs_of(stage: &Stage, plan: &StagePlan, manifest: &Manifest) -> Result<HashMap<Role, Vec<f32>>> {
    let mut inputs = HashMap::new();
    for &(role, [rows, width]) in &plan.inputs {
        let name = stage.inputs.get(&role).map_or("", String::as_str);
        let golden = &manifest.golden;
        let array = golden.inputs.get(name).or_else(|| golden.outputs.get(name));
        let mut data = array.ok_or_else(|| missing(name))?.data.clone();
        data.resize(rows * width, 0.0);
        inputs.insert(role, data);
    }
    Ok(inputs)
}

/// Runs the golden inputs of a stage through it.
///
/// # Errors
/// [`Kind::ModelManifest`] if there are none, [`Kind::ModelSelfTest`] if an output differs.
pub(super) fn self_test(stage: &Stage, plan: &mut StagePlan, manifest: &Manifest) -> Result<()> {
    let inputs = inputs_of(stage, plan, manifest)?;
    let expected = manifest.golden.outputs.get(&stage.output).ok_or_else(|| missing(&stage.output))?;
    if expected.data.is_empty() || expected.data.len() > manifest.block * plan.output_width {
        return Err(missing(&stage.output));
    }
    let tokens = inputs.get(&Role::Tokens).map(|t| t.iter().map(|&v| v as i64).collect::<Vec<_>>());
    if tokens.iter().flatten().any(|token| !(0..manifest.token_bound()).contains(token)) {
        return Err(Error::new(Kind::ModelManifest, "manifest.golden", "a token outside the table"));
    }
    let got = plan.run(|role| match (role, &tokens) {
        (Role::Tokens, Some(tokens)) => Some(StageInput::Ids(tokens)),
        _ => inputs.get(&role).map(|values| StageInput::Floats(values)),
    })?;
    for (index, (&expected, &got)) in expected.data.iter().zip(&got).enumerate() {
        // Written so that NaN fails.
        let is_near = (expected - got).abs() <= TOLERANCE * (1.0 + expected.abs());
        if !is_near {
            let place = format!("manifest.golden.outputs.{}[{index}]", stage.output);
            let what = format!("computed {got}, recorded {expected}");
            return Err(Error::new(Kind::ModelSelfTest, place, what));
        }
    }
    Ok(())
}
