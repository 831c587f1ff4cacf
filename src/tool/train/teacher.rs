//! In: pages with privileged columns. Out: [`Teacher`]: an ensemble that sees and holds what no student can.
//! Cross-fitted: what it says of a train user's list comes from members that never saw that user.
//! Must never be asked of a page that its members were trained on.

use super::engine::Compute;
use super::examples::Lesson;
use super::fit::{Plan, Sheet, fit};
use super::net::Tower;
use super::sheets::Page;
use super::trees::{Growth, Rows, Trees};
use crate::replay::split;
use candle_core::{Result, Tensor};
use std::sync::Mutex;

/// Parts of the train users that the ensemble is fitted without, in turn.
pub const PARTS: u64 = 3;
/// Towers fitted without each part; as many forests.
pub const CROSSED: u64 = 2;
/// Towers fitted on all train users; as many forests.
pub const MEMBERS: u64 = 4;
/// Trainings at a time.
const WORKERS: usize = 2;

/// Somebody who has learnt.
enum Member {
    Tower(Tower),
    Trees(Trees),
}

/// An ensemble of towers and forests a lesson: what they get wrong differs, so that their mean is better
/// than either.
pub struct Teacher {
    crossed: Vec<(Lesson, u64, Member)>,
    members: Vec<(Lesson, Member)>,
}

/// How the members of a lesson are trained.
#[derive(Debug, Clone)]
pub struct Plans {
    /// The towers.
    pub tower: Plan,
    /// The forests.
    pub forest: Growth,
}

impl Plans {
    /// Steps that [`Teacher::train`] tells of for a tower and a forest.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.tower.steps + self.forest.rounds
    }
}

fn part(user: u64) -> u64 {
    split::fold(user) % PARTS
}

/// Jobs in a few threads, their results in order.
///
/// # Errors
/// The first of the jobs' own.
pub fn parallel<J: Sync, R: Send>(jobs: &[J], run: impl Fn(&J) -> Result<R> + Sync) -> Result<Vec<R>> {
    let next = Mutex::new(0usize);
    let results: Mutex<Vec<(usize, Result<R>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Ok(mut at) = next.lock() else { return };
                    let own = *at;
                    *at += 1;
                    drop(at);
                    let Some(job) = jobs.get(own) else { return };
                    let result = run(job);
                    if let Ok(mut results) = results.lock() {
                        results.push((own, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    if results.len() != jobs.len() {
        return Err(candle_core::Error::Msg("a worker panicked".into()));
    }
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

impl Teacher {
    /// Trains the ensemble: with `crossed` the members for train users, otherwise those for anyone else.
    ///
    /// # Errors
    /// As candle.
    pub fn train(
        pages: &[Page],
        plans: &dyn Fn(Lesson) -> Plans,
        seed: u64,
        crossed: bool,
        tell: impl Fn() + Sync,
    ) -> Result<Teacher> {
        let full: Vec<(Lesson, u64, Sheet)> = pages
            .iter()
            .map(|page| (page.lesson, page.user, Sheet { columns: page.full.clone(), ..page.sheet.clone() }))
            .collect();
        let mut jobs: Vec<(Plans, bool, Lesson, Option<u64>, u64)> = Vec::new();
        for lesson in [Lesson::Engage, Lesson::Like] {
            let mut both = |left_out, seed| {
                jobs.extend([true, false].map(|tower| (plans(lesson), tower, lesson, left_out, seed)));
            };
            if !crossed {
                (0..MEMBERS).for_each(|m| both(None, seed + 1_000 + m));
                continue;
            }
            for left_out in 0..PARTS {
                (0..CROSSED).for_each(|m| both(Some(left_out), seed + 100 * (left_out + 1) + m));
            }
        }
        let members = parallel(&jobs, |(plans, tower, lesson, left_out, seed)| {
            let own = full.iter().filter(|(l, user, _)| l == lesson && Some(part(*user)) != *left_out);
            let sheets: Vec<&Sheet> = own.map(|(.., sheet)| sheet).collect();
            if *tower {
                return Ok(Member::Tower(fit(&plans.tower, &sheets, *seed, &tell)?.tower));
            }
            Ok(Member::Trees(plans.forest.grow(&rows(&sheets)?, *seed, &tell)))
        })?;
        let mut teacher = Teacher { crossed: Vec::new(), members: Vec::new() };
        for ((_, _, lesson, left_out, _), member) in jobs.into_iter().zip(members) {
            match left_out {
                Some(part) => teacher.crossed.push((lesson, part, member)),
                None => teacher.members.push((lesson, member)),
            }
        }
        Ok(teacher)
    }

    /// Raw scores of a train user's page, by members that never saw that user.
    ///
    /// # Errors
    /// As candle.
    pub fn crossed(&self, page: &Page) -> Result<Vec<f32>> {
        let own = self.crossed.iter().filter(|(l, p, _)| *l == page.lesson && *p == part(page.user));
        mean(own.map(|(.., member)| member), &page.full)
    }

    /// Raw scores of anyone else's page.
    ///
    /// # Errors
    /// As candle.
    pub fn scores(&self, page: &Page) -> Result<Vec<f32>> {
        mean(self.members.iter().filter(|(l, _)| *l == page.lesson).map(|(_, member)| member), &page.full)
    }
}

/// The rows of some lists that exist.
fn rows(sheets: &[&Sheet]) -> Result<Rows> {
    let columns = sheets.first().map_or(Ok(0), |sheet| sheet.columns.dim(1))?;
    let mut rows = Rows { columns, ..Rows::default() };
    for sheet in sheets {
        let values = sheet.columns.flatten_all()?.to_vec1::<f32>()?;
        // Padding is at the end of a sheet.
        let count = sheet.mask.iter().filter(|mask| **mask > 0.0).count();
        rows.values.extend(values.iter().take(count * columns));
        rows.labels.extend(sheet.labels.iter().take(count));
        rows.gains.extend(sheet.gains.iter().take(count));
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
                tower.of(&mut Compute::default(), columns)?.flatten_all()?.to_vec1::<f32>()?
            }
            Member::Trees(trees) => columns.to_vec2::<f32>()?.iter().map(|row| trees.of(row)).collect(),
        };
        count += 1.0;
        sum = Some(match sum {
            None => scores,
            Some(sum) => sum.iter().zip(scores).map(|(a, b)| a + b).collect(),
        });
    }
    let sum = sum.ok_or_else(|| candle_core::Error::Msg("the teacher has no member for this".into()))?;
    Ok(sum.into_iter().map(|score| score / count).collect())
}
