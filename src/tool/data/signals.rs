//! In: what a user's interactions say of an item, in whatever order they are read. Out: [`StrongestSignal`]: the
//! one that counts, and since when the user knows the item. The result does not depend on the order of reading.

/// What an interaction says, from weak to strong; stars count before all others.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Signal {
    Picked,
    Liked,
    Refused,
    Stars(f32),
}

/// The signal of a user for an item that counts.
#[derive(Debug, Clone, Copy)]
pub struct StrongestSignal {
    /// The first interaction, in milliseconds since 1970-01-01 UTC.
    pub since: i64,
    pub signal: Signal,
    /// When the signal was given.
    said: i64,
}

impl StrongestSignal {
    /// Of a first interaction.
    pub fn new(signal: Signal, at: i64) -> StrongestSignal {
        StrongestSignal { since: at, signal, said: at }
    }

    /// Of several stars the first count, of interactions the strongest; at the time of the first of all. In
    /// whatever order they are read: files of a folder need not be in order of time.
    pub fn add(&mut self, signal: Signal, at: i64) {
        self.since = self.since.min(at);
        let counts = match (self.signal, signal) {
            (Signal::Stars(_), Signal::Stars(_)) => at < self.said,
            (known, signal) => signal > known,
        };
        if counts {
            (self.signal, self.said) = (signal, at);
        }
    }
}
