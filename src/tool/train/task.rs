//! The two tasks that training lists teach and that a model's heads answer. Lists, heads and hyperparameters are
//! all by task; which evaluation protocol examines which task is the protocol's to say.

/// What a list teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Which of the list the user will pick and like: lists with sampled negatives.
    Engage,
    /// Which of the picked ones the user will like: lists of what the user rated.
    Like,
}

impl Task {
    /// Both, in the order of the model's heads.
    pub const ALL: [Self; 2] = [Self::Engage, Self::Like];

    /// The place of the head that answers it.
    #[must_use]
    pub const fn head(self) -> usize {
        match self {
            Self::Engage => 0,
            Self::Like => 1,
        }
    }
}
