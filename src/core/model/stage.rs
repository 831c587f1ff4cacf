//! In: a stage's part of the graph. Out: [`StagePlan`]: the part compiled by tract, run block by block.
//! The rows at a list's end are fewer than a block, and several blocks may run as one: as many rows as there
//! are, where that gives the same bits. Must never let a row that pads a block be seen outside.

use super::manifest::{Manifest, Role, Stage};
use super::part::{Entry, Part, by_item, visitors};
use super::pb::GraphProto;
use super::plan::StageInput;
use crate::error::{Error, Kind, Result};
use crate::limits;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use tract_core::internal::*;

/// A compiled stage.
#[derive(Debug)]
pub(super) struct StagePlan {
    label: &'static str,
    once: Option<Once>,
    state: TypedSimpleState,
    /// Roles with the shapes of one block.
    pub inputs: Vec<(Role, [usize; 2])>,
    pub output_width: usize,
    /// Thousands of multiplications and elements of one block.
    pub units: u64,
    block: usize,
    /// Blocks that may run as one.
    most_blocks: usize,
    /// Whether other numbers of rows than a block give what they give within one.
    short: bool,
}

pub(super) fn run_error(label: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelRun, format!("stage.{label}"), what)
}

/// Rows of blocks that run as one, at most: more save little, and what they compute leaves the caches.
const MOST_ROWS: usize = 512;

/// What of a stage no item has a say in: computed once a ranking.
#[derive(Debug)]
struct Once {
    state: TypedSimpleState,
    roles: Vec<(Role, [usize; 2])>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Visitor(TVec<TValue>);

impl StagePlan {
    pub fn compile(
        label: &'static str,
        stage: &Stage,
        graph: &GraphProto,
        manifest: &Manifest,
        output_width: usize,
    ) -> Result<StagePlan> {
        let inputs: Vec<_> = stage.inputs.keys().map(|&role| (role, manifest.shape_of(role))).collect();
        let visitors = visitors(stage, graph);
        let cut = !visitors.is_empty();
        let enter = |own: &dyn Fn(Role) -> bool| -> Vec<Entry> {
            let roles = stage.inputs.iter().filter(|(role, _)| own(**role));
            roles.map(|(&role, name)| Entry::of(role, name, manifest)).collect()
        };
        let mut entries = enter(&|role| !cut || by_item(role));
        let (mut once, mut work) = (None, 0);
        if cut {
            let part = Part::wire(label, graph, &enter(&|role| !by_item(role)), &visitors)?;
            for (name, (element, shape)) in visitors.iter().zip(part.gives) {
                entries.push(Entry { name, element, shape, bound: None });
            }
            let roles = inputs.iter().copied().filter(|(role, _)| !by_item(*role)).collect();
            once = Some(Once { state: spawn(label, Ok(part.model))?, roles });
            work = part.work;
        }
        let part = Part::wire(label, graph, &entries, &[stage.output.as_str()])?;
        let f32s = f32::datum_type();
        for (element, shape) in &part.gives {
            if *shape != [manifest.block, output_width] || *element != f32s {
                let what = format!("is {shape:?}, must be f32 [{}, {output_width}]", manifest.block);
                return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}.output"), what));
            }
        }
        let units = (part.work + work).div_ceil(1_000).max(1);
        let open: Vec<bool> =
            inputs.iter().map(|(role, _)| by_item(*role)).filter(|&by_item| !cut || by_item).collect();
        let state = spawn(label, open_rows(part.model, &open, manifest.block))?;
        let block = manifest.block;
        // What a single block may hold, several may hold together.
        let held = usize::try_from(limits::PLAN_ELEMENTS / part.elements.max(1)).unwrap_or(usize::MAX);
        let most_blocks = (MOST_ROWS / block.max(1)).min(held).max(1);
        Ok(StagePlan { label, once, state, inputs, output_width, units, block, most_blocks, short: false })
    }

    /// Rows that one run takes, at most.
    pub fn most_rows(&self) -> usize {
        if self.short { self.block * self.most_blocks } else { self.block }
    }

    /// Whether rows at a list's end run without padding.
    #[cfg(test)]
    pub fn short(&self) -> bool {
        self.short
    }

    #[cfg(test)]
    pub fn operators(&self) -> [Vec<String>; 2] {
        [self.once.as_ref().map(|once| &once.state), Some(&self.state)].map(|state| {
            let Some(model) = state.map(TypedSimpleState::model) else { return Vec::new() };
            let order = model.eval_order().unwrap_or_default();
            order.iter().map(|&node| model.node(node).op.name().to_string()).collect()
        })
    }

    /// Computes what all rows share.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn visitor<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Visitor> {
        let label = self.label;
        let Some(Once { state, roles }) = &mut self.once else { return Ok(Visitor::default()) };
        let mut tensors = tvec!();
        for (role, shape) in roles {
            tensors.push(tensor(label, *role, shape, &input)?);
        }
        Ok(Visitor(run(label, state, tensors)?))
    }

    /// Runs the rows that `input` gives, at most [`StagePlan::most_rows`] of them.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn rows<'a>(
        &mut self,
        visitor: &Visitor,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<Vec<f32>> {
        let (label, most) = (self.label, self.most_rows());
        let (mut tensors, mut rows): (TVec<TValue>, _) = (tvec!(), self.block);
        for (role, shape) in self.inputs.iter().filter(|(role, _)| self.once.is_none() || by_item(*role)) {
            let mut shape = *shape;
            if by_item(*role) {
                let given = input(*role).map_or(0, |given| given.len());
                rows = given.checked_div(shape[1]).unwrap_or(rows).min(most);
                shape[0] = if self.short { rows } else { self.block };
            }
            tensors.push(tensor(label, *role, &shape, &input)?);
        }
        tensors.extend(visitor.0.iter().cloned());
        let outputs = run(label, &mut self.state, tensors)?;
        let output = outputs.first().ok_or_else(|| run_error(label, "gave nothing"))?;
        let plain = output.try_as_plain_ram().map_err(|e| run_error(label, e.to_string()))?;
        let values = plain.as_slice::<f32>().map_err(|e| run_error(label, e.to_string()))?;
        let wanted = values.get(..rows * self.output_width);
        Ok(wanted.ok_or_else(|| run_error(label, "gave too few rows"))?.to_vec())
    }

    /// Both.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn run<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Vec<f32>> {
        let visitor = self.visitor(&input)?;
        self.rows(&visitor, input)
    }

    /// Finds out whether fewer or more rows than a block give what they give within one: an operator may look
    /// at all rows, or know their number. Asked of varied numbers, the largest and the smallest among the last
    /// rows, where an operator that compares rows finds what fewer do not have; token ids are below `bound`.
    pub fn settle(&mut self, bound: i64) {
        let (block, few) = (self.block, self.block.div_ceil(3));
        // Where one block is all that runs at a time, there is no more to ask about.
        let many = if self.most_blocks > 1 { block + few } else { block };
        let given = |(role, [rows, width]): &(Role, [usize; 2])| {
            let length = width * if by_item(*role) { many } else { *rows };
            let ids: Vec<i64> = (0..length as i64).map(|i| i * 7919 % bound.max(1)).collect();
            let float = |i: usize| {
                let base = (i * 37 % 101) as f32 / 25.0 - 2.0;
                match i / (*width).max(1) + 1 {
                    row if by_item(*role) && (row == block || row == many) => base + 50.0,
                    row if by_item(*role) && (row + 1 == block || row + 1 == many) => base - 50.0,
                    _ => base,
                }
            };
            (*role, (*width, ids, (0..length).map(float).collect()))
        };
        let inputs: HashMap<Role, (usize, Vec<i64>, Vec<f32>)> = self.inputs.iter().map(given).collect();
        let give = |role: Role, rows: Range<usize>| {
            let (width, ids, floats) = inputs.get(&role)?;
            let cells = if by_item(role) { rows.start * width..rows.end * width } else { 0..floats.len() };
            Some(match role {
                Role::Tokens => StageInput::Ids(ids.get(cells)?),
                _ => StageInput::Floats(floats.get(cells)?),
            })
        };
        let Ok(mut whole) = self.run(|role| give(role, 0..block)) else { return };
        if many > block {
            let Ok(behind) = self.run(|role| give(role, block..many)) else { return };
            whole.extend(behind);
        }
        self.short = true;
        let agrees = [few, many].into_iter().all(|rows| {
            let Ok(got) = self.run(|role| give(role, 0..rows)) else { return false };
            let same = got.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits());
            same && got.len() == rows * self.output_width
        });
        self.short = agrees;
    }
}

/// A graph that is ready to run. Not through tract's optimiser: fusion was done while wiring, shapes are
/// known, and it would double the module.
fn spawn(label: &str, model: TractResult<TypedModel>) -> Result<TypedSimpleState> {
    let refuse = |e| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}"));
    model.and_then(|model| model.into_runnable()?.spawn()).map_err(refuse)
}

fn run(label: &str, state: &mut TypedSimpleState, tensors: TVec<TValue>) -> Result<TVec<TValue>> {
    state.run(tensors).map_err(|e| {
        // What this run said of the number of rows must not bind the next one.
        let _ = state.reset_turn();
        run_error(label, format!("{e:#}"))
    })
}

/// The values of a role, with zeros where they end.
fn tensor<'a>(
    label: &str,
    role: Role,
    shape: &[usize; 2],
    input: impl Fn(Role) -> Option<StageInput<'a>>,
) -> Result<TValue> {
    let given = input(role).ok_or_else(|| run_error(label, format!("no values for {}", role.name())))?;
    let tensor = match given {
        StageInput::Ids(ids) => padded(shape, ids),
        StageInput::Floats(floats) => padded(shape, floats),
    };
    Ok(tensor.map_err(|e| run_error(label, format!("{}: {e}", role.name())))?.into())
}

/// Leaves the number of rows open in the inputs that have one an item, and in all that depends on them: the
/// first axis. tract checks facts of inputs, and in builds with debug assertions all others.
fn open_rows(mut model: TypedModel, open: &[bool], block: usize) -> TractResult<TypedModel> {
    let rows = TDim::Sym(model.symbols.sym("rows"));
    let sources = model.input_outlets()?.to_vec();
    let sources = sources.iter().zip(open).filter(|(_, open)| **open);
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
