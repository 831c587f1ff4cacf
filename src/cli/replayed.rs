//! In: a model, replayed lists. Out: predictions, made by the ranker that the wasm runs.
//! Sets the list, observes the first k pool entries, ranks: nothing else is a student's score.
//! Must never hand candidates over in the order of time.

use crate::data::{Catalogue, event_type};
use crate::event::Event;
use crate::item::Packer;
use crate::rank::Ranker;
use crate::ranking::Options;
use crate::replay::predictions::Prediction;
use crate::replay::stats::Stats;
use crate::replay::{Protocol, Visit};

/// Replays visits through a ranker.
pub struct Replayer<'a> {
    pub ranker: &'a mut Ranker,
    pub catalogue: &'a Catalogue,
    pub stats: &'a Stats,
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
    /// The ranker's scores for one visit after its first `k` events.
    pub fn replay(&mut self, protocol: Protocol, visit: &Visit, k: usize) -> crate::Result<Replayed> {
        let mut list = Packer::default();
        visit.candidates.iter().for_each(|c| self.catalogue.push(&mut list, c.item, Some(self.stats)));
        self.ranker.set_candidates(&list.packed())?;
        self.ranker.forget();
        let mut past = Packer::default();
        let feedback = visit.feedback(k);
        feedback.iter().for_each(|&(item, _)| self.catalogue.push(&mut past, item, Some(self.stats)));
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

    /// Predictions for all visits and feedback sizes; `finished` is told after each visit.
    pub fn predict(
        &mut self,
        protocol: Protocol,
        visits: &[Visit],
        sizes: &[usize],
        mut finished: impl FnMut(),
    ) -> crate::Result<Vec<Prediction>> {
        // The first protocol is about probabilities, the second about order alone.
        let prob = protocol == Protocol::V1;
        let mut predictions = Vec::with_capacity(visits.len() * sizes.len());
        for visit in visits {
            for &k in sizes {
                let replayed = self.replay(protocol, visit, k)?;
                let scores = if prob { replayed.probabilities } else { replayed.outputs };
                predictions.push(Prediction {
                    user: visit.user,
                    k,
                    items: visit.candidates.iter().map(|c| c.item).collect(),
                    scores: scores.into_iter().map(f64::from).collect(),
                    prob,
                });
            }
            finished();
        }
        Ok(predictions)
    }
}
