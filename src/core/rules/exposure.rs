//! In: an item's events, as their strengths for and against it. Out: [`Exposure`]: how often the visitor was
//! shown the item, and how often since the last positive event. One showing may be told of by two events
//! (an impression, then a skip) and counts once.

/// What the session says of one item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Showings that led to nothing positive by themselves, in all.
    pub shown: u32,
    /// The same since the visitor last did something positive with it.
    pub unanswered: u32,
    /// Whether the visitor did something positive with it.
    pub acted: bool,
}

/// Counts an item's events, oldest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExposureCounter {
    exposure: Exposure,
    /// Whether the last event was an impression, which a rejection may still answer.
    open: bool,
}

impl ExposureCounter {
    /// Adds one event by its strengths for the item and against it; if both are 0 it is an impression.
    ///
    /// One showing counts once, however much is told of it: a rejection after an impression, as a
    /// skip is, belongs to that impression. Without one before, it is a showing itself.
    pub fn add(&mut self, positive: f32, negative: f32) {
        let rejected = negative > 0.0;
        if positive > 0.0 {
            (self.exposure.unanswered, self.exposure.acted) = (0, true);
        } else if !(rejected && self.open) {
            self.exposure.shown += 1;
            self.exposure.unanswered += 1;
        }
        self.open = positive <= 0.0 && !rejected;
    }

    /// What the events so far amount to.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }
}
