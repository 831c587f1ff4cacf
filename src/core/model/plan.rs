//! In: a [`Vetted`] model. Out: [`Plan`]: its stages compiled by tract, run some rows at a time.
//! A stage is the part of the graph between its inputs and its output, cut at the inputs.
//! Must never be made from anything but a `Vetted`.

use super::manifest::{Manifest, Role};
use super::stage::{StagePlan, Visitor, run_error};
use super::vet::Vetted;
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;

/// How far a golden output may lie from the recorded one: different hosts round differently.
const GOLDEN_TOLERANCE: f32 = 1e-4;

/// A compiled model. Each stage takes a block of rows a run, or the rows that are left.
#[derive(Debug)]
pub struct Plan {
    manifest: Manifest,
    encode: Option<StagePlan>,
    score: StagePlan,
}

/// The values of one input, row-major, of the shape that the manifest gives its role; of roles with a row
/// an item, as many rows as are to be computed, at most [`Plan::most_rows`].
#[derive(Debug, Clone, Copy)]
pub enum StageInput<'a> {
    /// Token ids.
    Ids(&'a [i64]),
    /// Everything else.
    Floats(&'a [f32]),
}

impl StageInput<'_> {
    /// Number of values.
    pub(super) fn len(&self) -> usize {
        match self {
            StageInput::Ids(ids) => ids.len(),
            StageInput::Floats(floats) => floats.len(),
        }
    }
}

impl Plan {
    /// Compiles the stages.
    ///
    /// # Errors
    /// [`Kind::ModelUnsupported`], [`Kind::ModelTooLarge`] or [`Kind::ModelManifest`] with the node.
    pub fn compile(vetted: Vetted) -> Result<Plan> {
        let Vetted { graph, manifest } = vetted;
        let encode = match &manifest.stages.encode {
            None => None,
            Some(stage) => Some(StagePlan::compile("encode", stage, &graph, &manifest, manifest.vector)?),
        };
        let score =
            StagePlan::compile("score", &manifest.stages.score, &graph, &manifest, manifest.heads.len())?;
        Ok(Plan { manifest, encode, score })
    }

    /// The model's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether items have vectors.
    pub fn encodes(&self) -> bool {
        self.encode.is_some()
    }

    /// Whether the score stage reads an input.
    pub fn score_reads(&self, role: Role) -> bool {
        self.score.inputs.iter().any(|(known, _)| *known == role)
    }

    /// Work units of scoring some blocks, of which `encoded` rows need encoding first. A unit is a
    /// thousand multiplications or elements, counted when the model was compiled: what it takes in
    /// time is the host's affair, how many a list takes is the model's, the same on every host.
    pub fn units(&self, blocks: usize, encoded: usize) -> u64 {
        let runs = encoded.div_ceil(self.manifest.block.max(1)) as u64;
        let encode = self.encode.as_ref().map_or(0, |stage| stage.units);
        self.score.units.saturating_mul(blocks as u64).saturating_add(encode.saturating_mul(runs))
    }

    /// Rows that the stages take a run, at most: of `encode` (0 if the model has none) and of `score`. A block,
    /// or a few of them where a stage gives the same for any number of rows.
    pub fn most_rows(&self) -> [usize; 2] {
        [self.encode.as_ref().map_or(0, StagePlan::most_rows), self.score.most_rows()]
    }

    /// Item vectors `[n, D]` of the tokens `[n, T]` of at most [`Plan::most_rows`] items.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn encode(&mut self, tokens: &[i64]) -> Result<Vec<f32>> {
        match &mut self.encode {
            Some(stage) => stage.run(|_| Some(StageInput::Ids(tokens))),
            None => Err(run_error("encode", "the model has no such stage")),
        }
    }

    /// What the score stage makes of the visitor alone: the same for all rows of a ranking.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn visitor<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Visitor> {
        self.score.visitor(input)
    }

    /// Heads `[n, H]` of at most [`Plan::most_rows`] items, for a visitor; `input` gives each role's values.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn score<'a>(
        &mut self,
        visitor: &Visitor,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<Vec<f32>> {
        self.score.rows(visitor, input)
    }

    /// Names of the score stage's operators, in the order in which they run: of the visitor alone, of rows.
    #[cfg(test)]
    pub(crate) fn operators(&self) -> [Vec<String>; 2] {
        self.score.operators()
    }

    /// Whether each stage runs the rows at a list's end without padding.
    #[cfg(test)]
    pub(crate) fn short(&self) -> [Option<bool>; 2] {
        [self.encode.as_ref().map(StagePlan::short), Some(self.score.short())]
    }

    /// Names of the encode stage's operators.
    #[cfg(test)]
    pub(super) fn encode_operators(&self) -> Vec<String> {
        self.encode.as_ref().map(|stage| stage.operators().concat()).unwrap_or_default()
    }

    /// Runs the golden vectors through the compiled stages.
    ///
    /// # Errors
    /// [`Kind::ModelManifest`] if a stage has none, [`Kind::ModelSelfTest`] if one disagrees.
    pub fn self_test(mut self) -> Result<Plan> {
        let golden = std::mem::take(&mut self.manifest.golden);
        let block = self.manifest.block;
        let stages = [
            (self.manifest.stages.encode.clone(), self.encode.as_mut()),
            (Some(self.manifest.stages.score.clone()), Some(&mut self.score)),
        ];
        for (stage, plan) in stages {
            let (Some(stage), Some(plan)) = (stage, plan) else { continue };
            let missing = |name: &str| {
                Error::new(Kind::ModelManifest, "manifest.golden", format!("no values for `{name}`"))
            };
            let mut inputs: HashMap<Role, Vec<f32>> = HashMap::new();
            for (role, shape) in &plan.inputs {
                let name = stage.inputs.get(role).map_or("", String::as_str);
                let array = golden.inputs.get(name).or_else(|| golden.outputs.get(name));
                let mut data = array.ok_or_else(|| missing(name))?.data.clone();
                data.resize(shape[0] * shape[1], 0.0);
                inputs.insert(*role, data);
            }
            let expected = golden.outputs.get(&stage.output).ok_or_else(|| missing(&stage.output))?;
            if expected.data.is_empty() || expected.data.len() > block * plan.output_width {
                return Err(missing(&stage.output));
            }
            let tokens = inputs.get(&Role::Tokens).map(|t| t.iter().map(|&v| v as i64).collect::<Vec<_>>());
            let bound = self.manifest.text.as_ref().map_or(0, |text| i64::from(text.table));
            if tokens.iter().flatten().any(|t| !(0..bound).contains(t)) {
                return Err(Error::new(Kind::ModelManifest, "manifest.golden", "a token outside the table"));
            }
            let got = plan.run(|role| match (role, &tokens) {
                (Role::Tokens, Some(tokens)) => Some(StageInput::Ids(tokens)),
                _ => inputs.get(&role).map(|values| StageInput::Floats(values)),
            })?;
            for (index, (&want, &got)) in expected.data.iter().zip(&got).enumerate() {
                // Written so that NaN fails.
                let near = (want - got).abs() <= GOLDEN_TOLERANCE * (1.0 + want.abs());
                if !near {
                    let place = format!("manifest.golden.outputs.{}[{index}]", stage.output);
                    return Err(Error::new(
                        Kind::ModelSelfTest,
                        place,
                        format!("computed {got}, recorded {want}"),
                    ));
                }
            }
            plan.settle(bound);
        }
        Ok(self)
    }
}
