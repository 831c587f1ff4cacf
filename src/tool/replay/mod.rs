//! Enters: a MovieLens-shaped folder, and scores that a method gives to replayed candidates.
//! Leaves: the lists of two evaluation protocols, per-user metrics, intervals and paired differences.
//! Never: runs in a browser, trains, or lets a test user's rating into a statistic.
//!
//! Folder to lists: [`movielens`] reads rows, [`history`] sorts them, [`split`] deals users and items,
//! [`v1`] and [`v2`] cut [`Visit`]s. Lists to numbers: [`predictions`] holds a method's scores,
//! [`score`] turns them into per-user metrics, [`bootstrap`] into intervals. [`stats`] is the part of
//! the training data that rankers may see, [`checks()`] compares all of it with published values.

pub mod bootstrap;
pub mod calibrate;
pub mod checks;
pub mod error;
pub mod hash;
pub mod history;
pub mod movielens;
pub mod predictions;
pub mod provenance;
pub mod published;
pub mod score;
pub mod split;
pub mod stats;
mod table;
pub mod title;
pub mod v1;
pub mod v2;
pub mod world;

use std::fmt::Write;

use sha2::{Digest, Sha256};

pub use checks::checks;
pub use error::{Error, ErrorKind, Result};
pub use history::{Event, Histories};
pub use split::Split;

/// Sizes of the feedback prefix at which a ranker is asked to score.
pub const FEEDBACK_SIZES: [usize; 7] = [0, 1, 2, 3, 5, 10, 20];

/// Ratings at the start of a history from which feedback is taken.
pub const POOL: usize = 20;

/// Most candidates in a list; version 2 lists have exactly as many.
pub const LIST: usize = 100;

/// Ratings a history needs for a list to be cut from it.
pub const MIN_RATINGS: usize = 30;

/// A replayed list: what a user rated first, and what is to be ranked for that user.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Whose history it is.
    pub user: u64,
    /// When the list is shown: the time of the last pool entry, in seconds since 1970-01-01 UTC.
    pub time: i64,
    /// The first [`POOL`] ratings (item, stars) in order; feedback of size k is the first k of them.
    pub pool: Vec<(u64, f32)>,
    /// What is ranked, by ascending item id. The same for every feedback size.
    pub candidates: Vec<Candidate>,
}

/// One entry of a replayed list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The item to score.
    pub item: u64,
    /// What the user gave it later, in stars; `None` for a sampled item that the user never rated.
    pub rating: Option<f32>,
}

impl Visit {
    /// The first `size` pool entries: what the ranker is told about the user.
    #[must_use]
    pub fn feedback(&self, size: usize) -> &[(u64, f32)] {
        self.pool.get(..size).unwrap_or(&self.pool)
    }
}

impl Candidate {
    /// Whether the user went on to rate it 4 stars or more.
    #[must_use]
    pub fn relevant(&self) -> bool {
        self.rating.is_some_and(|stars| Opinion::of(stars) == Opinion::Like)
    }

    /// Gain of version 1, `2^grade - 1`: 0 below 3 stars, 1 below 4, 3 below 5, 7 for 5 stars.
    #[must_use]
    pub fn graded_gain(&self) -> f64 {
        match self.rating {
            Some(stars) if stars >= 5.0 => 7.0,
            Some(stars) if stars >= 4.0 => 3.0,
            Some(stars) if stars >= 3.0 => 1.0,
            _ => 0.0,
        }
    }
}

/// How a rating is read as feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opinion {
    /// 4 stars or more.
    Like,
    /// In between.
    Neutral,
    /// 2.5 stars or fewer.
    Dislike,
}

impl Opinion {
    /// The opinion behind a number of stars.
    #[must_use]
    pub fn of(stars: f32) -> Self {
        if stars >= 4.0 {
            Self::Like
        } else if stars <= 2.5 {
            Self::Dislike
        } else {
            Self::Neutral
        }
    }
}

/// The two questions that are asked of a ranker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// Re-ranking: order what the user went on to rate ([`v1`]).
    V1,
    /// Discovery: find later likes among items of equal popularity that the user never rated ([`v2`]).
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

    /// The lists of a split by ascending user id.
    #[must_use]
    pub fn visits(self, histories: &Histories, split: Split) -> Vec<Visit> {
        match self {
            Self::V1 => v1::visits(histories, split),
            Self::V2 => v2::visits(histories, split),
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_at_every_half_star() {
        let label = |stars| {
            let candidate = Candidate { item: 1, rating: Some(stars) };
            (candidate.graded_gain(), candidate.relevant())
        };
        let expected = [
            (0.5, 0.0, false),
            (2.5, 0.0, false),
            (3.0, 1.0, false),
            (3.5, 1.0, false),
            (4.0, 3.0, true),
            (4.5, 3.0, true),
            (5.0, 7.0, true),
        ];
        for (stars, gain, relevant) in expected {
            assert_eq!(label(stars), (gain, relevant), "{stars} stars");
        }
        let sampled = Candidate { item: 1, rating: None };
        assert_eq!((sampled.graded_gain(), sampled.relevant()), (0.0, false));
    }

    #[test]
    fn opinions_at_their_borders() {
        assert_eq!(Opinion::of(4.0), Opinion::Like);
        assert_eq!(Opinion::of(3.5), Opinion::Neutral);
        assert_eq!(Opinion::of(3.0), Opinion::Neutral);
        assert_eq!(Opinion::of(2.5), Opinion::Dislike);
    }

    #[test]
    fn the_digest_is_that_of_the_documented_text() {
        let candidate = |item| Candidate { item, rating: None };
        let visit = |user, items: &[u64]| Visit {
            user,
            time: 0,
            pool: Vec::new(),
            candidates: items.iter().copied().map(candidate).collect(),
        };
        let whole = hex(&Sha256::digest(b"7:1,2\n9:3"));
        assert_eq!(whole.get(..16), Some(digest(&[visit(7, &[1, 2]), visit(9, &[3])]).as_str()));
    }
}
