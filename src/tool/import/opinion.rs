//! Enters: what somebody said of something, in whatever order it is read.
//! Leaves: [`Held`]: the one opinion that counts, and since when they know of it.
//! Never: depends on that order.

/// What somebody thought of something, before it is known whether anything was liked at all.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Opinion {
    Picked,
    Liked,
    Refused,
    Stars(f32),
}

/// What somebody holds of something.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// When they first met it.
    pub since: i64,
    pub opinion: Opinion,
    /// When that was said.
    said: i64,
}

impl Held {
    /// What is said first.
    pub fn new(opinion: Opinion, at: i64) -> Held {
        Held { since: at, opinion, said: at }
    }

    /// Of several stars the first count, of interactions the strongest; at the time of the first of all. In
    /// whatever order they are read: files of a folder need not be in order of time.
    pub fn add(&mut self, opinion: Opinion, at: i64) {
        self.since = self.since.min(at);
        let counts = match (self.opinion, opinion) {
            (Opinion::Stars(_), Opinion::Stars(_)) => at < self.said,
            (known, opinion) => opinion > known,
        };
        if counts {
            (self.opinion, self.said) = (opinion, at);
        }
    }
}
