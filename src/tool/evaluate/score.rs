//! In: visits and a method's predictions for them. Out: for each feedback size the per-user values of every metric
//! in every subset of candidates, each subset ranked among itself. Means are left to the bootstrap, which needs the
//! single users.

use crate::data::error::Result;
use crate::data::hash::tie;
use crate::data::split::is_cold;
use crate::data::visit::{ListItem, Visit};
use crate::evaluate::predictions::{Aligned, Prediction, align};
use crate::evaluate::protocol::Protocol;
use ranklet::internals::metrics;
use std::collections::BTreeMap;
use std::fmt;

/// Places at the top of a list that the head metrics look at.
const CUT: usize = 10;

/// Bins of the calibration error.
pub const BINS: usize = 10;

/// A metric, as named in prediction reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// `ndcg@10`, with graded gain in version 1 and binary gain in version 2.
    Ndcg,
    /// `hit@10`.
    Hit,
    /// `recall@10`.
    Recall,
    /// `mrr@10`.
    Mrr,
    /// `gauc`: the mean over users of each user's AUC.
    Gauc,
    /// `logloss`, in nats; its mean is over pairs, not users.
    LogLoss,
}

/// The candidates that a metric is computed on, ranked among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subset {
    All,
    /// Those with ratings by train users.
    Warm,
    /// New items, known by their metadata alone.
    Cold,
    /// Positives and sampled negatives.
    Sampled,
    /// Rated items: positives and what was seen but not liked.
    Seen,
}

impl Subset {
    fn holds(self, candidate: &ListItem) -> bool {
        match self {
            Self::All => true,
            Self::Warm => !is_cold(candidate.item),
            Self::Cold => is_cold(candidate.item),
            Self::Sampled => candidate.rating.is_none() || candidate.relevant(),
            Self::Seen => candidate.rating.is_some(),
        }
    }
}

/// A metric on a subset; displays as `ndcg@10.warm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Measure {
    pub metric: Metric,
    pub subset: Subset,
}

impl Measure {
    /// A metric on a subset.
    #[must_use]
    pub const fn new(metric: Metric, subset: Subset) -> Self {
        Self { metric, subset }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.metric {
            Metric::Ndcg => "ndcg@10",
            Metric::Hit => "hit@10",
            Metric::Recall => "recall@10",
            Metric::Mrr => "mrr@10",
            Metric::Gauc => "gauc",
            Metric::LogLoss => "logloss",
        })?;
        f.write_str(match self.subset {
            Subset::All => ".all",
            Subset::Warm => ".warm",
            Subset::Cold => ".cold",
            Subset::Sampled => ".sampled",
            Subset::Seen => ".seen",
        })
    }
}

/// One measure's contribution of each user, in the order of the visits. Its value is the ratio of
/// the two sums.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PerUser {
    /// The user's value, 0 where undefined; for the log loss the sum over the user's pairs.
    pub sums: Vec<f64>,
    /// 1 where the value is defined, else 0; for the log loss the number of pairs.
    pub weights: Vec<f64>,
}

impl PerUser {
    fn push(&mut self, value: Option<f64>) {
        self.add(value.unwrap_or(0.0), f64::from(u8::from(value.is_some())));
    }

    fn add(&mut self, sum: f64, weight: f64) {
        self.sums.push(sum);
        self.weights.push(weight);
    }

    /// Mean over the users (or pairs) where the measure is defined; `None` when there is none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let weight = self.weight();
        (weight > 0.0).then(|| self.sums.iter().sum::<f64>() / weight)
    }

    /// Number of users (or pairs) where the measure is defined.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weights.iter().sum()
    }
}

/// A method's results at one feedback size.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scorecard {
    /// Per-user values by measure.
    pub columns: BTreeMap<Measure, PerUser>,
    /// Expected calibration error over all pairs in [`BINS`] bins; `None` without probabilities.
    pub ece: Option<f64>,
}

impl Scorecard {
    /// The mean of a measure; `None` where it is undefined for every user.
    #[must_use]
    pub fn mean(&self, metric: Metric, subset: Subset) -> Option<f64> {
        self.columns.get(&Measure::new(metric, subset))?.mean()
    }
}

/// Scores predictions by feedback size.
///
/// # Errors
/// The predictions do not answer the visits; see [`align`].
pub fn score(
    protocol: Protocol,
    visits: &[Visit],
    predictions: &[Prediction],
) -> Result<BTreeMap<usize, Scorecard>> {
    let aligned = align(visits, predictions)?;
    let cards = aligned.iter().map(|(&k, scores)| (k, scorecard(protocol, visits, scores)));
    Ok(cards.collect())
}

/// Measures that the protocol reports on a subset, the log loss aside.
fn reported(protocol: Protocol, subset: Subset) -> &'static [Metric] {
    use Metric::{Gauc, Hit, Mrr, Ndcg, Recall};
    match (protocol, subset) {
        (Protocol::V1, Subset::All | Subset::Warm | Subset::Cold) => &[Ndcg, Gauc],
        (Protocol::V1, _) => &[],
        (Protocol::V2, Subset::All | Subset::Warm) => &[Ndcg, Hit, Recall, Mrr, Gauc],
        (Protocol::V2, _) => &[Gauc],
    }
}

fn scorecard(protocol: Protocol, visits: &[Visit], aligned: &Aligned) -> Scorecard {
    let mut columns = BTreeMap::<Measure, PerUser>::new();
    let mut pooled = SubsetRows::default();
    for (visit, scores) in visits.iter().zip(&aligned.scores) {
        for subset in [Subset::All, Subset::Warm, Subset::Cold, Subset::Sampled, Subset::Seen] {
            let rows = SubsetRows::of(protocol, visit, scores, subset);
            for &metric in reported(protocol, subset) {
                let column = columns.entry(Measure::new(metric, subset)).or_default();
                column.push(rows.value(metric));
            }
            if aligned.prob && matches!(subset, Subset::All | Subset::Warm | Subset::Cold) {
                let column = columns.entry(Measure::new(Metric::LogLoss, subset)).or_default();
                column.add(rows.loss(), rows.scores.len() as f64);
            }
            if aligned.prob && subset == Subset::All {
                pooled.append(rows);
            }
        }
    }
    let ece = metrics::ece(BINS, &pooled.scores, &pooled.ties, &pooled.relevant);
    Scorecard { columns, ece }
}

/// Candidates of one subset as parallel columns.
#[derive(Default)]
struct SubsetRows {
    scores: Vec<f64>,
    ties: Vec<u64>,
    gains: Vec<f64>,
    relevant: Vec<bool>,
}

impl SubsetRows {
    fn of(protocol: Protocol, visit: &Visit, scores: &[f64], subset: Subset) -> Self {
        let mut rows = Self::default();
        for (candidate, &score) in visit.candidates.iter().zip(scores) {
            if !subset.holds(candidate) {
                continue;
            }
            let relevant = candidate.relevant();
            rows.scores.push(score);
            rows.ties.push(tie(visit.user, candidate.item));
            rows.gains.push(match protocol {
                Protocol::V1 => candidate.graded_gain(),
                Protocol::V2 => f64::from(u8::from(relevant)),
            });
            rows.relevant.push(relevant);
        }
        rows
    }

    fn value(&self, metric: Metric) -> Option<f64> {
        let Self { scores, ties, gains, relevant } = self;
        match metric {
            Metric::Ndcg => metrics::ndcg_at(CUT, scores, ties, gains),
            Metric::Hit => metrics::hit_at(CUT, scores, ties, relevant),
            Metric::Recall => metrics::recall_at(CUT, scores, ties, relevant),
            Metric::Mrr => metrics::mrr_at(CUT, scores, ties, relevant),
            Metric::Gauc => metrics::auc(scores, relevant),
            Metric::LogLoss => metrics::log_loss(scores, relevant),
        }
    }

    fn loss(&self) -> f64 {
        let pairs = self.scores.iter().zip(&self.relevant);
        pairs.map(|(&p, &y)| metrics::surprise(p, y)).sum()
    }

    fn append(&mut self, mut other: Self) {
        self.scores.append(&mut other.scores);
        self.ties.append(&mut other.ties);
        self.gains.append(&mut other.gains);
        self.relevant.append(&mut other.relevant);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::evaluate::predictions::predict;

    fn visit(user: u64, ratings: &[(u64, Option<f32>)]) -> Visit {
        let candidates = ratings.iter().map(|&(item, rating)| ListItem { item, rating }).collect();
        Visit { user, pool: Vec::new(), candidates }
    }

    #[test]
    fn users_without_both_classes_are_skipped_but_keep_their_place() {
        let visits =
            [visit(1, &[(10, Some(4.0)), (11, Some(1.0))]), visit(2, &[(10, Some(1.0)), (11, Some(1.0))])];
        let predictions = predict(&visits, &[0], true, |_, _, c| if c.item == 10 { 0.75 } else { 0.5 });
        let cards = score(Protocol::V1, &visits, &predictions).unwrap();
        let card = &cards[&0];
        let gauc = &card.columns[&Measure::new(Metric::Gauc, Subset::All)];
        assert_eq!((&gauc.sums, &gauc.weights), (&vec![1.0, 0.0], &vec![1.0, 0.0]));
        assert_eq!(gauc.mean(), Some(1.0));
        let loss = card.mean(Metric::LogLoss, Subset::All).unwrap();
        let expected = -(0.75_f64.ln() + 2.0 * 0.5_f64.ln() + 0.25_f64.ln()) / 4.0;
        assert!((loss - expected).abs() < 1e-12);
        // One row a bin; gaps 0.25, 0.75, 0.5 and 0.5.
        assert!((card.ece.unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_second_protocol_has_two_kinds_of_negatives() {
        let list = [(10, Some(5.0)), (11, Some(2.0)), (12, None), (13, None)];
        let visits = [visit(1, &list)];
        let scores = [2.0, 3.0, 1.0, 1.0];
        let predictions = predict(&visits, &[3], false, |_, _, c| scores[c.item as usize - 10]);
        let cards = score(Protocol::V2, &visits, &predictions).unwrap();
        let card = &cards[&3];
        assert_eq!(card.mean(Metric::Gauc, Subset::Sampled), Some(1.0));
        assert_eq!(card.mean(Metric::Gauc, Subset::Seen), Some(0.0));
        assert_eq!(card.mean(Metric::Gauc, Subset::All), Some(2.0 / 3.0));
        assert_eq!(card.mean(Metric::Mrr, Subset::All), Some(0.5));
        assert_eq!(card.mean(Metric::LogLoss, Subset::All), None);
        assert_eq!(card.ece, None);
        assert_eq!(Measure::new(Metric::Ndcg, Subset::Warm).to_string(), "ndcg@10.warm");
    }
}
