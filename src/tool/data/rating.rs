//! In: stars. Out: [`Rating`], and what a number of stars says: like, neutral or dislike.
//! Training, evaluation and the import of ratings must draw the same borders, so they are drawn here.

/// One rating of an item by a user.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// Who rated.
    pub user: u64,
    /// What was rated.
    pub item: u64,
    /// Stars: 0.5 to 5 in steps of 0.5 in MovieLens; any finite number is read.
    pub rating: f32,
    /// Seconds since 1970-01-01 UTC.
    pub timestamp: i64,
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

/// The event type that a rating is replayed as.
pub fn event_type(stars: f32) -> &'static str {
    match Opinion::of(stars) {
        Opinion::Like => "like",
        Opinion::Neutral => "neutral",
        Opinion::Dislike => "low_rating",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opinions_at_their_borders() {
        assert_eq!(Opinion::of(4.0), Opinion::Like);
        assert_eq!(Opinion::of(3.5), Opinion::Neutral);
        assert_eq!(Opinion::of(3.0), Opinion::Neutral);
        assert_eq!(Opinion::of(2.5), Opinion::Dislike);
    }
}
