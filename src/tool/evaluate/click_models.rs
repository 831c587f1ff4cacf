//! In: visits of a split and models that predict clicks. Out: LogLoss, AUC, GAUC and calibration error of each on
//! what was seen, with intervals over visitors and differences paired by visitor.

use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::hash::{fnv, mix};
use crate::data::split::Split;
use crate::error::Result;
use crate::evaluate::bootstrap::{Bootstrap, Difference, Estimate};
use crate::evaluate::score::PerUser;
use ranklet::internals::metrics;
use std::collections::HashMap;

/// Bins of the calibration error.
pub const BINS: usize = 10;
/// Most visitors for whom intervals are drawn: the resamples of more would not fit in memory.
const INTERVALS: usize = 50_000;

/// The figures of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFigures {
    pub name: String,
    /// Mean negative log-likelihood in nats, by item seen.
    pub log_loss: Option<Estimate>,
    /// Area under the ROC curve over all items seen.
    pub auc: Option<f64>,
    /// Mean over visitors of the AUC of the visitor's own items: what a re-ranker can change.
    pub gauc: Option<Estimate>,
    /// Expected calibration error, [`BINS`] bins of equal count.
    pub ece: Option<f64>,
    /// LogLoss of this model minus that of the comparison's reference, paired by visitor.
    pub log_loss_over: Option<Difference>,
    /// GAUC of this model minus that of the reference, paired by visitor.
    pub gauc_over: Option<Difference>,
    /// Its predictions, in the order of [`Comparison::positive`].
    pub predictions: Vec<f64>,
}

/// Models side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// By model, in the order given.
    pub rows: Vec<ModelFigures>,
    /// Whether each seen item was clicked.
    pub positive: Vec<bool>,
    pub users: usize,
}

/// The items of a split: their visitors and outcomes.
struct Truth {
    /// By row: the visitor, by number.
    user: Vec<usize>,
    positive: Vec<bool>,
    ties: Vec<u64>,
    users: usize,
}

/// Asks every model for the seen items of a split. Differences are to the model of that place in
/// `models`.
///
/// # Errors
/// A model fails, or answers with another number of predictions than there are candidates.
pub fn compare(
    task: &ClickTask<'_>,
    split: Split,
    models: &mut [Box<dyn ClickModel + '_>],
    reference: usize,
) -> Result<Comparison> {
    let truth = Truth::of(task, split);
    let mut predictions = vec![Vec::with_capacity(truth.positive.len()); models.len()];
    for visit in task.log.visits_of(task.by, split) {
        if !visit.candidates.iter().any(|candidate| candidate.seen) {
            continue;
        }
        for (model, column) in models.iter_mut().zip(&mut predictions) {
            let predicted = model.predict(task.log, &visit)?;
            if predicted.len() != visit.candidates.len() {
                let (got, wanted) = (predicted.len(), visit.candidates.len());
                return Err(format!("{}: {got} predictions for {wanted} items", model.name()).into());
            }
            let seen = predicted.into_iter().zip(visit.candidates).filter(|(_, candidate)| candidate.seen);
            column.extend(seen.map(|(probability, _)| probability));
        }
    }
    let columns: Vec<[PerUser; 2]> = predictions.iter().map(|column| truth.by_user(column)).collect();
    let bootstrap = (truth.users <= INTERVALS).then(|| Bootstrap::new(truth.users));
    let estimate = |column: &PerUser| match &bootstrap {
        Some(bootstrap) => bootstrap.estimate(column),
        None => column.mean().map(|mean| Estimate { mean, lo: f64::NAN, hi: f64::NAN, count: truth.users }),
    };
    let over = |place: usize, measure: usize| {
        let base = columns.get(reference).filter(|_| place != reference)?;
        bootstrap.as_ref()?.difference(&columns[place][measure], &base[measure])
    };
    let rows = models
        .iter()
        .zip(predictions)
        .enumerate()
        .map(|(place, (model, predictions))| ModelFigures {
            name: model.name(),
            log_loss: estimate(&columns[place][0]),
            auc: metrics::auc(&predictions, &truth.positive),
            gauc: estimate(&columns[place][1]),
            ece: metrics::ece(BINS, &predictions, &truth.ties, &truth.positive),
            log_loss_over: over(place, 0),
            gauc_over: over(place, 1),
            predictions,
        })
        .collect();
    Ok(Comparison { rows, positive: truth.positive, users: truth.users })
}

impl Truth {
    fn of(task: &ClickTask<'_>, split: Split) -> Self {
        let mut truth = Self { user: Vec::new(), positive: Vec::new(), ties: Vec::new(), users: 0 };
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        task.rows(split, |visit, candidate, clicked| {
            let next = numbers.len();
            truth.user.push(*numbers.entry(visit.user).or_insert(next));
            truth.positive.push(clicked);
            truth.ties.push(mix(fnv(format_args!("{}:{}", visit.id, candidate.position))));
        });
        truth.users = numbers.len();
        truth
    }

    /// By visitor: the sum of losses over the number of items, and the AUC where both outcomes are.
    fn by_user(&self, predictions: &[f64]) -> [PerUser; 2] {
        let mut losses = PerUser { sums: vec![0.0; self.users], weights: vec![0.0; self.users] };
        let mut own: Vec<(Vec<f64>, Vec<bool>)> = vec![Default::default(); self.users];
        for ((&user, &positive), &probability) in self.user.iter().zip(&self.positive).zip(predictions) {
            losses.sums[user] += metrics::surprise(probability, positive);
            losses.weights[user] += 1.0;
            own[user].0.push(probability);
            own[user].1.push(positive);
        }
        let mut areas = PerUser::default();
        for (probabilities, positive) in &own {
            let area = metrics::auc(probabilities, positive);
            areas.sums.push(area.unwrap_or(0.0));
            areas.weights.push(f64::from(u8::from(area.is_some())));
        }
        [losses, areas]
    }
}
