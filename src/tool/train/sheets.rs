//! In: visits, knowledge. Out: [`Page`]s: every list as columns, for students and for teachers.
//! Examples are made in parallel, each from a seed of its own, so that the order of work is no matter.
//! Must never put what is privileged into a student's columns.

use super::Outcome;
use super::engine::Compute;
use super::examples::{Example, Lesson, Maker};
use super::fit::Sheet;
use super::model::list;
use super::net::{BOUND, EVIDENCE, Evidence, List, matrix};
use crate::replay::{LIST, Visit};
use candle_core::{Device, Result, Tensor};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Workers that make examples.
const WORKERS: usize = 2;
/// Examples that moments are taken of.
const SAMPLE: usize = 400;

/// One list with its lesson and owner.
pub struct Page {
    /// What it teaches.
    pub lesson: Lesson,
    /// Whose it is.
    pub user: u64,
    /// The student's.
    pub sheet: Sheet,
    /// The teacher's columns.
    pub full: Tensor,
}

/// Standardising constants, from a sample of the training lists.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Of the evidence.
    pub evidence: Evidence,
    /// Mean and scale of what is privileged.
    privileged: [(f32, f32); 2],
}

fn moments_of(values: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / count;
    let variance = values.map(|v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, (variance.sqrt() as f32).max(1e-4))
}

impl Moments {
    /// Takes the moments of examples.
    ///
    /// # Errors
    /// As candle.
    pub fn of(examples: &[Example], width: usize) -> Result<Moments> {
        let plain = Evidence {
            width,
            mean: matrix(1, EVIDENCE, |_, _| 0.0)?,
            scale: matrix(1, EVIDENCE, |_, _| 1.0)?,
        };
        let step = (examples.len() / SAMPLE).max(1);
        let sample: Vec<&Example> = examples.iter().step_by(step).collect();
        let mut rows = Vec::new();
        for example in &sample {
            rows.extend(plain.raw(&mut Compute::default(), &list(example)?)?.to_vec2::<f32>()?);
        }
        let columns: Vec<(f32, f32)> =
            (0..EVIDENCE).map(|column| moments_of(rows.iter().map(move |row| row[column]))).collect();
        let side = |side: usize| {
            moments_of(sample.iter().flat_map(move |e| e.privileged.iter().skip(side).step_by(2).copied()))
        };
        Ok(Moments {
            evidence: Evidence {
                width,
                mean: matrix(1, EVIDENCE, |_, column| columns[column].0)?,
                scale: matrix(1, EVIDENCE, |_, column| columns[column].1)?,
            },
            privileged: [side(0), side(1)],
        })
    }

    /// A list as columns. `attended` keeps the list itself as well.
    ///
    /// # Errors
    /// As candle.
    pub fn page(&self, lesson: Lesson, example: &Example, attended: bool) -> Result<Page> {
        let own = list(example)?;
        let columns = padded(&self.evidence.of(&mut Compute::default(), &own)?)?;
        let scaled = example.privileged.iter().enumerate().map(|(index, value)| {
            let (mean, scale) = self.privileged[index % 2];
            ((value - mean) / scale).clamp(-BOUND, BOUND)
        });
        let privileged = Tensor::from_vec(scaled.collect::<Vec<f32>>(), (example.rows, 2), &Device::Cpu)?;
        let full = Tensor::cat(&[&columns, &padded(&privileged)?], 1)?;
        let filled = |values: &[f32]| {
            let mut values = values.to_vec();
            values.resize(LIST, 0.0);
            values
        };
        let list = match attended {
            true => Some(List { item: padded(&own.item)?, dense: padded(&own.dense)?, ..own }),
            false => None,
        };
        let (labels, mask) = (filled(&example.labels), filled(&vec![1.0; example.rows]));
        let gains = match lesson {
            // Any pick that pleased will do; of what was picked, the best belongs first.
            Lesson::Engage => labels.clone(),
            Lesson::Like => filled(&example.gains),
        };
        let sheet = Sheet { columns, labels, gains, mask, teacher: None, list };
        Ok(Page { lesson, user: example.user, sheet, full })
    }
}

fn padded(rows: &Tensor) -> Result<Tensor> {
    let missing = LIST.saturating_sub(rows.dim(0)?);
    if missing == 0 { Ok(rows.clone()) } else { rows.pad_with_zeros(0, 0, missing) }
}

/// Varied examples of train users' visits, `again` of each lesson; `tell` is told of the count done.
///
/// # Errors
/// As the ranker's own.
pub fn varied(
    maker: &Maker,
    visits: &[(Lesson, Visit)],
    again: impl Fn(Lesson) -> usize,
    seed: u64,
    tell: impl Fn() + Sync,
) -> Outcome<Vec<(Lesson, Example)>> {
    let mut jobs = Vec::new();
    for (index, (lesson, visit)) in visits.iter().enumerate() {
        jobs.extend((0..again(*lesson)).map(|round| (index as u64 * 64 + round as u64, *lesson, visit)));
    }
    let work = |jobs: &[(u64, Lesson, &Visit)]| -> ranklet::Result<Vec<(Lesson, Example)>> {
        let mut made = Vec::with_capacity(jobs.len());
        for &(number, lesson, visit) in jobs {
            let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9).wrapping_add(number));
            made.push((lesson, maker.varied(visit, &mut rng)?));
            tell();
        }
        Ok(made)
    };
    let share = jobs.len().div_ceil(WORKERS).max(1);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = jobs.chunks(share).map(|part| scope.spawn(|| work(part))).collect();
        running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut examples = Vec::with_capacity(jobs.len());
    for part in parts {
        examples.extend(part.map_err(|_| "a worker that makes examples panicked")??);
    }
    Ok(examples)
}
