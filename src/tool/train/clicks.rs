//! In: a log's visits, click models of the page. Out: [`ClickStudent`]: how likely a visitor who did this before clicks
//! what is shown, with the page's own estimate as the residual. It learns from what page models say of visitors whom
//! they did not learn from.
//!
//! Wide and deep (Cheng et al. 2016, arXiv 1606.07792) across the wire: the wide part, hashed features
//! of the page and their crosses, is the server's score; the deep part, the session's features, is what
//! a device adds. Rounding is that of every other model.

use crate::baselines::logistic::Logistic;
use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::hash::{fnv, mix};
use crate::data::logs::kinds::Kinds;
use crate::data::logs::visit::{EXPOSURES, LoggedVisit};
use crate::data::logs::visits::VisitLog;
use crate::data::split::Split;
use crate::data::visit::LIST;
use crate::error::Result;
use crate::train::batches::ListTensors;
use crate::train::calibrate;
use crate::train::click_features::ClickFeatures;
use crate::train::fit::fit;
use crate::train::hyperparameters::{self, TowerParams};
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::tower::Tower;
use crate::train::quantise;
use candle_core::{Device, Tensor};
use ndarray::Array2;
use ranklet::internals::model::Platt;

/// Seed of the tower.
const SEED: u64 = 1;

/// The half of the train visitors that a visitor belongs to.
#[must_use]
pub fn half(user: &str) -> bool {
    mix(fnv(format_args!("half:{user}"))).is_multiple_of(2)
}

/// Click models of the page alone: one for those who are met, and one of each half of the train visitors,
/// to be asked of the other half.
pub struct PageModels {
    /// Of all train visitors.
    pub all: Logistic,
    /// Of those of whom [`half`] is true.
    pub one: Logistic,
    /// Of the others.
    pub other: Logistic,
}

/// A click model that knows what the visitor did.
pub struct ClickStudent<'a> {
    name: &'static str,
    page: Logistic,
    features: ClickFeatures<'a>,
    tower: Tower,
    calibration: Platt,
}

/// Steps of a training at some effort.
#[must_use]
pub fn steps(effort: f64) -> usize {
    ((hyperparameters::clicks().steps as f64 * effort) as usize).max(1)
}

impl<'a> ClickStudent<'a> {
    /// Trains it on the seen items of train visits; with `exposures` false it never hears of
    /// impressions and skips. `effort` is a share of its steps; `on_step` is called after each.
    ///
    /// # Errors
    /// Nothing was seen, or as candle and the ranker's own.
    pub fn train(
        name: &'static str,
        task: &ClickTask<'a>,
        pages: &PageModels,
        exposures: bool,
        effort: f64,
        on_step: impl FnMut(),
    ) -> Result<ClickStudent<'a>> {
        let ignored = if exposures { Kinds::default() } else { task.log.kinds().set(&EXPOSURES) };
        let said = cross_predicted(task, pages)?;
        let mut features = ClickFeatures::new(task.log, ignored, said.iter().flatten());
        let mut rows = SeenRows::default();
        for (visit, page) in task.log.visits_of(task.by, Split::Train).zip(&said) {
            rows.take(task, &visit, &features.read(&visit, page)?);
        }
        let lists = rows.lists(features.width())?;
        if lists.is_empty() {
            return Err("nothing was seen in the train split".into());
        }
        let tower = trained(&lists, effort, on_step)?;
        let calibration = Platt { slope: 1.0, intercept: 0.0 };
        let mut student = ClickStudent { name, page: pages.all.clone(), features, tower, calibration };
        student.calibration = calibrate::platt(&student.outputs(task)?);
        Ok(student)
    }

    /// Raw outputs for the seen items of validation visits, and whether they were clicked.
    fn outputs(&mut self, task: &ClickTask<'_>) -> Result<Vec<(f32, bool)>> {
        let mut outputs = Vec::new();
        for visit in task.log.visits_of(task.by, Split::Validation) {
            let page = self.page.predict(task.log, &visit)?;
            let scores = self.scores(&visit, &page)?;
            let seen = visit.candidates.iter().zip(scores).filter(|(candidate, _)| candidate.seen);
            outputs.extend(seen.map(|(candidate, score)| (score, task.clicked(candidate))));
        }
        Ok(outputs)
    }

    fn scores(&mut self, visit: &LoggedVisit<'_>, page: &[f64]) -> Result<Vec<f32>> {
        let dense = self.features.read(visit, page)?;
        let shape = (dense.nrows(), dense.ncols());
        if shape.0 == 0 {
            return Ok(Vec::new());
        }
        let columns = Tensor::from_vec(dense.into_iter().collect::<Vec<f32>>(), shape, &Device::Cpu)?;
        Ok(self.tower.of(&mut CandleBackend::default(), &columns)?.flatten_all()?.to_vec1()?)
    }
}

/// What page models say of train visits whose visitors they never saw.
fn cross_predicted(task: &ClickTask<'_>, pages: &PageModels) -> Result<Vec<Vec<f64>>> {
    let (mut one, mut other) = (pages.one.clone(), pages.other.clone());
    let mut said = Vec::new();
    for visit in task.log.visits_of(task.by, Split::Train) {
        let crossed = if half(visit.user) { &mut other } else { &mut one };
        said.push(crossed.predict(task.log, &visit)?);
    }
    Ok(said)
}

/// A tower in 8 bits.
fn trained(lists: &[ListTensors], effort: f64, on_step: impl FnMut()) -> Result<Tower> {
    let params = TowerParams { steps: steps(effort), ..hyperparameters::clicks() };
    let tower = fit(&params, &lists.iter().collect::<Vec<_>>(), SEED, on_step)?.tower;
    let watch = |towers: &[Tower]| {
        let mut backend = CandleBackend::watching();
        for list in lists.iter().step_by((lists.len() / 100).max(1)) {
            towers.iter().try_for_each(|tower| tower.of(&mut backend, &list.columns).map(drop))?;
        }
        Ok(backend.stats.unwrap_or_default())
    };
    Ok(quantise::in_8_bits(vec![tower], watch)?.pop().ok_or("no tower")?)
}

impl ClickModel for ClickStudent<'_> {
    fn name(&self) -> String {
        self.name.into()
    }

    fn predict(&mut self, log: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>> {
        let page = self.page.predict(log, visit)?;
        let scores = self.scores(visit, &page)?;
        Ok(scores.into_iter().map(|score| f64::from(self.calibration.probability(score))).collect())
    }
}

/// Seen items of any visits.
#[derive(Default)]
struct SeenRows {
    columns: Vec<f32>,
    labels: Vec<f32>,
}

impl SeenRows {
    fn take(&mut self, task: &ClickTask<'_>, visit: &LoggedVisit<'_>, dense: &Array2<f32>) {
        for (row, candidate) in dense.outer_iter().zip(visit.candidates).filter(|(_, c)| c.seen) {
            self.columns.extend(row.iter());
            self.labels.push(f32::from(task.clicked(candidate)));
        }
    }

    /// [`LIST`] rows a list, the last one padded.
    fn lists(mut self, width: usize) -> candle_core::Result<Vec<ListTensors>> {
        let count = self.labels.len();
        let padded = count.next_multiple_of(LIST);
        self.columns.resize(padded * width, 0.0);
        self.labels.resize(padded, 0.0);
        let rows = self.columns.chunks_exact((LIST * width).max(1)).zip(self.labels.chunks_exact(LIST));
        rows.enumerate()
            .map(|(index, (columns, labels))| {
                let mask = (0..LIST).map(|row| f32::from(index * LIST + row < count)).collect();
                let columns = Tensor::from_slice(columns, (LIST, width), &Device::Cpu)?;
                let labels = labels.to_vec();
                let gains = labels.clone();
                Ok(ListTensors { columns, gains, labels, mask, teacher: None, inputs: None })
            })
            .collect()
    }
}
