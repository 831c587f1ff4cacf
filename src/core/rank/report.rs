//! What a caller is told of a ranking: the order, scores, and a report on how it went.
//! Plain data; [`Report`] crosses to JavaScript as it is.

use crate::error::Error;
use crate::refill::Refill;
use crate::rules::{Removal, RuleReport};
use ndarray::Array2;
use serde::Serialize;

/// How much of the work a ranking did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The model scored every candidate.
    Full,
    /// The model scored the best of the prior; the rest keep their prior order below them.
    Partial,
    /// The server's scores alone decided.
    Prior,
}

/// Milliseconds by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Millis {
    /// Features and prior.
    pub prepare: f64,
    /// The model.
    pub score: f64,
    /// Heads to one score, and sorting.
    pub order: f64,
    /// Applying the rules.
    pub rules: f64,
    /// All of it.
    pub total: f64,
}

/// Work units of a ranking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Units {
    /// The limit; `None` if there was none.
    pub granted: Option<u64>,
    /// What the model took: never more than was granted.
    pub spent: u64,
}

/// Something that was worked around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable code.
    pub code: &'static str,
    /// What it concerns.
    pub path: String,
    /// A sentence for people.
    pub message: String,
}

impl From<&Error> for Warning {
    fn from(error: &Error) -> Warning {
        Warning { code: error.code(), path: error.place().into(), message: error.to_string() }
    }
}

/// An answer of [`crate::Ranker::rank`].
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Input positions, best first: a permutation, less what rules took out.
    pub order: Vec<u32>,
    /// Combined score by input position; NaN where the model gave none.
    pub scores: Vec<f32>,
    /// The model's heads `[n,H]` by input position; NaN where it did not run.
    pub heads: Array2<f32>,
    /// By slot: the probability with which exploration had to put its item there, given the slots above.
    /// Slots beyond the end have 1.
    pub propensities: Vec<f32>,
    /// What the caller reads about it.
    pub report: Report,
}

/// How a ranking went.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How much of the work was done.
    pub tier: Tier,
    /// Why not all of it: `budget`, or an error's code.
    pub reason: Option<&'static str>,
    /// Candidates with a score of the model.
    pub scored: usize,
    /// Candidates in all.
    pub total: usize,
    /// Time by stage.
    pub ms: Millis,
    /// Work of the model.
    pub units: Units,
    /// What to ask the server for, if the list is used up or misses the visitor's interests.
    #[serde(rename = "more")]
    pub refill: Option<Refill>,
    /// What each rule did, as declared.
    pub rules: Vec<RuleReport>,
    /// What rules took out.
    pub removed: Vec<Removal>,
    /// What was worked around.
    pub warnings: Vec<Warning>,
}
