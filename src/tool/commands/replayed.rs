//! In: a model, replayed lists. Out: predictions, made by the ranker that the wasm runs.
//! Sets the list, observes the first k pool entries, ranks: nothing else is a student's score.
//! Must never hand candidates over in the order of time.

use crate::catalogue::{Catalogue, Served, event_type};
use crate::replay::predictions::Prediction;
use crate::replay::score::{Metric, Scorecard, score};
use crate::replay::{Protocol, Visit};
use ranklet::event::Event;
use ranklet::item::Packer;
use ranklet::rank::Options;
use ranklet::rank::Ranker;
use std::collections::BTreeMap;

/// Scorecards of one method by feedback size.
pub type Cards = BTreeMap<usize, Scorecard>;

/// Replays visits through a ranker.
pub struct Replayer<'a> {
    pub ranker: &'a mut Ranker,
    pub catalogue: &'a Catalogue,
    pub served: &'a Served,
}

/// A ranking of one visit after k events, by candidate.
pub struct Replayed {
    /// One head's raw output.
    pub outputs: Vec<f32>,
    /// Its calibrated probability.
    pub probabilities: Vec<f32>,
}

/// The head that answers a protocol's question: it is named so in the manifest.
pub fn head_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::V1 => "like",
        Protocol::V2 => "engage",
    }
}

impl Replayer<'_> {
    fn packer(&self) -> Packer {
        Packer::with_vectors(self.ranker.manifest().vectors.as_ref().map_or(0, |vectors| vectors.width))
    }

    /// The ranker's scores for one visit after some events: items with their stars, oldest first.
    pub fn replay(
        &mut self,
        protocol: Protocol,
        visit: &Visit,
        feedback: &[(u64, f32)],
    ) -> ranklet::Result<Replayed> {
        self.replay_with(protocol, visit, feedback, &[])
    }

    /// [`Replayer::replay`] for a visitor who stated some tags.
    pub fn replay_with(
        &mut self,
        protocol: Protocol,
        visit: &Visit,
        feedback: &[(u64, f32)],
        stated: &[String],
    ) -> ranklet::Result<Replayed> {
        let mut list = self.packer();
        visit.candidates.iter().for_each(|c| self.catalogue.push(&mut list, c.item, Some(self.served)));
        self.ranker.set_packed(&list.packed())?;
        self.ranker.forget();
        self.ranker.prefer(stated, &Packer::default().packed())?;
        let mut past = self.packer();
        feedback.iter().for_each(|&(item, _)| self.catalogue.push(&mut past, item, Some(self.served)));
        self.ranker.remember(&past.packed())?;
        for (at, &(item, stars)) in feedback.iter().enumerate() {
            let event = Event { kind: event_type(stars), id: "", at_ms: at as f64, value: f64::NAN };
            self.ranker.observe(&event, &item.to_string())?;
        }
        let heads = &self.ranker.manifest().heads;
        let head = heads.iter().position(|head| head.name == head_name(protocol)).unwrap_or(0);
        let weights = (0..heads.len()).map(|h| f32::from(u8::from(h == head))).collect();
        let options = Options { weights: Some(weights), ..Options::default() };
        let ranking = self.ranker.rank(&options, &mut || 0.0);
        let probabilities = self.ranker.probabilities(&ranking, head);
        Ok(Replayed { outputs: ranking.scores, probabilities })
    }

    /// What the ranker says of all visits after each number of events; `finished` is told after each visit.
    pub fn predict(
        &mut self,
        protocol: Protocol,
        visits: &[Visit],
        sizes: &[usize],
        mut finished: impl FnMut(),
    ) -> ranklet::Result<Answers> {
        let mut answers = Answers::default();
        for visit in visits {
            for &k in sizes {
                let replayed = self.replay(protocol, visit, visit.feedback(k))?;
                answers.push(visit, k, &replayed.outputs, &replayed.probabilities);
            }
            finished();
        }
        Ok(answers)
    }
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

    /// What scorers of a protocol's predictions read: the first is about probabilities as well, the
    /// second about order alone.
    pub fn scored(&self, protocol: Protocol) -> &[Prediction] {
        match protocol {
            Protocol::V1 if !self.probabilities.is_empty() => &self.probabilities,
            _ => &self.outputs,
        }
    }

    /// Scorecards by feedback size, those of the order with the probabilities' loss and calibration.
    pub fn cards(&self, protocol: Protocol, visits: &[Visit]) -> crate::replay::Result<Cards> {
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
