//! In: examples, training lists. Out: [`TrainingList`]s: every list as columns, for students and for teachers.
//! What is privileged goes into the teacher's columns alone.

use crate::data::visit::LIST;
use crate::train::examples::Example;
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::evidence::{BOUND, EVIDENCE, Evidence};
use crate::train::model::inputs::{ListInputs, matrix};
use crate::train::scaler::Scaler;
use crate::train::task::Task;
use candle_core::{Device, Result, Tensor};

/// Examples that scalers are fitted to.
const SAMPLE: usize = 400;
/// Least scale of a column.
const FLOOR: f32 = 1e-4;

/// One list as a tower reads it, its rows padded to [`LIST`].
#[derive(Clone)]
pub struct ListTensors {
    /// `[LIST, columns]`.
    pub columns: Tensor,
    /// `[LIST]`: 1 for a positive.
    pub labels: Vec<f32>,
    /// `[LIST]`: how much a row deserves its place at the top; what listwise loss aims at.
    pub gains: Vec<f32>,
    /// `[LIST]`: 1 for a row that exists.
    pub mask: Vec<f32>,
    /// `[LIST]`: a teacher's raw scores.
    pub teacher: Option<Vec<f32>>,
    /// What attention reads: the list's inputs, its rows padded.
    pub inputs: Option<ListInputs<Tensor>>,
}

/// One list with its task and owner.
pub struct TrainingList {
    /// What it teaches.
    pub task: Task,
    /// Whose it is.
    pub user: u64,
    /// The student's.
    pub tensors: ListTensors,
    /// The teacher's columns.
    pub full: Tensor,
}

/// Turns examples into tensors, standardised by a sample of the training lists.
#[derive(Debug, Clone)]
pub struct ListScaler {
    /// Of the evidence.
    pub evidence: Evidence,
    /// Of the two columns that are privileged.
    privileged: [Scaler; 2],
}

impl ListScaler {
    /// Fits it to examples, whose vectors have `width` collaborative numbers.
    ///
    /// # Errors
    /// As candle.
    pub fn fit<'a>(examples: impl ExactSizeIterator<Item = &'a Example>, width: usize) -> Result<ListScaler> {
        let plain = Evidence {
            width,
            mean: matrix(1, EVIDENCE, |_, _| 0.0)?,
            scale: matrix(1, EVIDENCE, |_, _| 1.0)?,
        };
        let step = (examples.len() / SAMPLE).max(1);
        let sample: Vec<&Example> = examples.step_by(step).collect();
        let mut rows = Vec::new();
        for example in &sample {
            let inputs = example.inputs()?;
            rows.extend(plain.raw(&mut CandleBackend::default(), &inputs)?.to_vec2::<f32>()?);
        }
        let columns: Vec<Scaler> =
            (0..EVIDENCE).map(|column| Scaler::fit(rows.iter().map(move |row| row[column]), FLOOR)).collect();
        let side = |side: usize| {
            let values = sample.iter().flat_map(move |e| e.privileged.iter().skip(side).step_by(2));
            Scaler::fit(values.copied(), FLOOR)
        };
        Ok(ListScaler {
            evidence: Evidence {
                width,
                mean: matrix(1, EVIDENCE, |_, column| columns[column].mean)?,
                scale: matrix(1, EVIDENCE, |_, column| columns[column].scale)?,
            },
            privileged: [side(0), side(1)],
        })
    }

    /// A list as tensors. `attended` keeps the list's inputs as well.
    ///
    /// # Errors
    /// As candle.
    pub fn list(&self, task: Task, example: &Example, attended: bool) -> Result<TrainingList> {
        let own = example.inputs()?;
        let columns = padded(&self.evidence.of(&mut CandleBackend::default(), &own)?)?;
        let scaled = example.privileged.iter().enumerate().map(|(index, value)| {
            let Scaler { mean, scale } = self.privileged[index % 2];
            ((value - mean) / scale).clamp(-BOUND, BOUND)
        });
        let privileged = Tensor::from_vec(scaled.collect::<Vec<f32>>(), (example.rows, 2), &Device::Cpu)?;
        let full = Tensor::cat(&[&columns, &padded(&privileged)?], 1)?;
        let filled = |values: &[f32]| {
            let mut values = values.to_vec();
            values.resize(LIST, 0.0);
            values
        };
        let inputs = match attended {
            true => Some(ListInputs { item: padded(&own.item)?, dense: padded(&own.dense)?, ..own }),
            false => None,
        };
        let (labels, mask) = (filled(&example.labels), filled(&vec![1.0; example.rows]));
        let gains = match task {
            // Any pick that pleased will do; of what was picked, the best belongs first.
            Task::Engage => labels.clone(),
            Task::Like => filled(&example.gains),
        };
        let tensors = ListTensors { columns, labels, gains, mask, teacher: None, inputs };
        Ok(TrainingList { task, user: example.user, tensors, full })
    }
}

fn padded(rows: &Tensor) -> Result<Tensor> {
    let missing = LIST.saturating_sub(rows.dim(0)?);
    if missing == 0 { Ok(rows.clone()) } else { rows.pad_with_zeros(0, 0, missing) }
}
