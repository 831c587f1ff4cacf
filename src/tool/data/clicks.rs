//! In: a log's visits, and which interaction types count as a click. Out: [`ClickTask`], the rows to predict, and
//! [`ClickModel`], the interface at which any model is compared. It may look at everything of a visit but the
//! outcomes (`labels`, `seen`, `dwell` and `truth` of its candidates); outcomes are for training and for scoring.

use crate::data::logs::kinds::Kinds;
use crate::data::logs::split::SplitBy;
use crate::data::logs::visit::{LoggedCandidate, LoggedVisit};
use crate::data::logs::visits::VisitLog;
use crate::data::split::Split;
use crate::error::Result;

/// Anything that says how likely the items of a visit are clicked.
pub trait ClickModel {
    /// Its name in the table.
    fn name(&self) -> String;

    /// The probability of a click for each candidate, given that it is seen, in the order of
    /// `visit.candidates`.
    ///
    /// # Errors
    /// Whatever keeps it from answering.
    fn predict(&mut self, log: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>>;
}

/// What is predicted, and on which visits.
#[derive(Debug, Clone)]
pub struct ClickTask<'a> {
    /// The log.
    pub log: &'a VisitLog,
    /// How it is split.
    pub by: SplitBy,
    /// The interaction types that count as a click.
    pub clicks: Kinds,
}

impl ClickTask<'_> {
    /// Whether a candidate was clicked.
    #[must_use]
    pub fn clicked(&self, candidate: &LoggedCandidate) -> bool {
        candidate.labels.meets(self.clicks)
    }

    /// Calls `each` with every seen item of a split, in order of time.
    pub fn rows<'t>(
        &'t self,
        split: Split,
        mut each: impl FnMut(&LoggedVisit<'t>, &'t LoggedCandidate, bool),
    ) {
        for visit in self.log.visits_of(self.by, split) {
            for candidate in visit.candidates.iter().filter(|candidate| candidate.seen) {
                each(&visit, candidate, self.clicked(candidate));
            }
        }
    }
}
