//! In: a plan, items, features and a profile. Out: heads `[n,H]`, NaN where no block ran.
//! Runs blocks of rows in the order it is given, best prior first, while the budget allows.
//! Must never let one bad row stop the others, nor a run failure lose what was scored.

use crate::budget::Budget;
use crate::error::{Error, Kind, Result};
use crate::event::CHANNELS;
use crate::item::Items;
use crate::limits;
use crate::model::{Plan, Role, StageInput};
use crate::session::Profile;
use crate::vectors::{Cache, Vectors};
use ndarray::{Array2, ArrayView2};

/// The session as the score stage reads it.
pub struct History {
    vectors: Vec<f32>,
    actions: Vec<f32>,
}

impl History {
    /// The rows that [`Profile::history`] picks, with zero rows at the end.
    pub fn of(profile: &Profile, plan: &Plan) -> History {
        let [length, width] = plan.manifest().shape_of(Role::History);
        let mut history =
            History { vectors: vec![0.0; length * width], actions: vec![0.0; length * CHANNELS] };
        for (index, row) in profile.history(length).enumerate() {
            if row.item.vector.len() == width {
                history.vectors[index * width..(index + 1) * width].copy_from_slice(&row.item.vector);
                history.actions[index * CHANNELS..(index + 1) * CHANNELS].copy_from_slice(&row.strength);
            }
        }
        history
    }
}

/// What came of scoring.
pub struct Scored {
    /// `[n,H]`, NaN rows where no block ran.
    pub heads: Array2<f32>,
    /// Rows that a block ran for.
    pub rows: usize,
    /// What ended it early, if not the budget.
    pub error: Option<Error>,
}

/// Scores `order` block by block.
#[allow(clippy::too_many_arguments)]
pub fn score(
    plan: &mut Plan,
    items: &Items,
    vectors: &mut Vectors,
    cache: &mut Cache,
    dense: ArrayView2<f32>,
    profile: &Profile,
    order: &[u32],
    budget: &mut Budget,
) -> Scored {
    let history = History::of(profile, plan);
    let heads_each = plan.manifest().heads.len();
    let mut scored =
        Scored { heads: Array2::from_elem((items.len(), heads_each), f32::NAN), rows: 0, error: None };
    let mut block = Block::new(plan);
    for positions in order.chunks(plan.manifest().block) {
        let missing = vectors.fetch(plan, cache, items, positions);
        if !budget.allows_block(plan.units(missing.len())) {
            break;
        }
        let run = vectors
            .encode(plan, cache, items, &missing)
            .and_then(|()| block.run(plan, vectors, dense, &history, positions));
        match run {
            Ok(outputs) => {
                for (&position, output) in positions.iter().zip(outputs.chunks_exact(heads_each)) {
                    for (to, &from) in scored.heads.row_mut(position as usize).iter_mut().zip(output) {
                        *to = from;
                    }
                }
                scored.rows += positions.len();
            }
            Err(error) => {
                scored.error = Some(error);
                break;
            }
        }
        budget.block_done();
    }
    scored
}

/// Heads `[n,H]` of a feature matrix, for a model that reads nothing else.
///
/// # Errors
/// [`Kind::CandidatesMalformed`], [`Kind::ModelRun`].
pub fn batch(plan: &mut Plan, rows: &[f32]) -> Result<Array2<f32>> {
    let refuse = |what: String| Err(Error::new(Kind::CandidatesMalformed, "features", what));
    let [block, width] = plan.manifest().shape_of(Role::Dense);
    let alone = plan.score_reads(Role::Dense)
        && ![Role::Item, Role::History, Role::HistoryAction].iter().any(|&role| plan.score_reads(role));
    if !alone || width == 0 {
        return refuse("the model does not read features alone".into());
    }
    let n = rows.len() / width;
    if !rows.len().is_multiple_of(width) || n > limits::CANDIDATES {
        let most = limits::CANDIDATES;
        return refuse(format!("{} values, must be whole rows of {width}, at most {most}", rows.len()));
    }
    let heads_each = plan.manifest().heads.len();
    let mut heads = Vec::with_capacity(n * heads_each);
    for chunk in rows.chunks(block * width) {
        heads.extend(plan.score(|role| (role == Role::Dense).then_some(StageInput::Floats(chunk)))?);
    }
    Array2::from_shape_vec((n, heads_each), heads)
        .map_err(|e| Error::new(Kind::ModelRun, "stage.score", e.to_string()))
}

/// Rows of one block, reused from block to block.
struct Rows {
    values: Vec<f32>,
    width: usize,
}

impl Rows {
    fn new(plan: &Plan, role: Role) -> Rows {
        let [rows, width] = plan.manifest().shape_of(role);
        Rows { values: vec![0.0; if plan.score_reads(role) { rows * width } else { 0 }], width }
    }

    /// Copies the rows at some positions; those that follow each other, as servers send them, at once.
    fn gather(&mut self, rows: &[f32], positions: &[u32]) -> &[f32] {
        let mut to = self.values.as_mut_slice();
        for run in positions.chunk_by(|&before, &position| before.checked_add(1) == Some(position)) {
            let start = run.first().map_or(0, |&first| first as usize * self.width);
            let Some((these, rest)) = to.split_at_mut_checked(run.len() * self.width) else { break };
            match rows.get(start..start + these.len()) {
                Some(from) => these.copy_from_slice(from),
                None => these.fill(0.0),
            }
            to = rest;
        }
        self.values.get(..positions.len() * self.width).unwrap_or_default()
    }
}

/// What a block has of each item.
struct Block {
    item: Rows,
    dense: Rows,
}

impl Block {
    fn new(plan: &Plan) -> Block {
        Block { item: Rows::new(plan, Role::Item), dense: Rows::new(plan, Role::Dense) }
    }

    fn run(
        &mut self,
        plan: &mut Plan,
        vectors: &Vectors,
        dense: ArrayView2<f32>,
        history: &History,
        positions: &[u32],
    ) -> Result<Vec<f32>> {
        let item = self.item.gather(vectors.rows().0, positions);
        let dense = self.dense.gather(dense.as_slice().unwrap_or_default(), positions);
        plan.score(|role| match role {
            Role::Item => Some(StageInput::Floats(item)),
            Role::Dense => Some(StageInput::Floats(dense)),
            Role::History => Some(StageInput::Floats(&history.vectors)),
            Role::HistoryAction => Some(StageInput::Floats(&history.actions)),
            Role::Tokens => None,
        })
    }
}
