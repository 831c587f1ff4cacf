//! In: a seed. Out: [`Visitor`]: what the server sends, what the visitor clicks, how tastes drift: they grow with every
//! click and fade with every film passed over, within bounds. A visitor sees what is shown, no scores or rules.

use crate::data::hash::draw;

/// How far one click moves the taste for a film's topics; passing one over moves it back by a tenth.
const DRIFT: f64 = 0.03;
/// Bound of a taste: beyond, nothing is more certain.
const MOST: f64 = 3.0;
/// Log-odds of a click in the first slot on a film that the visitor has no taste for.
const BIAS: f64 = -2.0;
/// By how much each slot further down is clicked less, in log-odds.
const SLOT: f64 = 0.1;

/// Someone who looks at what is shown.
#[derive(Debug, Clone)]
pub struct Visitor {
    seed: u64,
    tastes: Vec<f64>,
}

/// A draw from 0 to below 1.
fn chance(seed: u64, count: usize) -> f64 {
    (draw(seed, count as u64 + 1) >> 11) as f64 / (1u64 << 53) as f64
}

/// A draw from 0 to below `n`.
fn pick(seed: u64, count: usize, n: usize) -> usize {
    ((u128::from(draw(seed, count as u64 + 1)) * n as u128) >> 64) as usize
}

impl Visitor {
    /// A visitor with tastes of their own, each −1 to 1.
    pub fn new(seed: u64, number: u64, topics: usize) -> Visitor {
        let seed = draw(seed, number + 1);
        let tastes = (0..topics).map(|topic| chance(seed, topic) * 2.0 - 1.0).collect();
        Visitor { seed: draw(seed, topics as u64 + 1), tastes }
    }

    /// The seed of one thing in one step.
    fn at(&self, step: usize, what: u64) -> u64 {
        draw(draw(self.seed, step as u64 + 1), what)
    }

    /// The films that the server sends: `most` of `films`, each equally likely.
    pub fn sent(&self, step: usize, films: usize, most: usize) -> Vec<usize> {
        let seed = self.at(step, 1);
        let mut all: Vec<usize> = (0..films).collect();
        for index in 0..most.min(films) {
            all.swap(index, index + pick(seed, index, films - index));
        }
        all.truncate(most);
        all
    }

    /// The seed of a step's exploration.
    pub fn seed(&self, step: usize) -> u64 {
        self.at(step, 2)
    }

    /// Whether the visitor clicks a film in a slot; their tastes drift.
    pub fn looks(&mut self, step: usize, slot: usize, topics: &[usize]) -> bool {
        let tastes = topics.iter().filter_map(|&topic| self.tastes.get(topic));
        let taste = tastes.sum::<f64>() / topics.len().max(1) as f64;
        let odds = 2.0 * taste + BIAS - SLOT * slot as f64;
        let clicks = chance(self.at(step, 3), slot) < 1.0 / (1.0 + libm::exp(-odds));
        let drift = if clicks { DRIFT } else { -DRIFT / 10.0 };
        for &topic in topics {
            if let Some(taste) = self.tastes.get_mut(topic) {
                *taste = (*taste + drift).clamp(-MOST, MOST);
            }
        }
        clicks
    }
}
