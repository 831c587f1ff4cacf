//! In: a model, replayed lists. Out: what the model says of them, through the ranker that the wasm runs.
//! It sets the list, observes the first k pool entries and ranks: what is measured is what a page shows.

use crate::data::catalogue::Catalogue;
use crate::data::rating::event_type;
use crate::data::served::Served;
use crate::data::visit::Visit;
use crate::evaluate::answers::Answers;
use crate::evaluate::protocol::Protocol;
use ranklet::Event;
use ranklet::Options;
use ranklet::Ranker;
use ranklet::internals::item::Packer;

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
        let head = heads.iter().position(|head| head.name == protocol.head()).unwrap_or(0);
        let weights = (0..heads.len()).map(|h| f32::from(u8::from(h == head))).collect();
        let options = Options { weights: Some(weights), ..Options::default() };
        let ranking = self.ranker.rank(&options, &mut || 0.0);
        let probabilities = self.ranker.probabilities(&ranking, head);
        Ok(Replayed { outputs: ranking.scores, probabilities })
    }

    /// What the ranker says of all visits after each number of events; `on_visit` is called after each.
    pub fn predict(
        &mut self,
        protocol: Protocol,
        visits: &[Visit],
        sizes: &[usize],
        mut on_visit: impl FnMut(),
    ) -> ranklet::Result<Answers> {
        let mut answers = Answers::default();
        for visit in visits {
            for &k in sizes {
                let replayed = self.replay(protocol, visit, visit.feedback(k))?;
                answers.push(visit, k, &replayed.outputs, &replayed.probabilities);
            }
            on_visit();
        }
        Ok(answers)
    }
}
