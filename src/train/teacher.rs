//! In: pages with privileged columns. Out: [`Teacher`]: an ensemble that sees what a student cannot.
//! Cross-fitted: what it says of a train user's list comes from members that never saw that user.
//! Must never be asked of a page that its members were trained on.

use super::engine::Compute;
use super::examples::Lesson;
use super::fit::{Plan, Sheet, Trained, fit};
use super::net::Tower;
use super::sheets::Page;
use crate::replay::split;
use candle_core::{Result, Tensor};
use std::sync::Mutex;

/// Parts of the train users that the ensemble is fitted without, in turn.
pub const PARTS: u64 = 3;
/// Members fitted without each part.
pub const CROSSED: u64 = 2;
/// Members fitted on all train users.
pub const MEMBERS: u64 = 4;
/// Trainings at a time.
const WORKERS: usize = 2;

/// An ensemble of towers a lesson.
pub struct Teacher {
    crossed: Vec<(Lesson, u64, Tower)>,
    members: Vec<(Lesson, Tower)>,
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
    /// Trains the ensemble; `crossed` trains the members for train users as well.
    ///
    /// # Errors
    /// As candle.
    pub fn train(
        pages: &[Page],
        plans: &dyn Fn(Lesson) -> Plan,
        seed: u64,
        crossed: bool,
        tell: impl Fn() + Sync,
    ) -> Result<Teacher> {
        let full: Vec<(Lesson, u64, Sheet)> = pages
            .iter()
            .map(|page| {
                let (labels, mask) = (page.sheet.labels.clone(), page.sheet.mask.clone());
                let sheet = Sheet { columns: page.full.clone(), labels, mask, teacher: None, list: None };
                (page.lesson, page.user, sheet)
            })
            .collect();
        let mut jobs: Vec<(Plan, Lesson, Option<u64>, u64)> = Vec::new();
        for lesson in [Lesson::Engage, Lesson::Like] {
            let parts = if crossed { PARTS } else { 0 };
            for left_out in 0..parts {
                jobs.extend(
                    (0..CROSSED)
                        .map(|m| (plans(lesson), lesson, Some(left_out), seed + 100 * (left_out + 1) + m)),
                );
            }
            jobs.extend((0..MEMBERS).map(|m| (plans(lesson), lesson, None, seed + 1_000 + m)));
        }
        let towers = parallel(&jobs, |(plan, lesson, left_out, seed)| {
            let own = full.iter().filter(|(l, user, _)| l == lesson && Some(part(*user)) != *left_out);
            let sheets: Vec<&Sheet> = own.map(|(.., sheet)| sheet).collect();
            let Trained { tower, .. } = fit(plan, &sheets, *seed, &tell)?;
            Ok(tower)
        })?;
        let mut teacher = Teacher { crossed: Vec::new(), members: Vec::new() };
        for ((_, lesson, left_out, _), tower) in jobs.into_iter().zip(towers) {
            match left_out {
                Some(part) => teacher.crossed.push((lesson, part, tower)),
                None => teacher.members.push((lesson, tower)),
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
        mean(own.map(|(.., tower)| tower), &page.full)
    }

    /// Raw scores of anyone else's page.
    ///
    /// # Errors
    /// As candle.
    pub fn scores(&self, page: &Page) -> Result<Vec<f32>> {
        mean(self.members.iter().filter(|(l, _)| *l == page.lesson).map(|(_, tower)| tower), &page.full)
    }
}

fn mean<'a>(towers: impl Iterator<Item = &'a Tower>, columns: &Tensor) -> Result<Vec<f32>> {
    let mut sum: Option<Vec<f32>> = None;
    let mut count = 0f32;
    for tower in towers {
        let scores = tower.of(&mut Compute::default(), columns)?.flatten_all()?.to_vec1::<f32>()?;
        count += 1.0;
        sum = Some(match sum {
            None => scores,
            Some(sum) => sum.iter().zip(scores).map(|(a, b)| a + b).collect(),
        });
    }
    let sum = sum.ok_or_else(|| candle_core::Error::Msg("the teacher has no member for this".into()))?;
    Ok(sum.into_iter().map(|score| score / count).collect())
}
