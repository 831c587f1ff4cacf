//! In: a CSV file with a header line. Out: its rows one at a time, by column name; rows that are malformed are
//! reported with their place and passed over.

use crate::data::logs::fault::{Fault, FaultKind, Faults, LogError, Result};
use crate::data::movielens::ids::plain_id;
use csv::{ErrorKind, Reader, StringRecord};
use ranklet::limits;
use std::fs::File;
use std::path::Path;
use std::str::FromStr;

/// A CSV file, read row by row.
pub(super) struct CsvRows {
    file: String,
    reader: Reader<File>,
    row: StringRecord,
    /// Of each column that is read: its name, and its place in this file.
    columns: Vec<(&'static str, usize)>,
}

impl CsvRows {
    /// Opens a file and finds its columns, in any order. A column may go by several names.
    pub(super) fn open(path: &Path, names: &[&[&'static str]]) -> Result<Self> {
        let file = File::open(path).map_err(|cause| LogError::io(path, cause))?;
        let mut reader = Reader::from_reader(file);
        let name = path.display().to_string();
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(cause) => return Err(LogError::Unfit(format!("{name} line 1: {cause}"))),
        };
        let mut columns = Vec::new();
        for &aliases in names {
            let wanted = aliases.first().copied().unwrap_or_default();
            let place = header.iter().position(|found| aliases.contains(&found.trim()));
            let place = place.ok_or_else(|| {
                let all: Vec<&str> = names.iter().filter_map(|aliases| aliases.first().copied()).collect();
                LogError::Unfit(format!(
                    "{name} line 1: there is no column {wanted}; MovieLens has {}",
                    all.join(", ")
                ))
            })?;
            columns.push((wanted, place));
        }
        Ok(Self { file: name, reader, row: StringRecord::new(), columns })
    }

    /// Moves to the next row that has as many fields as the header; `false` at the end.
    pub(super) fn advance(&mut self, faults: &mut Faults) -> Result<bool> {
        loop {
            let cause = match self.reader.read_record(&mut self.row) {
                Ok(more) => return Ok(more),
                Err(cause) => cause,
            };
            if let ErrorKind::Io(_) = cause.kind() {
                return Err(LogError::Unfit(format!("{}: {cause}", self.file)));
            }
            let line = cause.position().map_or(0, csv::Position::line);
            let what = match cause.kind() {
                ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("has {len} fields, the header has {expected_len}")
                }
                _ => "is not UTF-8".to_owned(),
            };
            faults.report(Fault {
                kind: FaultKind::WrongType,
                file: self.file.clone(),
                line,
                field: String::new(),
                what,
            })?;
        }
    }

    /// Bytes of the file read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The text of a column of the current row.
    pub(super) fn text(&self, column: usize) -> &str {
        let place = self.columns.get(column).map_or(usize::MAX, |&(_, place)| place);
        self.row.get(place).unwrap_or_default()
    }

    /// An id: decimal digits without sign or leading zeros, as MovieLens has them.
    pub(super) fn id(&self, column: usize) -> std::result::Result<u64, Fault> {
        let text = self.text(column);
        plain_id(text).ok_or_else(|| self.fault(column, format!("{text:?} is not an unsigned decimal id")))
    }

    /// A value of any type that parses from text.
    pub(super) fn value<T: FromStr>(&self, column: usize, wanted: &str) -> std::result::Result<T, Fault> {
        let text = self.text(column);
        text.trim().parse().map_err(|_| self.fault(column, format!("{text:?} is not {wanted}")))
    }

    /// A column of the current row that does not hold what it should.
    pub(super) fn fault(&self, column: usize, what: String) -> Fault {
        self.fault_of(FaultKind::WrongType, column, what)
    }

    /// A column of the current row that says what another row said before.
    pub(super) fn duplicate(&self, column: usize, what: String) -> Fault {
        self.fault_of(FaultKind::Duplicate, column, what)
    }

    fn fault_of(&self, kind: FaultKind, column: usize, what: String) -> Fault {
        let line = self.row.position().map_or(0, csv::Position::line);
        let field = self.columns.get(column).map_or("", |&(name, _)| name).to_owned();
        let what = what.chars().take(limits::NAME_BYTES).collect();
        Fault { kind, file: self.file.clone(), line, field, what }
    }
}
