//! In: training lists with privileged columns. Out: [`Teacher`]: an ensemble that sees and holds what no student can,
//! and whose scores the student is distilled from. What it says of a train user's list comes from members that never
//! saw that user (cross-fitted), as it would otherwise say the labels.

use crate::data::split;
use crate::error::Result;
use crate::train::batches::{ListTensors, TrainingList};
use crate::train::boosting::trees::{BoostingRows, Trees};
use crate::train::fit::fit;
use crate::train::hyperparameters::{BoostingParams, TowerParams};
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::tower::Tower;
use crate::train::parallel::parallel;
use crate::train::task::Task;
use candle_core::Tensor;

/// Parts of the train users that the ensemble is fitted without, in turn.
const PARTS: u64 = 3;
/// Towers fitted without each part; as many forests.
const CROSSED: u64 = 2;
/// Towers fitted on all train users; as many forests.
const MEMBERS: u64 = 4;

enum Member {
    Tower(Tower),
    Trees(Trees),
}

/// An ensemble of towers and forests for each task: what they get wrong differs, so that their mean is better
/// than either.
pub struct Teacher {
    crossed: Vec<(Task, u64, Member)>,
    members: Vec<(Task, Member)>,
}

/// How the members for a task are trained.
#[derive(Debug, Clone)]
pub struct MemberParams {
    /// The towers.
    pub tower: TowerParams,
    /// The forests.
    pub forest: BoostingParams,
}

/// One member to train.
struct Job<'a> {
    params: &'a MemberParams,
    /// A tower, else a forest.
    tower: bool,
    task: Task,
    /// The part of the train users that it does not see, if any.
    left_out: Option<u64>,
    seed: u64,
}

fn part(user: u64) -> u64 {
    split::fold(user) % PARTS
}

/// Steps that [`Teacher::train`] takes with these parameters for both tasks.
#[must_use]
pub fn steps(params: &[MemberParams; 2], crossed: bool) -> u64 {
    let members = if crossed { PARTS * CROSSED } else { MEMBERS };
    let steps: usize = params.iter().map(|own| own.tower.steps + own.forest.rounds).sum();
    members * steps as u64
}

impl Teacher {
    /// Trains the ensemble: with `crossed` the members for train users, otherwise those for anyone else.
    /// `params` are by task; `on_step` is called after each step and tree.
    ///
    /// # Errors
    /// As candle.
    pub fn train(
        lists: &[TrainingList],
        params: &[MemberParams; 2],
        seed: u64,
        crossed: bool,
        on_step: impl Fn() + Sync,
    ) -> Result<Teacher> {
        let full: Vec<ListTensors> = lists
            .iter()
            .map(|list| ListTensors { columns: list.full.clone(), ..list.tensors.clone() })
            .collect();
        let jobs = jobs(params, seed, crossed);
        let members = parallel(&jobs, |Job { params, tower, task, left_out, seed }| {
            let seen = lists.iter().zip(&full);
            let seen = seen.filter(|(list, _)| list.task == *task && Some(part(list.user)) != *left_out);
            let seen: Vec<&ListTensors> = seen.map(|(_, full)| full).collect();
            if *tower {
                return Ok(Member::Tower(fit(&params.tower, &seen, *seed, &on_step)?.tower));
            }
            let rows = boosting_rows(&seen)?;
            Ok::<_, candle_core::Error>(Member::Trees(Trees::fit(&params.forest, &rows, *seed, &on_step)))
        })?;
        let mut teacher = Teacher { crossed: Vec::new(), members: Vec::new() };
        for (Job { task, left_out, .. }, member) in jobs.into_iter().zip(members) {
            match left_out {
                Some(part) => teacher.crossed.push((task, part, member)),
                None => teacher.members.push((task, member)),
            }
        }
        Ok(teacher)
    }

    /// Raw scores of a train user's list, by members that never saw that user.
    ///
    /// # Errors
    /// As candle.
    pub fn crossed(&self, list: &TrainingList) -> Result<Vec<f32>> {
        let own = self.crossed.iter().filter(|(t, p, _)| *t == list.task && *p == part(list.user));
        mean(own.map(|(.., member)| member), &list.full)
    }

    /// Raw scores of anyone else's list.
    ///
    /// # Errors
    /// As candle.
    pub fn scores(&self, list: &TrainingList) -> Result<Vec<f32>> {
        mean(self.members.iter().filter(|(t, _)| *t == list.task).map(|(_, member)| member), &list.full)
    }
}

fn jobs(params: &[MemberParams; 2], seed: u64, crossed: bool) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for (task, params) in Task::ALL.into_iter().zip(params) {
        let mut both = |left_out, seed| {
            jobs.extend([true, false].map(|tower| Job { params, tower, task, left_out, seed }));
        };
        if !crossed {
            (0..MEMBERS).for_each(|m| both(None, seed + 1_000 + m));
            continue;
        }
        for left_out in 0..PARTS {
            (0..CROSSED).for_each(|m| both(Some(left_out), seed + 100 * (left_out + 1) + m));
        }
    }
    jobs
}

/// The rows of some lists that exist.
fn boosting_rows(lists: &[&ListTensors]) -> candle_core::Result<BoostingRows> {
    let columns = lists.first().map_or(Ok(0), |list| list.columns.dim(1))?;
    let mut rows = BoostingRows { columns, ..BoostingRows::default() };
    for list in lists {
        let values = list.columns.flatten_all()?.to_vec1::<f32>()?;
        // Padding is at the end of a list.
        let count = list.mask.iter().filter(|mask| **mask > 0.0).count();
        rows.values.extend(values.iter().take(count * columns));
        rows.labels.extend(list.labels.iter().take(count));
        rows.gains.extend(list.gains.iter().take(count));
        rows.lists.push(count);
    }
    Ok(rows)
}

fn mean<'a>(members: impl Iterator<Item = &'a Member>, columns: &Tensor) -> Result<Vec<f32>> {
    let mut sum: Option<Vec<f32>> = None;
    let mut count = 0f32;
    for member in members {
        let scores = match member {
            Member::Tower(tower) => {
                tower.of(&mut CandleBackend::default(), columns)?.flatten_all()?.to_vec1::<f32>()?
            }
            Member::Trees(trees) => columns.to_vec2::<f32>()?.iter().map(|row| trees.of(row)).collect(),
        };
        count += 1.0;
        sum = Some(match sum {
            None => scores,
            Some(sum) => sum.iter().zip(scores).map(|(a, b)| a + b).collect(),
        });
    }
    let sum = sum.ok_or("the teacher has no member for this")?;
    Ok(sum.into_iter().map(|score| score / count).collect())
}
