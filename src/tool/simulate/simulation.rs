//! In: a catalogue, a number of steps, a seed. Out: [`Life`]: what one visitor was shown, step by step, with a ranker
//! that learns from their clicks. Everything is drawn from the seed: the same one gives the same figures.

use crate::simulate::concentration::{Concentration, Shares};
use crate::simulate::visitor::Visitor;
use ranklet::Candidate;
use ranklet::Event;
use ranklet::Options;
use ranklet::Ranker;
use ranklet::Result;
use ranklet::Ruleset;
use std::rc::Rc;

/// Slots that a visitor looks at.
const SHOWN: usize = 10;
/// Candidates that the server sends for one step, drawn anew.
const SENT: usize = 100;
/// Milliseconds between two steps.
const STEP_MS: f64 = 60_000.0;
/// When the first step is, in milliseconds since 1970.
const START_MS: f64 = 1_700_000_000_000.0;

/// One item of the simulated catalogue.
#[derive(Debug, Clone)]
pub struct Film {
    /// What the server sends of it.
    pub candidate: Candidate,
    /// Which topics it is of, by their number; never empty.
    pub topics: Vec<usize>,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Simulation {
    pub films: Vec<Film>,
    pub topics: Vec<String>,
    /// Steps of each visitor: one ranking, [`SHOWN`] impressions.
    pub steps: usize,
    /// Windows in which concentration is measured, together all steps, as equally long as can be: 1 to
    /// `steps`.
    pub windows: usize,
    /// Decides everything that is drawn.
    pub seed: u64,
}

/// One visitor's life.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// By window.
    pub windows: Vec<Concentration>,
}

impl Simulation {
    /// Steps lived when a window ends.
    pub fn end(&self, window: usize) -> usize {
        (window + 1) * self.steps / self.windows.max(1)
    }

    /// Concentration if all films were shown equally often: what no ranking at all would give.
    pub fn catalogue(&self) -> Concentration {
        let mut shares = Shares::of(self.topics.len(), self.films.len());
        for (index, film) in self.films.iter().enumerate() {
            shares.show(index, &film.topics, false);
        }
        shares.concentration()
    }

    /// Lives one visitor with a ranker that knows nothing yet. `on_step` is called after each step.
    ///
    /// # Errors
    /// Those of [`Ranker::set_candidates`] and [`Ranker::observe`].
    pub fn live(
        &self,
        ranker: &mut Ranker,
        rules: &Rc<Ruleset>,
        number: u64,
        mut on_step: impl FnMut(),
    ) -> Result<Life> {
        ranker.forget();
        let mut visitor = Visitor::new(self.seed, number, self.topics.len());
        let mut life = Life::default();
        let mut shares = Shares::of(self.topics.len(), self.films.len());
        for step in 0..self.steps {
            let sent = visitor.sent(step, self.films.len(), SENT);
            let listed: Vec<&Candidate> =
                sent.iter().filter_map(|&index| self.films.get(index)).map(|film| &film.candidate).collect();
            ranker.set_candidates(&listed)?;
            let at_ms = START_MS + step as f64 * STEP_MS;
            let options = Options {
                rules: rules.clone(),
                seed: visitor.seed(step),
                at: Some(at_ms),
                ..Options::default()
            };
            let ranking = ranker.rank(&options, &mut || 0.0);
            for (slot, &position) in ranking.order.iter().take(SHOWN).enumerate() {
                let Some(&index) = sent.get(position as usize) else { continue };
                let Some(film) = self.films.get(index) else { continue };
                let clicked = visitor.looks(step, slot, &film.topics);
                shares.show(index, &film.topics, clicked);
                let kind = if clicked { "click" } else { "impression" };
                ranker.observe(
                    &Event { kind, id: "", at_ms: at_ms + slot as f64, value: 1.0 },
                    &film.candidate.id,
                )?;
            }
            if step + 1 == self.end(life.windows.len()) {
                life.windows.push(shares.concentration());
                shares = Shares::of(self.topics.len(), self.films.len());
            }
            on_step();
        }
        Ok(life)
    }
}
