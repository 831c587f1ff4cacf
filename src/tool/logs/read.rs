//! Enters: a log file, or a folder of them.
//! Leaves: its records in file order, each with its place; malformed lines are reported on the way.
//! Never: holds more than one record, or passes over anything unreported.

use super::fault::{Error, Fault, FaultKind, Faults, Result};
use super::lines::{Line, Lines};
use super::parse;
use super::record::Record;
use ranklet::limits;
use std::io;
use std::path::{Path, PathBuf};

/// Endings of the files that are read of a folder.
const ENDINGS: [&str; 6] = [".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz"];

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub place: Place,
    /// The record.
    pub record: Record,
}

/// A line of a log: cheap to keep, spelled out by [`LogReader::fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
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
            total += std::fs::metadata(file).map_err(|cause| Error::io(file, cause))?.len();
        }
        let names = files.iter().map(|file| file.display().to_string()).collect();
        Ok(Self { files, names, total, done: 0, at: 0, current: None })
    }

    /// A log in memory.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        Self {
            files: Vec::new(),
            names: vec![name.to_owned()],
            total: text.len() as u64,
            done: 0,
            at: 0,
            current: Some(Lines::of(text.as_bytes().to_vec())),
        }
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

    /// A fault at a place.
    #[must_use]
    pub fn fault(&self, place: Place, kind: FaultKind, field: &str, what: String) -> Fault {
        let file = self.names.get(place.file as usize).cloned().unwrap_or_default();
        Fault { kind, file, line: u64::from(place.line), field: field.to_owned(), what }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A file cannot be read, or `faults` is strict and something is malformed.
    pub fn read(&mut self, faults: &mut Faults) -> Result<Option<Entry>> {
        loop {
            let Some(mut lines) = self.current.take() else {
                let Some(path) = self.files.get(self.at) else { return Ok(None) };
                self.current = Some(Lines::open(path).map_err(|cause| Error::io(path, cause))?);
                continue;
            };
            let (kind, field, what) = match lines.read() {
                Ok(None) => {
                    self.end(&lines);
                    continue;
                }
                Ok(Some(Line::Text(line))) => match parse::record(line) {
                    Ok(record) => {
                        let place = self.place(&lines);
                        self.current = Some(lines);
                        return Ok(Some(Entry { place, record }));
                    }
                    Err(malformed) => (malformed.kind, malformed.field, malformed.what),
                },
                Ok(Some(Line::TooLong(length))) => {
                    let what = format!("has {length} bytes, at most {}", limits::LOG_LINE_BYTES);
                    (FaultKind::LineTooLong, String::new(), what)
                }
                Err(cause) if is_damage(&cause) => {
                    let fault = self.fault(
                        self.place(&lines),
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
                    return Err(Error::Io(name, cause));
                }
            };
            let fault = self.fault(self.place(&lines), kind, &field, what);
            self.current = Some(lines);
            faults.report(fault)?;
        }
    }

    fn end(&mut self, lines: &Lines) {
        self.done += lines.bytes_read();
        self.at += 1;
    }

    fn place(&self, lines: &Lines) -> Place {
        let line = u32::try_from(lines.number()).unwrap_or(u32::MAX);
        Place { file: u32::try_from(self.at).unwrap_or(u32::MAX), line }
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
    let io = |cause| Error::io(path, cause);
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
        return Err(Error::Unfit(what));
    }
    Ok(files)
}

#[cfg(test)]
#[path = "../../../tests/tool/logs/read.rs"]
mod tests;
