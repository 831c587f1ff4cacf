//! In: user and item ids. Out: which users train, tune and test, which items count as new, and the folds of
//! train users. Membership depends on the id alone: it is fixed before any rating is read.

use crate::data::hash::{fnv, mix};
use std::fmt;
use std::str::FromStr;

/// Number of folds that train users are dealt into for fold-out statistics.
pub const FOLDS: u64 = 10;

/// The part of the data that a user belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Split {
    /// 70 of 100: the only users whose ratings may enter statistics or gradients.
    Train,
    /// 10 of 100: tuning and early stopping.
    Validation,
    /// 20 of 100: looked at once for each release candidate.
    Test,
}

impl Split {
    /// The split of a user: `fnv("user:<id>") mod 100`, test below 20, validation below 30. An id that is
    /// text is dealt as a number with the same digits is.
    #[must_use]
    pub fn of(user: impl fmt::Display) -> Self {
        match fnv(format_args!("user:{user}")) % 100 {
            0..20 => Self::Test,
            20..30 => Self::Validation,
            _ => Self::Train,
        }
    }

    /// `train`, `val` or `test`, as in the names of prediction files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "val",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Train, Self::Validation, Self::Test]
            .into_iter()
            .find(|split| split.name() == text)
            .ok_or_else(|| format!("{text:?} is not a split; give train, val or test"))
    }
}

/// Whether an item plays the part of a new one (10 of 100): `fnv("item:<id>") mod 100 < 10`. Of a
/// cold item only the metadata may be used, never a rating by someone else.
#[must_use]
pub fn is_cold(item: u64) -> bool {
    fnv(format_args!("item:{item}")) % 100 < 10
}

/// The fold of a train user, in `0..FOLDS`. Statistics that describe a train user's rows come from
/// the other folds; leaving out that user's rating alone would let a model read the label from the
/// difference.
#[must_use]
pub fn fold(user: u64) -> u64 {
    mix(fnv(format_args!("fold:{user}"))) % FOLDS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn known_buckets() {
        // Buckets 47 and 31 of 100.
        assert_eq!(Split::of(1), Split::Train);
        assert!(!is_cold(1));
        assert_eq!(Split::of(6), Split::Test);
        assert_eq!(Split::of(12), Split::Validation);
    }

    #[test]
    fn shares_are_close_to_their_design() {
        let count = |split| (1..=10_000).filter(|&user| Split::of(user) == split).count();
        assert!((1900..2100).contains(&count(Split::Test)));
        assert!((900..1100).contains(&count(Split::Validation)));
        let cold = (1..=10_000).filter(|&item| is_cold(item)).count();
        assert!((900..1100).contains(&cold));
        for wanted in 0..FOLDS {
            let size = (1..=10_000).filter(|&user| fold(user) == wanted).count();
            assert!((880..1120).contains(&size), "fold {wanted} holds {size}");
        }
    }

    #[test]
    fn names_read_back() {
        for split in [Split::Train, Split::Validation, Split::Test] {
            assert_eq!(split.name().parse::<Split>().unwrap(), split);
        }
        assert!("validation".parse::<Split>().is_err());
    }
}
