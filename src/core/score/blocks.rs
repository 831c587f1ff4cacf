//! In: a model, a list with its features, and a profile. Out: heads `[n,H]`, NaN where no block ran.
//! Runs blocks of rows in the order it is given, best prior first, while the budget allows. When a run
//! fails, what was scored before is kept.

use super::budget::Budget;
use super::loaded_model::LoadedModel;
use super::vectors::Vectors;
use crate::error::{Error, Kind, Result};
use crate::event::CHANNELS;
use crate::item::Items;
use crate::limits;
use crate::model::{Plan, Role, SessionActivations, StageInput};
use crate::session::Profile;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

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
            let vector = history.vectors.get_mut(index * width..(index + 1) * width);
            let action = history.actions.get_mut(index * CHANNELS..(index + 1) * CHANNELS);
            if let (Some(vector), Some(action)) = (vector, action)
                && row.item.vector.len() == width
            {
                vector.copy_from_slice(&row.item.vector);
                action.copy_from_slice(&row.strength);
            }
        }
        history
    }

    fn input(&self, role: Role) -> Option<StageInput<'_>> {
        match role {
            Role::History => Some(StageInput::Floats(&self.vectors)),
            Role::HistoryAction => Some(StageInput::Floats(&self.actions)),
            Role::Item | Role::Dense | Role::Tokens => None,
        }
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

/// A list as the score stage reads it.
pub struct ScoreInput<'a> {
    /// The items.
    pub items: &'a Items,
    /// Their vectors; those that are missing are computed.
    pub vectors: &'a mut Vectors,
    /// The features `[n,F]`.
    pub dense: ArrayView2<'a, f32>,
}

/// Scores the positions in `order`, some blocks at a time.
pub fn score(
    model: &mut LoadedModel,
    list: ScoreInput,
    profile: &Profile,
    order: &[u32],
    budget: &mut Budget,
) -> Scored {
    let history = History::of(profile, &model.plan);
    let heads_each = model.manifest().heads.len();
    let mut scored =
        Scored { heads: Array2::from_elem((list.items.len(), heads_each), f32::NAN), rows: 0, error: None };
    let (block, [_, most_rows]) = (model.manifest().block.max(1), model.plan.most_rows());
    let (dearest, most) = (model.plan.units(1, block), most_rows / block);
    let (mut batch, mut session, mut rest) = (Batch::default(), None, order);
    while !rest.is_empty() {
        let blocks = budget.blocks(most.min(rest.len().div_ceil(block)), dearest);
        if blocks == 0 {
            break;
        }
        let (positions, later) = rest.split_at(rest.len().min(blocks * block));
        let missing = list.vectors.fetch(model, list.items, positions);
        if !budget.spend(model.plan.units(blocks, missing.len())) {
            break;
        }
        let run = list.vectors.encode(model, list.items, &missing).and_then(|()| {
            let session = match &session {
                Some(session) => session,
                None => session.insert(model.plan.session(|role| history.input(role))?),
            };
            batch.run(&mut model.plan, session, &list, &history, positions)
        });
        match run {
            Ok(outputs) => {
                scatter(&outputs, heads_each, positions, scored.heads.as_slice_mut().unwrap_or_default());
                scored.rows += positions.len();
            }
            Err(error) => {
                scored.error = Some(error);
                break;
            }
        }
        budget.blocks_done(blocks);
        rest = later;
    }
    scored
}

/// Heads `[n,H]` of a feature matrix, for a model that reads nothing else.
///
/// # Errors
/// [`Kind::CandidatesMalformed`], [`Kind::ModelRun`].
pub fn score_rows(plan: &mut Plan, rows: &[f32]) -> Result<Array2<f32>> {
    let refuse = |what: String| Err(Error::new(Kind::CandidatesMalformed, "features", what));
    let [_, width] = plan.manifest().shape_of(Role::Dense);
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
    let [_, most] = plan.most_rows();
    for chunk in rows.chunks(most * width) {
        let input = |role| (role == Role::Dense).then_some(StageInput::Floats(chunk));
        heads.extend(plan.score(&SessionActivations::default(), input)?);
    }
    Array2::from_shape_vec((n, heads_each), heads)
        .map_err(|e| Error::new(Kind::ModelRun, "stage.score", e.to_string()))
}

/// The places of rows at some positions, run by run: those that follow each other, as servers send them, at once.
fn runs(positions: &[u32], width: usize) -> impl Iterator<Item = Range<usize>> {
    let runs = positions.chunk_by(|&before, &position| before.checked_add(1) == Some(position));
    runs.map(move |run| {
        let start = run.first().map_or(0, |&first| first as usize * width);
        start..start + run.len() * width
    })
}

/// Puts rows at their positions.
fn scatter(mut rows: &[f32], width: usize, positions: &[u32], to: &mut [f32]) {
    for run in runs(positions, width) {
        let (own, others) = rows.split_at_checked(run.len()).unwrap_or_default();
        if let Some(to) = to.get_mut(run).filter(|to| to.len() == own.len()) {
            to.copy_from_slice(own);
        }
        rows = others;
    }
}

/// Rows of one role at some positions; what they are copied into is used again.
#[derive(Default)]
struct Gathered(Vec<f32>);

impl Gathered {
    /// Copies the rows at some positions.
    fn gather(&mut self, rows: &[f32], width: usize, positions: &[u32]) -> &[f32] {
        self.0.clear();
        for run in runs(positions, width) {
            match rows.get(run.clone()) {
                Some(from) => self.0.extend_from_slice(from),
                None => self.0.resize(self.0.len() + run.len(), 0.0),
            }
        }
        &self.0
    }
}

/// What a run has of each item.
#[derive(Default)]
struct Batch {
    item: Gathered,
    dense: Gathered,
}

impl Batch {
    fn run(
        &mut self,
        plan: &mut Plan,
        session: &SessionActivations,
        list: &ScoreInput,
        history: &History,
        positions: &[u32],
    ) -> Result<Vec<f32>> {
        let of = |role: Role, positions| if plan.score_reads(role) { positions } else { &[] as &[u32] };
        let (item, dense_at) = (of(Role::Item, positions), of(Role::Dense, positions));
        let (rows, width) = list.vectors.rows();
        let item = self.item.gather(rows, width, item);
        let dense =
            self.dense.gather(list.dense.as_slice().unwrap_or_default(), list.dense.ncols(), dense_at);
        plan.score(session, |role| match role {
            Role::Item => Some(StageInput::Floats(item)),
            Role::Dense => Some(StageInput::Floats(dense)),
            role => history.input(role),
        })
    }
}
