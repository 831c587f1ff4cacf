//! In: what a method says of lists, by feedback size. Out: [`Answers`], and their scorecards.
//! A ranker orders by raw outputs and is calibrated by probabilities: both are kept, of the same rows.

use crate::data::error::Result;
use crate::data::visit::Visit;
use crate::evaluate::predictions::Prediction;
use crate::evaluate::protocol::Protocol;
use crate::evaluate::score::{Metric, Scorecard, score};
use ranklet::internals::model::Platt;
use std::collections::BTreeMap;

/// Scorecards of one method by feedback size.
pub type Cards = BTreeMap<usize, Scorecard>;

/// Raw outputs of a list's candidates, by feedback size.
pub type BySize = Vec<Vec<f32>>;

/// Outputs with the labels of their candidates, as a calibration is fitted on them.
#[must_use]
pub fn labelled(visits: &[Visit], outputs: &[BySize]) -> Vec<(f32, bool)> {
    let mut rows = Vec::new();
    for (visit, by_size) in visits.iter().zip(outputs) {
        for scores in by_size {
            rows.extend(scores.iter().copied().zip(visit.candidates.iter().map(|c| c.relevant())));
        }
    }
    rows
}

/// What a method says of lists: the scores that it orders by, and probabilities of the same rows.
#[derive(Default)]
pub struct Answers {
    /// Raw outputs.
    pub outputs: Vec<Prediction>,
    /// Calibrated; empty for a method without.
    pub probabilities: Vec<Prediction>,
}

impl Answers {
    /// Appends what was said of one list.
    pub fn push(&mut self, visit: &Visit, k: usize, outputs: &[f32], probabilities: &[f32]) {
        let prediction = |scores: &[f32], prob| Prediction {
            user: visit.user,
            k,
            items: visit.candidates.iter().map(|c| c.item).collect(),
            scores: scores.iter().copied().map(f64::from).collect(),
            prob,
        };
        self.outputs.push(prediction(outputs, false));
        if !probabilities.is_empty() {
            self.probabilities.push(prediction(probabilities, true));
        }
    }

    /// Answers of outputs by visit and size, with probabilities by a calibration.
    #[must_use]
    pub fn calibrated(visits: &[Visit], sizes: &[usize], outputs: &[BySize], platt: Platt) -> Self {
        let mut answers = Self::default();
        for (visit, by_size) in visits.iter().zip(outputs) {
            for (&k, scores) in sizes.iter().zip(by_size) {
                let probabilities: Vec<f32> = scores.iter().map(|&score| platt.probability(score)).collect();
                answers.push(visit, k, scores, &probabilities);
            }
        }
        answers
    }

    /// What scorers of a protocol's predictions read: the first is about probabilities as well, the
    /// second about order alone.
    pub fn scored(&self, protocol: Protocol) -> &[Prediction] {
        match protocol {
            Protocol::V1 if !self.probabilities.is_empty() => &self.probabilities,
            _ => &self.outputs,
        }
    }

    /// Scorecards by feedback size, those of the order with the probabilities' loss and calibration.
    pub fn cards(&self, protocol: Protocol, visits: &[Visit]) -> Result<Cards> {
        let mut cards = score(protocol, visits, self.scored(protocol))?;
        if protocol == Protocol::V2 && !self.probabilities.is_empty() {
            for (k, card) in score(protocol, visits, &self.probabilities)? {
                let Some(own) = cards.get_mut(&k) else { continue };
                own.ece = card.ece;
                let losses =
                    card.columns.into_iter().filter(|(measure, _)| measure.metric == Metric::LogLoss);
                own.columns.extend(losses);
            }
        }
        Ok(cards)
    }
}
