//! In: a log's train visits, or the probabilities that a simulation clicked by. Out: the two ends that other click
//! models lie between: the base rate, which tells nothing apart, and the oracle, which nobody can beat.

use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::logs::visit::LoggedVisit;
use crate::data::logs::visits::VisitLog;
use crate::data::split::Split;
use crate::error::Result;

/// Says the same of everything: the share of clicks among what train visitors saw.
pub struct BaseRate(f64);

impl BaseRate {
    /// The share of clicks, with one click and one miss more.
    #[must_use]
    pub fn learn(task: &ClickTask<'_>) -> Self {
        let (mut seen, mut clicks) = (0.0, 0.0);
        task.rows(Split::Train, |_, _, clicked| {
            seen += 1.0;
            clicks += f64::from(u8::from(clicked));
        });
        // One click and one skip more, so that no log makes it certain.
        Self((clicks + 1.0) / (seen + 2.0))
    }
}

impl ClickModel for BaseRate {
    fn name(&self) -> String {
        "base rate".into()
    }

    fn predict(&mut self, _: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>> {
        Ok(vec![self.0; visit.candidates.len()])
    }
}

/// The probabilities that a simulation clicked by: the best that anyone could say.
pub struct Oracle;

impl ClickModel for Oracle {
    fn name(&self) -> String {
        "oracle".into()
    }

    fn predict(&mut self, _: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>> {
        Ok(visit.candidates.iter().map(|candidate| f64::from(candidate.truth)).collect())
    }
}
