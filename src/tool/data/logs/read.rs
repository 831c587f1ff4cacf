//! In: a log file, or a folder of them. Out: its records in file order, each with its location; malformed lines are
//! reported on the way. One record is held at a time.

use crate::data::logs::fault::{Fault, FaultKind, Faults, LogError, Result};
use crate::data::logs::lines::{Line, Lines};
use crate::data::logs::parse;
use crate::data::logs::record::Record;
use ranklet::limits;
use std::io;
use std::path::{Path, PathBuf};

/// Endings of the files that are read of a folder.
const ENDINGS: [&str; 6] = [".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz"];

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The line that it stands on.
    pub location: Location,
    /// The record.
    pub record: Record,
}

/// A line of a log: cheap to keep, spelled out by [`LogReader::fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Location {
    /// The file, by its number among those read.
    pub file: u32,
    /// The line, from 1.
    pub line: u32,
}

/// Reads records one at a time.
pub struct LogReader {
    files: Vec<PathBuf>,
    names: Vec<String>,
    total: u64,
    done: u64,
    at: usize,
    current: Option<Lines>,
}

impl LogReader {
    /// Opens a file, or all logs of a folder in the order of their names.
    ///
    /// # Errors
    /// There is nothing at that path, or no log in that folder.
    pub fn open(path: &Path) -> Result<Self> {
        let files = files(path)?;
        let mut total = 0;
        for file in &files {
            total += std::fs::metadata(file).map_err(|cause| LogError::io(file, cause))?.len();
        }
        let names = files.iter().map(|file| file.display().to_string()).collect();
        Ok(Self { files, names, total, done: 0, at: 0, current: None })
    }

    /// Bytes of all files, compressed where they are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.total
    }

    /// How many of them were read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.done + self.current.as_ref().map_or(0, Lines::bytes_read)
    }

    /// A fault at a location.
    #[must_use]
    pub fn fault(&self, location: Location, kind: FaultKind, field: &str, what: String) -> Fault {
        let file = self.names.get(location.file as usize).cloned().unwrap_or_default();
        Fault { kind, file, line: u64::from(location.line), field: field.to_owned(), what }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A file cannot be read, or `faults` is strict and something is malformed.
    pub fn read(&mut self, faults: &mut Faults) -> Result<Option<Entry>> {
        loop {
            let Some(mut lines) = self.current.take() else {
                let Some(path) = self.files.get(self.at) else { return Ok(None) };
                self.current = Some(Lines::open(path).map_err(|cause| LogError::io(path, cause))?);
                continue;
            };
            let (kind, field, what) = match lines.read() {
                Ok(None) => {
                    self.end(&lines);
                    continue;
                }
                Ok(Some(Line::Text(line))) => match parse::record(line) {
                    Ok(record) => {
                        let location = self.location(&lines);
                        self.current = Some(lines);
                        return Ok(Some(Entry { location, record }));
                    }
                    Err(malformed) => (malformed.kind, malformed.field, malformed.what),
                },
                Ok(Some(Line::TooLong(length))) => {
                    let what = format!("has {length} bytes, at most {}", limits::LOG_LINE_BYTES);
                    (FaultKind::LineTooLong, String::new(), what)
                }
                Err(cause) if is_damage(&cause) => {
                    let fault = self.fault(
                        self.location(&lines),
                        FaultKind::Damaged,
                        "",
                        format!("the file ends here: {cause}"),
                    );
                    self.end(&lines);
                    faults.report(fault)?;
                    continue;
                }
                Err(cause) => {
                    let name = self.names.get(self.at).cloned().unwrap_or_default();
                    return Err(LogError::Io(name, cause));
                }
            };
            let fault = self.fault(self.location(&lines), kind, &field, what);
            self.current = Some(lines);
            faults.report(fault)?;
        }
    }

    fn end(&mut self, lines: &Lines) {
        self.done += lines.bytes_read();
        self.at += 1;
    }

    fn location(&self, lines: &Lines) -> Location {
        let line = u32::try_from(lines.number()).unwrap_or(u32::MAX);
        Location { file: u32::try_from(self.at).unwrap_or(u32::MAX), line }
    }
}

/// Errors by which a decoder says that its input is damaged or cut off.
fn is_damage(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let io = |cause| LogError::io(path, cause);
    if !std::fs::metadata(path).map_err(io)?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        if file.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let what = format!("{}: holds no log; they end in {}", path.display(), ENDINGS.join(", "));
        return Err(LogError::Unfit(what));
    }
    Ok(files)
}

#[cfg(test)]
#[path = "../../../../tests/tool/data/logs/read.rs"]
mod tests;
