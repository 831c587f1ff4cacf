//! In: records, one at a time. Out: a JSON Lines file, gzip if its name ends in `.gz`, that
//! [`super::read::LogReader`] reads back. It gets its name when it is complete.

use crate::data::logs::fault::{LogError, Result};
use crate::data::logs::record::Record;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a log. Until [`LogWriter::finish`] it stands beside its name, as `NAME.part`.
pub struct LogWriter {
    path: PathBuf,
    part: PathBuf,
    sink: Sink,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<BufWriter<GzEncoder<File>>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(sink) => sink.write(bytes),
            Self::Gzip(sink) => sink.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.flush(),
            Self::Gzip(sink) => sink.flush(),
        }
    }
}

impl Sink {
    /// Writes what is buffered and the end of the compression.
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.into_inner().map(drop).map_err(io::IntoInnerError::into_error),
            Self::Gzip(sink) => {
                let encoder = sink.into_inner().map_err(io::IntoInnerError::into_error)?;
                encoder.finish().map(drop)
            }
        }
    }
}

impl LogWriter {
    /// Starts a log.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|cause| LogError::io(&part, cause))?;
        let gzip = path.extension().is_some_and(|extension| extension == "gz");
        let sink = if gzip {
            let encoder = GzEncoder::new(file, Compression::default());
            Sink::Gzip(Box::new(BufWriter::with_capacity(1 << 16, encoder)))
        } else {
            Sink::Plain(BufWriter::with_capacity(1 << 16, file))
        };
        Ok(Self { path: path.to_path_buf(), part, sink })
    }

    /// Appends a record.
    ///
    /// # Errors
    /// The disk is full, or the file cannot be written.
    pub fn write(&mut self, record: &Record) -> Result<()> {
        let written = serde_json::to_writer(&mut self.sink, record)
            .map_err(io::Error::from)
            .and_then(|()| self.sink.write_all(b"\n"));
        written.map_err(|cause| LogError::io(&self.part, cause))
    }

    /// Ends the log and gives it its name.
    ///
    /// # Errors
    /// As [`LogWriter::write`], or the file cannot be renamed.
    pub fn finish(self) -> Result<()> {
        self.sink.finish().map_err(|cause| LogError::io(&self.part, cause))?;
        std::fs::rename(&self.part, &self.path).map_err(|cause| LogError::io(&self.path, cause))
    }
}
