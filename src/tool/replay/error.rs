//! Enters: failures of reading, parsing and checking evaluation data.
//! Leaves: one error type with a kind, the place where it happened and a sentence.
//! Never: hides the file, line or field that a person would have to open.

use std::fmt;
use std::path::Path;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file or folder could not be opened, read or written.
    Io,
    /// The text is not CSV or JSON, or a row has another number of fields than the header.
    Malformed,
    /// A column that is needed does not appear in the header.
    MissingColumn,
    /// A field does not hold a value of its type or range.
    BadValue,
    /// The same user rated the same item twice.
    Duplicate,
    /// A predictions file does not answer the protocol's lists.
    Mismatch,
}

/// A failure, and where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    place: String,
    reason: String,
}

/// Result of reading or scoring evaluation data.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(super) fn new(kind: ErrorKind, place: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self { kind, place: place.to_string(), reason: reason.to_string() }
    }

    pub(crate) fn io(path: &Path, cause: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io, path.display(), cause)
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where: the file and, as far as they are known, the line (from 1) and the field.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Error {}
