//! In: failures of reading rating files and of checking predictions. Out: one error type with the location where it
//! happened and a sentence, so that a person knows which file, line and field to open.

use std::fmt;
use std::path::Path;

/// A failure, and where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    location: String,
    reason: String,
}

/// Result of reading or scoring evaluation data.
pub type Result<T> = std::result::Result<T, DataError>;

impl DataError {
    pub fn new(location: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self { location: location.to_string(), reason: reason.to_string() }
    }

    pub fn io(path: &Path, cause: &std::io::Error) -> Self {
        Self::new(path.display(), cause)
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.reason)
    }
}

impl std::error::Error for DataError {}
