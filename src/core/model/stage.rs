//! One stage of a model, compiled: run some rows at a time. What the session alone makes is run once a ranking.
//! The rows at a list's end are fewer than a block, and several blocks may run as one: as many rows as there
//! are, where that gives the same bits. Otherwise rows are padded to a block, and the padding is cut off.
#![deny(clippy::indexing_slicing)]

use super::compile::{Subgraph, SubgraphInput, session_values};
use super::manifest::{Manifest, Role, Stage};
use super::pb::GraphProto;
use super::row_counts::ProbeValues;
use super::stage_input::{StageInput, run_error, tensor};
use crate::error::{Error, Kind, Result};
use crate::limits;
use std::collections::HashSet;
use tract_core::internal::*;

/// A compiled stage.
#[derive(Debug)]
pub(super) struct StagePlan {
    label: &'static str,
    session: Option<SessionPart>,
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
    any_row_count: bool,
}

/// Rows of blocks that run as one, at most: more save little, and what they compute leaves the caches.
const MOST_ROWS: usize = 512;

/// The part of a stage that no item has a say in: computed once a ranking.
#[derive(Debug)]
struct SessionPart {
    state: TypedSimpleState,
    roles: Vec<(Role, [usize; 2])>,
}

/// What the score stage computed of the session alone.
#[derive(Debug, Clone, Default)]
pub struct SessionActivations(TVec<TValue>);

impl StagePlan {
    /// Compiles a stage, whose output has `output_width` columns.
    ///
    /// # Errors
    /// [`Kind::ModelUnsupported`], [`Kind::ModelTooLarge`] or [`Kind::ModelManifest`] with the node.
    pub fn compile(
        label: &'static str,
        stage: &Stage,
        graph: &GraphProto,
        manifest: &Manifest,
        output_width: usize,
    ) -> Result<StagePlan> {
        let block = manifest.block;
        let inputs: Vec<_> = stage.inputs.keys().map(|&role| (role, manifest.shape_of(role))).collect();
        let values = session_values(stage, graph);
        let is_cut = !values.is_empty();
        let enter = |own: &dyn Fn(Role) -> bool| -> Vec<SubgraphInput> {
            let roles = stage.inputs.iter().filter(|(role, _)| own(**role));
            roles.map(|(&role, name)| SubgraphInput::of(role, name, manifest)).collect()
        };
        let mut entries = enter(&|role| !is_cut || role.has_row_per_item());
        let (mut session, mut work) = (None, 0);
        if is_cut {
            let part = Subgraph::compile(label, graph, &enter(&|role| !role.has_row_per_item()), &values)?;
            for (name, (element, shape)) in values.iter().zip(part.outputs) {
                entries.push(SubgraphInput { name, element, shape, bound: None });
            }
            let roles = inputs.iter().copied().filter(|(role, _)| !role.has_row_per_item()).collect();
            session = Some(SessionPart { state: spawn(label, Ok(part.model))?, roles });
            work = part.work;
        }
        let part = Subgraph::compile(label, graph, &entries, &[stage.output.as_str()])?;
        for (element, shape) in &part.outputs {
            if *shape != [block, output_width] || *element != f32::datum_type() {
                let what = format!("is {shape:?}, must be f32 [{block}, {output_width}]");
                return Err(Error::new(Kind::ModelManifest, format!("manifest.stages.{label}.output"), what));
            }
        }
        let units = (part.work + work).div_ceil(1_000).max(1);
        let per_item = inputs.iter().map(|(role, _)| role.has_row_per_item());
        let open: Vec<bool> = per_item.filter(|&per_item| !is_cut || per_item).collect();
        let state = spawn(label, open_rows(part.model, &open, block))?;
        // What a single block may hold, several may hold together.
        let held = usize::try_from(limits::PLAN_ELEMENTS / part.elements.max(1)).unwrap_or(usize::MAX);
        let most_blocks = (MOST_ROWS / block.max(1)).min(held).max(1);
        let any_row_count = false;
        Ok(StagePlan {
            label,
            session,
            state,
            inputs,
            output_width,
            units,
            block,
            most_blocks,
            any_row_count,
        })
    }

    /// Rows that one run takes, at most.
    pub fn most_rows(&self) -> usize {
        if self.any_row_count { self.block * self.most_blocks } else { self.block }
    }

    /// Whether rows at a list's end run without padding.
    #[cfg(test)]
    pub fn any_row_count(&self) -> bool {
        self.any_row_count
    }

    /// Names of the operators in the order in which they run: of the session's part, of the rows.
    #[cfg(test)]
    pub fn operators(&self) -> [Vec<String>; 2] {
        [self.session.as_ref().map(|part| &part.state), Some(&self.state)].map(|state| {
            let Some(model) = state.map(TypedSimpleState::model) else { return Vec::new() };
            let order = model.eval_order().unwrap_or_default();
            order.iter().map(|&node| model.node(node).op.name().to_string()).collect()
        })
    }

    /// Computes what all rows share.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn session<'a>(
        &mut self,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<SessionActivations> {
        let label = self.label;
        let Some(SessionPart { state, roles }) = &mut self.session else {
            return Ok(SessionActivations::default());
        };
        let mut tensors = tvec!();
        for (role, shape) in roles {
            tensors.push(tensor(label, *role, *shape, &input)?);
        }
        Ok(SessionActivations(run(label, state, tensors)?))
    }

    /// Runs the rows that `input` gives, at most [`StagePlan::most_rows`] of them.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn rows<'a>(
        &mut self,
        session: &SessionActivations,
        input: impl Fn(Role) -> Option<StageInput<'a>>,
    ) -> Result<Vec<f32>> {
        let (label, most) = (self.label, self.most_rows());
        let (mut tensors, mut rows): (TVec<TValue>, _) = (tvec!(), self.block);
        for &(role, [block, width]) in &self.inputs {
            let mut shape = [block, width];
            if role.has_row_per_item() {
                let given = input(role).map_or(0, |given| given.len());
                rows = given.checked_div(width).unwrap_or(rows).min(most);
                shape = [if self.any_row_count { rows } else { self.block }, width];
            } else if self.session.is_some() {
                continue;
            }
            tensors.push(tensor(label, role, shape, &input)?);
        }
        tensors.extend(session.0.iter().cloned());
        let outputs = run(label, &mut self.state, tensors)?;
        let output = outputs.first().ok_or_else(|| run_error(label, "gave nothing"))?;
        let plain = output.try_as_plain_ram().map_err(|e| run_error(label, e.to_string()))?;
        let values = plain.as_slice::<f32>().map_err(|e| run_error(label, e.to_string()))?;
        let wanted = values.get(..rows * self.output_width);
        Ok(wanted.ok_or_else(|| run_error(label, "gave too few rows"))?.to_vec())
    }

    /// Runs both parts.
    ///
    /// # Errors
    /// [`Kind::ModelRun`].
    pub fn run<'a>(&mut self, input: impl Fn(Role) -> Option<StageInput<'a>>) -> Result<Vec<f32>> {
        let session = self.session(&input)?;
        self.rows(&session, input)
    }

    /// Finds out whether fewer or more rows than a block give what they give within one: an operator may look
    /// at all rows, or depend on their number. Token ids lie below `bound`.
    pub fn probe_row_counts(&mut self, bound: i64) {
        let (block, few) = (self.block, self.block.div_ceil(3));
        // Where one block is all that runs at a time, there is no need to try more rows.
        let many = if self.most_blocks > 1 { block + few } else { block };
        let values = ProbeValues::new(&self.inputs, block, many, bound);
        let Ok(mut whole) = self.run(|role| values.of(role, 0..block)) else { return };
        if many > block {
            let Ok(rest) = self.run(|role| values.of(role, block..many)) else { return };
            whole.extend(rest);
        }
        self.any_row_count = true;
        self.any_row_count = [few, many].into_iter().all(|rows| {
            let Ok(got) = self.run(|role| values.of(role, 0..rows)) else { return false };
            let same = got.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits());
            same && got.len() == rows * self.output_width
        });
    }
}

/// A graph that is ready to run.
fn spawn(label: &str, model: TractResult<TypedModel>) -> Result<TypedSimpleState> {
    let refuse = |e| Error::new(Kind::ModelUnsupported, format!("stage.{label}"), format!("{e:#}"));
    model.and_then(|model| model.into_runnable()?.spawn()).map_err(refuse)
}

fn run(label: &str, state: &mut TypedSimpleState, tensors: TVec<TValue>) -> Result<TVec<TValue>> {
    state.run(tensors).map_err(|e| {
        // The number of rows that this run had must not bind the next one.
        let _ = state.reset_turn();
        run_error(label, format!("{e:#}"))
    })
}

/// Leaves the number of rows open in the inputs that have one for each item, and in all that depends on them: the
/// first axis. tract checks the shapes of inputs, and in builds with debug assertions all others.
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
