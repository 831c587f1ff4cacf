//! In: a CSV file with a header line. Out: its rows one at a time, fields looked up by column name and parsed.
//! Every failure carries file, line and field.

use crate::data::error::{DataError, Result};
use crate::data::movielens::ids::plain_id;
use csv::{Reader, StringRecord};
use std::fs::File;
use std::path::Path;
use std::str::FromStr;

/// A CSV file that is read row by row.
pub(super) struct CsvTable {
    name: String,
    reader: Reader<File>,
    row: StringRecord,
}

/// A column's place and its name in this file's header.
pub(super) struct CsvColumn {
    index: usize,
    name: &'static str,
}

impl CsvTable {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| DataError::io(path, &cause))?;
        Ok(Self {
            name: path.display().to_string(),
            reader: Reader::from_reader(file),
            row: StringRecord::new(),
        })
    }

    /// Finds a column under the first of several names that the header has.
    pub(super) fn column(&mut self, names: &[&'static str]) -> Result<CsvColumn> {
        let location = format!("{} line 1", self.name);
        let header = match self.reader.headers() {
            Ok(header) => header,
            Err(cause) => return Err(translate(&self.name, &cause)),
        };
        names
            .iter()
            .find_map(|&name| {
                let index = header.iter().position(|field| field.trim() == name)?;
                Some(CsvColumn { index, name })
            })
            .ok_or_else(|| {
                let reason = format!("there is no column {}", names.join(" or "));
                DataError::new(location, reason)
            })
    }

    /// Moves to the next row; `false` at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool> {
        self.reader.read_record(&mut self.row).map_err(|cause| translate(&self.name, &cause))
    }

    /// The text of a field of the current row.
    pub(super) fn text(&self, column: &CsvColumn) -> &str {
        self.row.get(column.index).unwrap_or_default()
    }

    /// An id: decimal digits without sign or leading zeros.
    pub(super) fn id(&self, column: &CsvColumn) -> Result<u64> {
        let text = self.text(column);
        plain_id(text).ok_or_else(|| self.refuse(column, "an unsigned decimal id"))
    }

    /// A value of any type that parses from text.
    pub(super) fn value<T: FromStr>(&self, column: &CsvColumn, wanted: &str) -> Result<T> {
        self.text(column).parse().map_err(|_| self.refuse(column, wanted))
    }

    /// The error for a field that does not hold what it should.
    pub(super) fn refuse(&self, column: &CsvColumn, wanted: &str) -> DataError {
        let location = format!("{} field {}", self.location(), column.name);
        let reason = format!("{:?} is not {wanted}", self.text(column));
        DataError::new(location, reason)
    }

    /// File and line of the current row.
    pub(super) fn location(&self) -> String {
        let line = self.row.position().map_or(0, csv::Position::line);
        format!("{} line {line}", self.name)
    }
}

fn translate(name: &str, cause: &csv::Error) -> DataError {
    match cause.position() {
        Some(position) => DataError::new(format!("{name} line {}", position.line()), cause),
        None => DataError::new(name, cause),
    }
}
