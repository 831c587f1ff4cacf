//! In: a trained pipeline, held-out visits. Out: raw outputs of a model that no file holds yet.
//! Lists become tensors as in training, but plain: the feedback is the visitor's own, nothing is varied.

use crate::data::catalogue::Catalogue;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::train::batches::TrainingList;
use crate::train::examples::ExampleBuilder;
use crate::train::parallel::parallel;
use crate::train::pipeline::{Pipeline, Settings};
use crate::train::task::Task;
use std::error::Error;

/// What makes lists of visits as training did.
#[derive(Clone, Copy)]
pub struct Predictor<'a> {
    pub pipeline: &'a Pipeline,
    pub catalogue: &'a Catalogue,
    pub settings: &'a Settings,
}

impl Predictor<'_> {
    /// Raw outputs by visit, by feedback size; `on_visit` is called after each visit.
    ///
    /// # Errors
    /// As the ranker's own, and candle.
    pub fn outputs<E: Into<Box<dyn Error>>>(
        &self,
        task: Task,
        visits: &[Visit],
        sizes: &[usize],
        score: impl Fn(&TrainingList) -> Result<Vec<f32>, E> + Sync,
        on_visit: impl Fn() + Sync,
    ) -> Result<Vec<Vec<Vec<f32>>>> {
        let builder = ExampleBuilder {
            catalogue: self.catalogue,
            manifest: &self.pipeline.manifest,
            cross_fit: &self.pipeline.cross_fit,
            augmentation: self.settings.augmentation,
        };
        let one = |visit: &Visit, k: usize| -> Result<Vec<f32>> {
            let example = builder.plain(visit, k)?;
            let list = self.pipeline.scaler.list(task, &example, self.settings.attends(task))?;
            let mut scores = score(&list).map_err(Into::into)?;
            scores.truncate(example.rows);
            Ok(scores)
        };
        parallel(visits, |visit| {
            let by_size: Result<Vec<Vec<f32>>> = sizes.iter().map(|&k| one(visit, k)).collect();
            on_visit();
            // Errors of any kind do not cross threads; their sentence does.
            by_size.map_err(|error| error.to_string())
        })
    }
}
