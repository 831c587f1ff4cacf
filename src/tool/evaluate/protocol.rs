//! In: histories, a split. Out: [`Protocol`]: the lists of two evaluation protocols, and what each of them asks.
//! The lists are published: their digests are known, so that two implementations can be held to each other.

use crate::data::hash::hex;
use crate::data::history::Histories;
use crate::data::lists::popularity::PopularityIndex;
use crate::data::lists::rated;
use crate::data::lists::sampled::{Excerpt, cut};
use crate::data::split::Split;
use crate::data::visit::Visit;
use crate::train::task::Task;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Sizes of the feedback prefix at which a ranker is asked to score.
pub const FEEDBACK_SIZES: [usize; 7] = [0, 1, 2, 3, 5, 10, 20];

/// The two questions that are asked of a ranker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// Re-ranking: order what the user went on to rate ([`rated`]).
    V1,
    /// Discovery: find later likes among items of equal popularity that the user never rated
    /// ([`crate::data::lists::sampled`]).
    V2,
}

impl Protocol {
    /// Version number, as in the names of prediction files.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    /// The task that a model is trained on for it.
    #[must_use]
    pub const fn task(self) -> Task {
        match self {
            Self::V1 => Task::Like,
            Self::V2 => Task::Engage,
        }
    }

    /// The name in the manifest of the head that answers the protocol's question.
    #[must_use]
    pub const fn head(self) -> &'static str {
        match self {
            Self::V1 => "like",
            Self::V2 => "engage",
        }
    }

    /// The lists of a split by ascending user id, at most one a user.
    #[must_use]
    pub fn visits(self, histories: &Histories, split: Split) -> Vec<Visit> {
        let users = histories.of_split(split);
        match self {
            Self::V1 => users.filter_map(|(user, history)| rated::visit(user, history, 0)).collect(),
            Self::V2 => {
                let whole = |(user, history)| Excerpt { user, history, offset: 0 };
                cut(&PopularityIndex::of_train(histories), &users.map(whole).collect::<Vec<_>>(), "")
            }
        }
    }
}

/// Fingerprint of lists: the first 16 hex digits of the SHA-256 of lines `user:item,item,…`.
#[must_use]
pub fn digest(visits: &[Visit]) -> String {
    let mut text = String::new();
    for (place, visit) in visits.iter().enumerate() {
        let newline = if place == 0 { "" } else { "\n" };
        // Formatting into a String cannot fail.
        let _ = write!(text, "{newline}{}:", visit.user);
        for (place, candidate) in visit.candidates.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(text, "{comma}{}", candidate.item);
        }
    }
    let mut full = hex(&Sha256::digest(text.as_bytes()));
    full.truncate(16);
    full
}

#[cfg(test)]
#[path = "../../../tests/tool/evaluate/protocol.rs"]
mod tests;
