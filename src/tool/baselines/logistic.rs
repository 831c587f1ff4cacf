//! In: what train visitors saw and clicked, as hashed features. Out: a logistic regression, and its click
//! probabilities. Validation visitors pick the learning rate and the epoch, nothing else.
//!
//! FTRL-Proximal with per-coordinate learning rates: McMahan et al., *Ad Click Prediction: a View from
//! the Trenches*, KDD 2013, Algorithm 1.

use crate::baselines::hashed_features::{HashedFeatures, Inputs};
use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::logs::visit::LoggedVisit;
use crate::data::logs::visits::VisitLog;
use crate::data::split::Split;
use crate::error::Result;
use ranklet::internals::metrics;

/// How it is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FtrlParams {
    /// Rows of the hashed table: `2^bits`.
    pub bits: u32,
    /// Learning rates tried (α of the paper).
    pub rates: [f64; 3],
    /// β of the paper: how slowly the rate of a new coordinate falls.
    pub beta: f64,
    /// λ₁ of the paper, the L1 penalty: coordinates with less evidence weigh exactly 0.
    pub lambda1: f64,
    /// λ₂ of the paper, the L2 penalty.
    pub lambda2: f64,
    /// Passes over the train visits, at most; training stops after the first that makes validation
    /// worse.
    pub epochs: usize,
}

impl Default for FtrlParams {
    fn default() -> Self {
        Self { bits: 20, rates: [0.01, 0.03, 0.1], beta: 1.0, lambda1: 0.1, lambda2: 1.0, epochs: 8 }
    }
}

/// The regression's state: z and n of the paper, from which weights follow.
#[derive(Debug, Clone)]
struct Ftrl {
    rate: f64,
    params: FtrlParams,
    z: Vec<f32>,
    n: Vec<f32>,
}

impl Ftrl {
    fn new(params: FtrlParams, rate: f64, size: usize) -> Self {
        Self { rate, params, z: vec![0.0; size], n: vec![0.0; size] }
    }

    fn weight(&self, row: u32) -> f64 {
        let (z, n) = (f64::from(self.z[row as usize]), f64::from(self.n[row as usize]));
        let FtrlParams { beta, lambda1, lambda2, .. } = self.params;
        if z.abs() <= lambda1 {
            return 0.0;
        }
        (lambda1.copysign(z) - z) / ((beta + n.sqrt()) / self.rate + lambda2)
    }

    fn probability(&self, rows: &[u32]) -> f64 {
        let logit: f64 = rows.iter().map(|&row| self.weight(row)).sum();
        1.0 / (1.0 + (-logit.clamp(-35.0, 35.0)).exp())
    }

    fn learn(&mut self, rows: &[u32], clicked: bool) {
        let gradient = self.probability(rows) - f64::from(u8::from(clicked));
        for &row in rows {
            let n = f64::from(self.n[row as usize]);
            let sigma = ((n + gradient * gradient).sqrt() - n.sqrt()) / self.rate;
            let change = gradient - sigma * self.weight(row);
            self.z[row as usize] += change as f32;
            self.n[row as usize] += (gradient * gradient) as f32;
        }
    }
}

/// A trained regression.
#[derive(Clone)]
pub struct Logistic {
    name: String,
    features: HashedFeatures,
    state: Ftrl,
    /// How it came about, for a report.
    pub chosen: String,
}

impl Logistic {
    /// Trains with each rate, and keeps the state that predicted validation best. `on_epoch` is called
    /// after each epoch.
    ///
    /// # Errors
    /// The train or the validation split has nothing seen.
    pub fn train(
        name: &str,
        task: &ClickTask<'_>,
        inputs: Inputs,
        params: FtrlParams,
        on_epoch: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        Self::train_on(name, task, inputs, params, &|_| true, on_epoch)
    }

    /// As [`Logistic::train`], from the train visitors whom `admit` accepts alone: what it says of the
    /// others is not learnt from themselves.
    ///
    /// # Errors
    /// As [`Logistic::train`].
    pub fn train_on(
        name: &str,
        task: &ClickTask<'_>,
        inputs: Inputs,
        params: FtrlParams,
        admit: &dyn Fn(&str) -> bool,
        on_epoch: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        let features = HashedFeatures::new(task, inputs, params.bits);
        let mut best: Option<(f64, Ftrl, String)> = None;
        for rate in params.rates {
            let mut state = Ftrl::new(params, rate, features.size());
            let mut before = f64::INFINITY;
            for epoch in 1..=params.epochs {
                if pass(task, &features, admit, &mut state) == 0 {
                    return Err(format!("{name}: nothing was seen in the train split").into());
                }
                let loss = validation_loss(task, &features, &state)
                    .ok_or_else(|| format!("{name}: nothing was seen in the validation split"))?;
                on_epoch(&format!("{name}, rate {rate}, epoch {epoch}: validation LogLoss {loss:.5}"));
                if best.as_ref().is_none_or(|(least, ..)| loss < *least) {
                    best = Some((
                        loss,
                        state.clone(),
                        format!("rate {rate}, {epoch} epochs, validation LogLoss {loss:.5}"),
                    ));
                }
                if loss > before {
                    break;
                }
                before = loss;
            }
        }
        let (_, state, chosen) = best.ok_or("no rate to train with")?;
        Ok(Self { name: name.to_owned(), features, state, chosen })
    }
}

/// One pass over what train visitors saw, in order of time; how many items that were.
fn pass(
    task: &ClickTask<'_>,
    features: &HashedFeatures,
    admit: &dyn Fn(&str) -> bool,
    state: &mut Ftrl,
) -> usize {
    let mut count = 0;
    for visit in task.log.visits_of(task.by, Split::Train).filter(|visit| admit(visit.user)) {
        let seen = |place: usize| visit.candidates[place].seen;
        features.each(task.log, &visit, seen, |place, rows| {
            state.learn(rows, task.clicked(&visit.candidates[place]));
            count += 1;
        });
    }
    count
}

fn validation_loss(task: &ClickTask<'_>, features: &HashedFeatures, state: &Ftrl) -> Option<f64> {
    let (mut probabilities, mut clicks) = (Vec::new(), Vec::new());
    for visit in task.log.visits_of(task.by, Split::Validation) {
        let seen = |place: usize| visit.candidates[place].seen;
        features.each(task.log, &visit, seen, |place, rows| {
            probabilities.push(state.probability(rows));
            clicks.push(task.clicked(&visit.candidates[place]));
        });
    }
    metrics::log_loss(&probabilities, &clicks)
}

impl ClickModel for Logistic {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn predict(&mut self, log: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>> {
        let mut predicted = Vec::with_capacity(visit.candidates.len());
        self.features.each(log, visit, |_| true, |_, rows| predicted.push(self.state.probability(rows)));
        Ok(predicted)
    }
}
