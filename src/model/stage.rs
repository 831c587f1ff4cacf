//! In: a stage's part of the graph. Out: [`StagePlan`]: the part compiled by tract, run block by block.
//! The rows at a list's end are fewer than a block: they run by themselves where that gives the same bits.
//! Must never let a row that pads a block be seen outside.

use super::manifest::{Manifest, Role, Stage};
use super::ops::operator;
use super::pb::GraphProto;
use super::plan::StageInput;
use super::wiring::{Node, Wiring, tensor_of};
use crate::error::{Error, Kind, Result};
use std::collections::{HashMap, HashSet};
use tract_core::internal::*;

/// A compiled stage.
#[derive(Debug)]
pub(super) struct StagePlan {
    label: &'static str,
    state: TypedSimpleState,
    /// Roles with the shapes of one block.
    pub inputs: Vec<(Role, [usize; 2])>,
    pub output_width: usize,
    /// Thousands of multiplications and elements of one block.
    pub units: u64,
    block: usize,
    /// Whether fewer rows than a block give what they give within one.
    short: bool,
}

pub(super) fn run_error(label: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelRun, format!("stage.{label}"), what)
}

/// Whether an input has a row for each item.
fn by_item(role: Role) -> bool {
    matches!(role, Role::Item | Role::Dense | Role::Tokens)
}

impl StagePlan {
    pub fn compile(
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
            .and_then(|model| open_rows(model, &inputs, manifest.block)?.into_runnable()?.spawn())
            .map_err(|e| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}")))?;
        Ok(StagePlan { label, state, inputs, output_width, units, block: manifest.block, short: false })
    }

    /// Whether rows at a list's end run without padding.
    #[cfg(test)]
    pub fn short(&self) -> bool {
        self.short
    }

    #[cfg(test)]
    pub fn operators(&self) -> Vec<String> {
        let model = self.state.model();
        let order = model.eval_order().unwrap_or_default();
        order.iter().map(|&node| model.node(node).op.name().to_string()).collect()
    }

    /// Runs the rows that `input` gives.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn run<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Vec<f32>> {
        let label = self.label;
        let (mut tensors, mut rows): (TVec<TValue>, _) = (tvec!(), self.block);
        for (role, shape) in &self.inputs {
            let given = input(*role);
            let given = given.ok_or_else(|| run_error(label, format!("no values for {}", role.name())))?;
            let mut shape = *shape;
            if by_item(*role) {
                rows = given.len().checked_div(shape[1]).unwrap_or(rows).min(self.block);
                shape[0] = if self.short { rows } else { self.block };
            }
            let tensor = match given {
                StageInput::Ids(ids) => padded(&shape, ids),
                StageInput::Floats(floats) => padded(&shape, floats),
            };
            tensors.push(tensor.map_err(|e| run_error(label, format!("{}: {e}", role.name())))?.into());
        }
        let outputs = self.state.run(tensors).map_err(|e| {
            // What this run said of the number of rows must not bind the next one.
            let _ = self.state.reset_turn();
            run_error(label, format!("{e:#}"))
        })?;
        let output = outputs.first().ok_or_else(|| run_error(label, "gave nothing"))?;
        let plain = output.try_as_plain_ram().map_err(|e| run_error(label, e.to_string()))?;
        let values = plain.as_slice::<f32>().map_err(|e| run_error(label, e.to_string()))?;
        let wanted = values.get(..rows * self.output_width);
        Ok(wanted.ok_or_else(|| run_error(label, "gave too few rows"))?.to_vec())
    }

    /// Finds out whether rows may run without those that would fill their block: an operator may look
    /// at all rows, or know their number. Asked of varied numbers; token ids are below `bound`.
    pub fn settle(&mut self, bound: i64) {
        let (block, few) = (self.block, self.block.div_ceil(3));
        let varied = |length: usize| (0..length).map(|i| (i * 37 % 101) as f32 / 25.0 - 2.0);
        let inputs: HashMap<Role, (Vec<i64>, Vec<f32>)> = self
            .inputs
            .iter()
            .map(|(role, [rows, width])| {
                let ids = (0..(rows * width) as i64).map(|i| i * 7919 % bound.max(1));
                (*role, (ids.collect(), varied(rows * width).collect()))
            })
            .collect();
        let widths: HashMap<Role, usize> =
            self.inputs.iter().map(|(role, [_, width])| (*role, *width)).collect();
        let give = |role: Role, rows: usize| {
            let (ids, floats) = inputs.get(&role)?;
            let rows = if by_item(role) { rows * widths.get(&role)? } else { floats.len() };
            Some(match role {
                Role::Tokens => StageInput::Ids(ids.get(..rows)?),
                _ => StageInput::Floats(floats.get(..rows)?),
            })
        };
        let Ok(whole) = self.run(|role| give(role, block)) else { return };
        self.short = true;
        let alone = self.run(|role| give(role, few));
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
        self.short = alone.is_ok_and(|alone| {
            whole.get(..alone.len()).is_some_and(|first| bits(first) == bits(&alone)) && !alone.is_empty()
        });
    }
}

/// Leaves the number of rows open in the inputs that have one an item, and in all that depends on them: the
/// first axis. tract checks facts of inputs, and in builds with debug assertions all others.
fn open_rows(mut model: TypedModel, inputs: &[(Role, [usize; 2])], block: usize) -> TractResult<TypedModel> {
    let rows = TDim::Sym(model.symbols.sym("rows"));
    let sources = model.input_outlets()?.to_vec();
    let sources = sources.iter().zip(inputs).filter(|(_, (role, _))| by_item(*role));
    let mut open: HashSet<usize> = sources.map(|(outlet, _)| outlet.node).collect();
    // A node's inputs come before it.
    for node in &mut model.nodes {
        if open.contains(&node.id) || node.inputs.iter().any(|input| open.contains(&input.node)) {
            open.insert(node.id);
            for outlet in &mut node.outputs {
                if outlet.fact.shape.first().is_some_and(|dim| *dim == TDim::from(block)) {
                    outlet.fact.shape.set(0, rows.clone());
                }
            }
        }
    }
    Ok(model)
}

/// A tensor of these values, zeros where they end.
fn padded<T: Datum + Copy + Default>(shape: &[usize; 2], values: &[T]) -> TractResult<Tensor> {
    let length = shape[0] * shape[1];
    if values.len() >= length {
        return Tensor::from_shape(shape, values.get(..length).unwrap_or_default());
    }
    let mut whole = values.to_vec();
    whole.resize(length, T::default());
    Tensor::from_shape(shape, &whole)
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
