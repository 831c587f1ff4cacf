//! In: what was shown. Out: [`Concentration`]: entropy and Herfindahl–Hirschman index of its topics.
//! A film of several topics counts for each in equal parts.

use serde::Serialize;

/// What was shown in a window.
#[derive(Debug, Clone)]
pub struct Shares {
    topics: Vec<f64>,
    films: Vec<u32>,
    shown: u32,
    clicks: u32,
}

/// How concentrated that is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Concentration {
    /// Shannon entropy of the shares of topics in bits: 0 for a single topic, `log2` of their number
    /// if all are equal.
    pub entropy: f64,
    /// Sum of squared shares of topics (Herfindahl–Hirschman index): 1 for a single topic.
    pub hhi: f64,
    /// Share of the catalogue that was shown at all.
    pub coverage: f64,
    /// Clicks by film shown.
    pub clicks: f64,
}

impl Shares {
    /// Of a catalogue of so many topics and films, nothing of which was shown yet.
    pub fn of(topics: usize, films: usize) -> Shares {
        Shares { topics: vec![0.0; topics], films: vec![0; films], shown: 0, clicks: 0 }
    }

    /// Counts a film that was shown, and whether it was clicked.
    pub fn show(&mut self, film: usize, topics: &[usize], clicked: bool) {
        for &topic in topics {
            if let Some(share) = self.topics.get_mut(topic) {
                *share += 1.0 / topics.len() as f64;
            }
        }
        if let Some(times) = self.films.get_mut(film) {
            *times += 1;
        }
        self.shown += 1;
        self.clicks += u32::from(clicked);
    }

    /// How concentrated what was shown is; zeros if nothing was.
    pub fn concentration(&self) -> Concentration {
        let total: f64 = self.topics.iter().sum();
        if total <= 0.0 {
            return Concentration::default();
        }
        let shares = || self.topics.iter().map(|weight| weight / total).filter(|share| *share > 0.0);
        let seen = self.films.iter().filter(|times| **times > 0).count();
        Concentration {
            entropy: -shares().map(|share| share * libm::log2(share)).sum::<f64>(),
            hhi: shares().map(|share| share * share).sum(),
            coverage: seen as f64 / self.films.len() as f64,
            clicks: f64::from(self.clicks) / f64::from(self.shown),
        }
    }
}
