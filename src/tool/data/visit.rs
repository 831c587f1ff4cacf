//! In: part of a user's history. Out: [`Visit`]: a list to rank, and the ratings that the ranker may know.
//! Training lists and evaluation lists have this one shape, so that a model meets what it was trained on.

use crate::data::rating::Opinion;

/// Ratings at the start of a history from which feedback is taken.
pub const POOL: usize = 20;

/// Most candidates in a list; lists with sampled negatives have exactly as many.
pub const LIST: usize = 100;

/// Ratings a history needs for a list to be cut from it.
pub const MIN_RATINGS: usize = 30;

/// A replayed list: what a user rated first, and what is to be ranked for that user.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Whose history it is.
    pub user: u64,
    /// The first [`POOL`] ratings (item, stars) in order; feedback of size k is the first k of them.
    pub pool: Vec<(u64, f32)>,
    /// What is ranked, by ascending item id. The same for every feedback size.
    pub candidates: Vec<ListItem>,
}

/// One entry of a replayed list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListItem {
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

impl ListItem {
    /// Whether the user went on to rate it 4 stars or more.
    #[must_use]
    pub fn relevant(&self) -> bool {
        self.rating.is_some_and(|stars| Opinion::of(stars) == Opinion::Like)
    }

    /// Graded gain, `2^grade - 1`: 0 below 3 stars, 1 below 4, 3 below 5, 7 for 5 stars.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_at_every_half_star() {
        let label = |stars| {
            let candidate = ListItem { item: 1, rating: Some(stars) };
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
        let sampled = ListItem { item: 1, rating: None };
        assert_eq!((sampled.graded_gain(), sampled.relevant()), (0.0, false));
    }
}
