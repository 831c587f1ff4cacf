//! In: a model, a list, events. Out: the list in order for this visitor, now.
//! [`Ranker`] is the story: load → candidates → (observe → rank)*; `ranking_pass` is one ranking.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod apply_rules;
mod candidate_list;
mod explain;
mod feedback;
mod influence;
mod info;
mod neutral_scores;
mod options;
mod ranker;
mod ranking_pass;
mod report;
mod scores;
mod snapshots;

pub use explain::{Contribution, EventSummary, Explanation, Factor, RuleSummary};
pub use info::Info;
pub use options::Options;
pub use ranker::Ranker;
pub use report::{Millis, Ranking, Report, Tier, Units, Warning};

#[cfg(test)]
#[path = "../../../tests/core/rank.rs"]
mod tests;
