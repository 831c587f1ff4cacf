//! In: what a course learnt, held-out visits. Out: raw outputs of a model that no file holds yet.
//! Lists become columns as in training, but plain: the feedback is the visitor's own, nothing is masked.
//! Must never vary a list, or give a page to a model that was trained on it.

use super::Outcome;
use super::course::{Course, Settings};
use super::examples::{Lesson, Maker};
use super::sheets::Page;
use crate::catalogue::Catalogue;
use crate::replay::{Protocol, Visit};
use candle_core::Result;

/// Threads that score pages.
const WORKERS: usize = 2;

/// The lesson that a protocol examines.
#[must_use]
pub fn lesson(protocol: Protocol) -> Lesson {
    match protocol {
        Protocol::V1 => Lesson::Like,
        Protocol::V2 => Lesson::Engage,
    }
}

/// Raw outputs by visit, by feedback size; `tell` is told of each visit.
///
/// # Errors
/// As the ranker's own, and candle.
pub fn outputs(
    (course, catalogue, settings): (&Course, &Catalogue, &Settings),
    (protocol, visits, sizes): (Protocol, &[Visit], &[usize]),
    say: impl Fn(&Page) -> Result<Vec<f32>> + Sync,
    tell: impl Fn() + Sync,
) -> Outcome<Vec<Vec<Vec<f32>>>> {
    let maker = Maker {
        catalogue,
        manifest: &course.manifest,
        learnt: &course.learnt,
        variation: settings.variation,
    };
    let one = |visit: &Visit, k: usize| -> std::result::Result<Vec<f32>, String> {
        let example = maker.plain(visit, k).map_err(|e| e.to_string())?;
        let attended = settings.engage.attention.is_some() && protocol == Protocol::V2;
        let page = course.moments.page(lesson(protocol), &example, attended).map_err(|e| e.to_string())?;
        let mut scores = say(&page).map_err(|e| e.to_string())?;
        scores.truncate(example.rows);
        Ok(scores)
    };
    let work = |visits: &[Visit]| -> std::result::Result<Vec<Vec<Vec<f32>>>, String> {
        let by_size = |visit: &Visit| {
            let said = sizes.iter().map(|&k| one(visit, k)).collect();
            tell();
            said
        };
        visits.iter().map(by_size).collect()
    };
    let share = visits.len().div_ceil(WORKERS).max(1);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = visits.chunks(share).map(|part| scope.spawn(|| work(part))).collect();
        running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut all = Vec::with_capacity(visits.len());
    for part in parts {
        all.extend(part.map_err(|_| "a worker that scores pages panicked")??);
    }
    Ok(all)
}
