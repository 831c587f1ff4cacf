//! In: what is wrong with a line of a log, as it is found. Out: faults with file, line and field; a count by kind
//! with the first example; or, when strict, a stop. No line is dropped without being counted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The compressed file ends early or is damaged; what was read of it before stays.
    Damaged,
    /// The line is longer than `limits::LOG_LINE_BYTES`.
    LineTooLong,
    /// The line is not JSON, not UTF-8, or not an object.
    NotJson,
    /// `event` is none of the four.
    UnknownEvent,
    /// A field that the event needs is absent.
    Missing,
    /// A field holds another type than it should.
    WrongType,
    /// An id, a name or a list is empty.
    Empty,
    /// A number, text or list is outside its bounds.
    OutOfBounds,
    /// A timestamp that is neither seconds, milliseconds nor ISO 8601.
    BadTime,
    /// The same thing was said before.
    Duplicate,
    /// An interaction refers to a ranking that the log does not hold; it counts as history only.
    UnknownRanking,
    /// An interaction's item is not in its ranking; it counts as history only.
    UnknownCandidate,
    /// An interaction is earlier than its ranking; it is taken to have happened at the same time.
    EarlierThanRanking,
    /// An interaction with neither user, session nor ranking.
    Nobody,
}

impl FaultKind {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "log/damaged",
            Self::LineTooLong => "log/line-too-long",
            Self::NotJson => "log/not-json",
            Self::UnknownEvent => "log/unknown-event",
            Self::Missing => "log/missing",
            Self::WrongType => "log/wrong-type",
            Self::Empty => "log/empty",
            Self::OutOfBounds => "log/out-of-bounds",
            Self::BadTime => "log/bad-time",
            Self::Duplicate => "log/duplicate",
            Self::UnknownRanking => "log/unknown-ranking",
            Self::UnknownCandidate => "log/unknown-candidate",
            Self::EarlierThanRanking => "log/earlier-than-ranking",
            Self::Nobody => "log/nobody",
        }
    }
}

/// Something wrong, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// The field, such as `items[3].id`; empty where the whole line is meant.
    pub field: String,
    /// A sentence's end: "is missing".
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, " line {}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, " field {}", self.field)?;
        }
        write!(f, ": {} ({})", self.what, self.kind.code())
    }
}

/// Why reading stopped.
#[derive(Debug)]
pub enum LogError {
    /// A file could not be opened, read or written.
    Io(String, std::io::Error),
    /// The first fault of a strict reading.
    Fault(Box<Fault>),
    /// There is more than the tool holds, or nothing to work on; the text says what to do.
    Unfit(String),
}

/// Result of reading or writing a log.
pub type Result<T> = std::result::Result<T, LogError>;

impl LogError {
    pub fn io(path: &Path, cause: std::io::Error) -> Self {
        Self::Io(path.display().to_string(), cause)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(place, cause) => write!(f, "{place}: {cause}"),
            Self::Fault(fault) => write!(f, "{fault}; without --strict it is counted and passed over"),
            Self::Unfit(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for LogError {}

/// Faults of one kind in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Fault,
}

/// Counts faults, or stops at the first.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    strict: bool,
    tallies: BTreeMap<(FaultKind, String), Tally>,
}

impl Faults {
    /// Stops at the first fault if `strict`, else counts.
    #[must_use]
    pub fn new(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// Takes note of a fault.
    ///
    /// # Errors
    /// The fault itself, when strict.
    pub fn report(&mut self, fault: Fault) -> Result<()> {
        if self.strict {
            return Err(LogError::Fault(Box::new(fault)));
        }
        let group = (fault.kind, without_indices(&fault.field));
        self.tallies.entry(group).or_insert_with(|| Tally { count: 0, first: fault }).count += 1;
        Ok(())
    }

    /// How many in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.tallies.values().map(|tally| tally.count).sum()
    }

    /// By kind and field, indices of lists taken out: `items[].id`.
    pub fn tallies(&self) -> impl Iterator<Item = (FaultKind, &str, &Tally)> {
        self.tallies.iter().map(|((kind, field), tally)| (*kind, field.as_str(), tally))
    }
}

impl fmt::Display for Faults {
    /// One line a kind, the most frequent first; nothing without faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.tallies().collect();
        rows.sort_by_key(|(_, _, tally)| std::cmp::Reverse(tally.count));
        for (place, (kind, field, tally)) in rows.into_iter().enumerate() {
            let newline = if place == 0 { "" } else { "\n" };
            let field = if field.is_empty() { "line" } else { field };
            write!(f, "{newline}{:>8} × {} {field}; the first: {}", tally.count, kind.code(), tally.first)?;
        }
        Ok(())
    }
}

/// `items[3].fields[0].value` as `items[].fields[].value`.
fn without_indices(field: &str) -> String {
    let mut inside = false;
    field
        .chars()
        .filter(|&c| {
            if c == ']' {
                inside = false;
            }
            let keep = !inside;
            if c == '[' {
                inside = true;
            }
            keep
        })
        .collect()
}
