//! Enters: a CSV file with a header line.
//! Leaves: its rows one at a time, fields looked up by column name and parsed.
//! Never: holds more than one row, trusts the order of columns, or fails without file, line and field.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use csv::{ErrorKind as CsvError, Reader, StringRecord};

use super::error::{Error, ErrorKind, Result};

/// A CSV file that is read row by row.
pub(super) struct Table {
    name: String,
    reader: Reader<File>,
    row: StringRecord,
}

/// A column's place and its name in this file's header.
pub(super) struct Column {
    index: usize,
    name: &'static str,
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| Error::io(path, &cause))?;
        Ok(Self {
            name: path.display().to_string(),
            reader: Reader::from_reader(file),
            row: StringRecord::new(),
        })
    }

    /// Finds a column under the first of several names that the header has.
    pub(super) fn column(&mut self, names: &[&'static str]) -> Result<Column> {
        let place = format!("{} line 1", self.name);
        let header = match self.reader.headers() {
            Ok(header) => header,
            Err(cause) => return Err(translate(&self.name, &cause)),
        };
        names
            .iter()
            .find_map(|&name| {
                let index = header.iter().position(|field| field.trim() == name)?;
                Some(Column { index, name })
            })
            .ok_or_else(|| {
                let reason = format!("there is no column {}", names.join(" or "));
                Error::new(ErrorKind::MissingColumn, place, reason)
            })
    }

    /// Moves to the next row; `false` at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool> {
        self.reader.read_record(&mut self.row).map_err(|cause| translate(&self.name, &cause))
    }

    /// The text of a field of the current row.
    pub(super) fn text(&self, column: &Column) -> &str {
        self.row.get(column.index).unwrap_or_default()
    }

    /// An id: decimal digits without sign or leading zeros.
    pub(super) fn id(&self, column: &Column) -> Result<u64> {
        let text = self.text(column);
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        text.parse().ok().filter(|_| plain).ok_or_else(|| self.refuse(column, "an unsigned decimal id"))
    }

    /// A value of any type that parses from text.
    pub(super) fn value<T: FromStr>(&self, column: &Column, wanted: &str) -> Result<T> {
        self.text(column).parse().map_err(|_| self.refuse(column, wanted))
    }

    /// The error for a field that does not hold what it should.
    pub(super) fn refuse(&self, column: &Column, wanted: &str) -> Error {
        let place = format!("{} field {}", self.place(), column.name);
        let reason = format!("{:?} is not {wanted}", self.text(column));
        Error::new(ErrorKind::BadValue, place, reason)
    }

    /// File and line of the current row.
    pub(super) fn place(&self) -> String {
        let line = self.row.position().map_or(0, csv::Position::line);
        format!("{} line {line}", self.name)
    }
}

fn translate(name: &str, cause: &csv::Error) -> Error {
    let kind = match cause.kind() {
        CsvError::Io(_) => ErrorKind::Io,
        _ => ErrorKind::Malformed,
    };
    match cause.position() {
        Some(position) => Error::new(kind, format!("{name} line {}", position.line()), cause),
        None => Error::new(kind, name, cause),
    }
}
