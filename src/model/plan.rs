//! In: a [`Vetted`] model. Out: [`Plan`]: its stages compiled by tract for one block of rows each.
//! A stage is the part of the graph between its inputs and its output, cut at the inputs.
//! Must never be made from anything but a `Vetted`.

use super::manifest::{Manifest, Role, Stage};
use super::ops::operator;
use super::pb::GraphProto;
use super::vet::Vetted;
use super::wiring::{Node, Wiring, tensor_of};
use crate::error::{Error, Kind, Result};
use std::collections::{HashMap, HashSet};
use tract_core::internal::*;

/// How far a golden output may lie from the recorded one: different hosts round differently.
const GOLDEN_TOLERANCE: f32 = 1e-4;

/// A compiled model. Each stage takes exactly one block of rows a run.
#[derive(Debug)]
pub struct Plan {
    manifest: Manifest,
    encode: Option<StagePlan>,
    score: StagePlan,
}

/// The values of one input, row-major, of the shape that the manifest gives its role.
#[derive(Debug, Clone, Copy)]
pub enum StageInput<'a> {
    /// Token ids.
    Ids(&'a [i64]),
    /// Everything else.
    Floats(&'a [f32]),
}

#[derive(Debug)]
struct StagePlan {
    label: &'static str,
    state: TypedSimpleState,
    inputs: Vec<(Role, [usize; 2])>,
    output_width: usize,
    /// Thousands of multiplications and elements of one block.
    units: u64,
}

fn run_error(label: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelRun, format!("stage.{label}"), what)
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

    /// Work units of scoring one block, of which `encoded` rows need encoding first. A unit is a
    /// thousand multiplications or elements, counted when the model was compiled: what it takes in
    /// time is the host's affair, how many a list takes is the model's, the same on every host.
    pub fn units(&self, encoded: usize) -> u64 {
        let runs = encoded.div_ceil(self.manifest.block.max(1)) as u64;
        let encode = self.encode.as_ref().map_or(0, |stage| stage.units);
        self.score.units.saturating_add(encode.saturating_mul(runs))
    }

    /// Item vectors `[block, D]` of `block` rows of tokens.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn encode(&mut self, tokens: &[i64]) -> Result<Vec<f32>> {
        match &mut self.encode {
            Some(stage) => stage.run(|_| Some(StageInput::Ids(tokens))),
            None => Err(run_error("encode", "the model has no such stage")),
        }
    }

    /// Heads `[block, H]` of one block; `input` gives each role's values.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn score<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Vec<f32>> {
        self.score.run(input)
    }

    /// Names of the score stage's operators, in the order in which they run.
    #[cfg(test)]
    pub(super) fn operators(&self) -> Vec<String> {
        self.score.operators()
    }

    /// The same of the encode stage.
    #[cfg(test)]
    pub(super) fn encode_operators(&self) -> Vec<String> {
        self.encode.as_ref().map(StagePlan::operators).unwrap_or_default()
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
        }
        Ok(self)
    }
}

impl StagePlan {
    fn compile(
        label: &'static str,
        stage: &Stage,
        graph: &GraphProto,
        manifest: &Manifest,
        output_width: usize,
    ) -> Result<StagePlan> {
        let mut wiring = Wiring::new();
        let mut values: HashMap<&str, OutletId> = HashMap::new();
        let mut inputs = Vec::new();
        let mut outlets = Vec::new();
        for (&role, name) in &stage.inputs {
            let shape = manifest.shape_of(role);
            let element = if role == Role::Tokens { i64::datum_type() } else { f32::datum_type() };
            let outlet = wiring.source(name, element, &shape)?;
            if let (Role::Tokens, Some(text)) = (role, &manifest.text) {
                wiring.bounded_ids(outlet, text.table as usize);
            }
            values.insert(name, outlet);
            inputs.push((role, shape));
            outlets.push(outlet);
        }
        let needed = needed(stage, graph);
        wiring.notes.readers = readers(stage, graph, &needed);
        for tensor in graph.initializer.iter().filter(|t| needed.contains(t.name.as_str())) {
            if !values.contains_key(tensor.name.as_str()) {
                let outlet = wiring.constant(&tensor.name, tensor_of(tensor)?)?;
                values.insert(&tensor.name, outlet);
            }
        }
        for proto in &graph.node {
            let name = proto.output.first().map_or("", String::as_str);
            let asked = |name: &String| needed.contains(name.as_str()) && !values.contains_key(name.as_str());
            if !proto.output.iter().any(asked) {
                continue;
            }
            let mut node = Node { proto, inputs: Vec::with_capacity(proto.input.len()) };
            for input in &proto.input {
                let outlet = values.get(input.as_str()).copied();
                if outlet.is_none() && !input.is_empty() {
                    let what = format!("needs `{input}`, which is not among its inputs");
                    return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}"), what));
                }
                node.inputs.push(outlet);
            }
            let row = operator(&proto.op_type).ok_or_else(|| node.refuse("not in the table"))?;
            let outlet = (row.build)(&mut wiring, &node)?;
            values.insert(name, outlet);
            // An operator of several outputs is one node of tract with as many slots.
            for (slot, other) in proto.output.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty())
            {
                values.insert(other, OutletId::new(outlet.node, slot));
            }
        }
        let place = || format!("manifest.stages.{label}.output");
        let output = *values
            .get(stage.output.as_str())
            .ok_or_else(|| Error::new(Kind::ModelManifest, place(), "is an input that the stage lacks"))?;
        let shape = wiring.shape(output)?;
        if shape != [manifest.block, output_width] || wiring.element(output)? != f32::datum_type() {
            let what = format!("is {shape:?}, must be f32 [{}, {output_width}]", manifest.block);
            return Err(Error::new(Kind::ModelManifest, place(), what));
        }
        let units = wiring.work().div_ceil(1_000).max(1);
        let model = wiring.finish(&outlets, output);
        // Not through tract's optimiser: fusion was done while wiring, shapes are known, and it would
        // double the module.
        let state = model
            .and_then(|model| model.into_runnable()?.spawn())
            .map_err(|e| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}")))?;
        Ok(StagePlan { label, state, inputs, output_width, units })
    }

    #[cfg(test)]
    fn operators(&self) -> Vec<String> {
        let model = self.state.model();
        let order = model.eval_order().unwrap_or_default();
        order.iter().map(|&node| model.node(node).op.name().to_string()).collect()
    }

    fn run<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Vec<f32>> {
        let label = self.label;
        let mut tensors: TVec<TValue> = tvec!();
        for (role, shape) in &self.inputs {
            let tensor = match input(*role) {
                Some(StageInput::Ids(ids)) => Tensor::from_shape(shape, ids),
                Some(StageInput::Floats(floats)) => Tensor::from_shape(shape, floats),
                None => return Err(run_error(label, format!("no values for {}", role.name()))),
            };
            tensors.push(tensor.map_err(|e| run_error(label, format!("{}: {e}", role.name())))?.into());
        }
        let outputs = self.state.run(tensors).map_err(|e| run_error(label, format!("{e:#}")))?;
        let output = outputs.first().ok_or_else(|| run_error(label, "gave nothing"))?;
        let plain = output.try_as_plain_ram().map_err(|e| run_error(label, e.to_string()))?;
        Ok(plain.as_slice::<f32>().map_err(|e| run_error(label, e.to_string()))?.to_vec())
    }
}

/// The names that a stage's output depends on, not looking behind its inputs.
fn needed<'a>(stage: &'a Stage, graph: &'a GraphProto) -> HashSet<&'a str> {
    let cut: HashSet<&str> = stage.inputs.values().map(String::as_str).collect();
    let mut needed: HashSet<&str> = HashSet::from([stage.output.as_str()]);
    for node in graph.node.iter().rev() {
        if node.output.iter().any(|o| needed.contains(o.as_str()) && !cut.contains(o.as_str())) {
            needed.extend(node.input.iter().map(String::as_str).filter(|i| !i.is_empty()));
        }
    }
    needed
}

/// How many nodes read each value that a stage needs; its output is read from outside.
fn readers(stage: &Stage, graph: &GraphProto, needed: &HashSet<&str>) -> HashMap<String, usize> {
    let mut readers = HashMap::from([(stage.output.clone(), 1)]);
    for node in &graph.node {
        if node.output.iter().any(|output| needed.contains(output.as_str())) {
            node.input.iter().for_each(|input| *readers.entry(input.clone()).or_default() += 1);
        }
    }
    readers
}
