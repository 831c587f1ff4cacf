//! In: a visitor's id and the time of a visit. Out: whether it trains, tunes or tests. The rule is given before the
//! log is read, so that it cannot depend on what happened.

use crate::data::logs::time;
use crate::data::split::Split;
use std::fmt;
use std::str::FromStr;

/// The rule by which visits are split, as it is written on a command line and in a model card:
/// `user`, `TIME`, or `TIME,TIME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SplitBy {
    /// By a hash of the user's id, as [`Split::of`]: 70 of 100 train, 10 validate, 20 test. Tells how
    /// the model does on visitors that it has never met.
    #[default]
    User,
    /// By time: from `test` on (milliseconds) a visit tests. Before it, visits from `validation` on
    /// validate; without that time, those of the users whom the hash gives to validation. Tells how
    /// the model does tomorrow.
    Time {
        /// First moment of validation, if it has its own time.
        validation: Option<i64>,
        /// First moment of the test.
        test: i64,
    },
}

impl SplitBy {
    /// The split of a visit at a time in milliseconds.
    #[must_use]
    pub fn of(self, user: &str, at: i64) -> Split {
        match self {
            Self::User => Split::of(user),
            Self::Time { test, .. } if at >= test => Split::Test,
            Self::Time { validation: Some(from), .. } => {
                if at >= from {
                    Split::Validation
                } else {
                    Split::Train
                }
            }
            Self::Time { validation: None, .. } => match Split::of(user) {
                Split::Validation => Split::Validation,
                Split::Train | Split::Test => Split::Train,
            },
        }
    }
}

impl FromStr for SplitBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "user" {
            return Ok(Self::User);
        }
        let moment = |text: &str| {
            time::from_text(text).ok_or_else(|| {
                format!("{text:?} is no time; give `user`, a time such as 2024-05-01T00:00:00Z, or two: VALIDATION,TEST")
            })
        };
        match text.split_once(',') {
            None => Ok(Self::Time { validation: None, test: moment(text)? }),
            Some((validation, test)) => {
                let (validation, test) = (moment(validation)?, moment(test)?);
                if validation >= test {
                    return Err(format!("{text}: validation must begin before the test"));
                }
                Ok(Self::Time { validation: Some(validation), test })
            }
        }
    }
}

impl fmt::Display for SplitBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Time { validation: None, test } => write!(f, "{}", time::readable(*test)),
            Self::Time { validation: Some(from), test } => {
                write!(f, "{},{}", time::readable(*from), time::readable(*test))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn string_ids_are_dealt_as_numeric_ones() {
        for user in 0..10_000_u64 {
            assert_eq!(Split::of(user.to_string()), Split::of(user), "{user}");
        }
    }

    #[test]
    fn a_time_splits_every_user_and_keeps_validation_by_hash() {
        let by: SplitBy = "2024-05-01T00:00:00Z".parse().unwrap();
        let SplitBy::Time { test, .. } = by else { panic!("{by}") };
        for user in ["1", "6", "12"] {
            assert_eq!(by.of(user, test), Split::Test);
        }
        assert_eq!(
            ["1", "6", "12"].map(|user| by.of(user, test - 1)),
            [Split::Train, Split::Train, Split::Validation]
        );
    }

    #[test]
    fn two_times_split_by_time_alone() {
        let by: SplitBy = "2024-05-01,2024-06-01".parse().unwrap();
        let SplitBy::Time { validation: Some(from), test } = by else { panic!("{by}") };
        let splits = [from - 1, from, test - 1, test].map(|at| by.of("12", at));
        assert_eq!(splits, [Split::Train, Split::Validation, Split::Validation, Split::Test]);
    }

    #[test]
    fn rules_read_back_and_nonsense_is_refused() {
        for text in ["user", "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z,2024-06-01T12:30:00Z"] {
            let by: SplitBy = text.parse().unwrap();
            assert_eq!(by.to_string(), text);
        }
        for text in ["", "users", "2024-06-01,2024-05-01", "2024-05-01,2024-05-01", "2024-05-01,", "5,x"] {
            assert!(text.parse::<SplitBy>().is_err(), "{text}");
        }
    }
}
