//! A [`Vetted`] model comes in; out comes [`Plan`]: its stages compiled, run some rows at a time.
//! A stage is the part of the graph between its inputs and its output, cut at the inputs.
#![deny(clippy::indexing_slicing)]

use super::bundle::Bundle;
use super::manifest::{Golden, Manifest, Role};
use super::self_test::self_test;
use super::stage::{SessionActivations, StagePlan};
use super::stage_input::{StageInput, run_error};
use super::vet::Vetted;
#[cfg(doc)]
use crate::error::Kind;
use crate::error::Result;

/// A compiled model. Each stage takes a block of rows a run, or the rows that are left.
#[derive(Debug)]
pub struct Plan {
    manifest: Manifest,
    encode: Option<StagePlan>,
    score: StagePlan,
}

impl Plan {
    /// Loads a model: open, vet, compile, self-test.
    ///
    /// # Errors
    /// Any of the `model/…` kinds.
    pub fn load(bytes: &[u8]) -> Result<Plan> {
        let vetted = Vetted::vet(Bundle::open(bytes)?)?;
        Plan::compile(vetted)?.self_test()
    }

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
    /// thousand multiplications or elements, counted when the model was compiled: a list takes as many on every
    /// host; how long one takes differs.
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

    /// What the score stage makes of the session alone: the same for all rows of a ranking.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn session<'a>(
        &mut self,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<SessionActivations> {
        self.score.session(input)
    }

    /// Heads `[n, H]` of at most [`Plan::most_rows`] items, for a session; `input` gives each role's values.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn score<'a>(
        &mut self,
        session: &SessionActivations,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<Vec<f32>> {
        self.score.rows(session, input)
    }

    /// Names of the score stage's operators, in the order in which they run: of the session alone, of rows.
    #[cfg(test)]
    pub(crate) fn operators(&self) -> [Vec<String>; 2] {
        self.score.operators()
    }

    /// Whether `encode` and `score` run the rows at a list's end without padding.
    #[cfg(test)]
    pub(crate) fn any_row_count(&self) -> [Option<bool>; 2] {
        [self.encode.as_ref().map(StagePlan::any_row_count), Some(self.score.any_row_count())]
    }

    /// Names of the encode stage's operators.
    #[cfg(test)]
    pub(super) fn encode_operators(&self) -> Vec<String> {
        self.encode.as_ref().map(|stage| stage.operators().concat()).unwrap_or_default()
    }

    /// Runs the golden inputs through the compiled stages, and finds out with how many rows at a time they run.
    ///
    /// # Errors
    /// [`Kind::ModelManifest`] if a stage has none, [`Kind::ModelSelfTest`] if one disagrees.
    pub fn self_test(mut self) -> Result<Plan> {
        let (stages, bound) = (&self.manifest.stages, self.manifest.token_bound());
        let encode = stages.encode.as_ref().zip(self.encode.as_mut());
        for (stage, plan) in encode.into_iter().chain([(&stages.score, &mut self.score)]) {
            self_test(stage, plan, &self.manifest)?;
            plan.probe_row_counts(bound);
        }
        // They are not needed again.
        self.manifest.golden = Golden::default();
        Ok(self)
    }
}
