//! In: a file, plain or gzip (told by its first bytes, not by its name). Out: its lines one at a time, without line
//! ends, and how many bytes of the file were read. At most one line is held, and of a line at most
//! `limits::LOG_LINE_BYTES`.

use flate2::bufread::MultiGzDecoder;
use ranklet::limits;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of every gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What some editors put at the start of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line, or what there was in its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its bytes.
    Text(&'a [u8]),
    /// It was passed over: it has this many bytes.
    TooLong(u64),
}

/// Reads lines of bounded length.
pub struct Lines {
    source: Box<dyn BufRead + Send>,
    buffer: Vec<u8>,
    number: u64,
    read: Arc<AtomicU64>,
}

impl Lines {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let read = Arc::new(AtomicU64::new(0));
        let file = Counted { inner: File::open(path)?, read: Arc::clone(&read) };
        let mut plain = BufReader::with_capacity(1 << 16, file);
        let gzip = plain.fill_buf()?.starts_with(&GZIP);
        let source: Box<dyn BufRead + Send> = if gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self { source, buffer: Vec::new(), number: 0, read })
    }

    /// The number of the last line given, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Bytes of the file read so far, compressed if it is.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next line that is not blank; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read on, or its compression is damaged.
    pub fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        let start = loop {
            self.buffer.clear();
            let Some(length) = self.fill()? else { return Ok(None) };
            self.number += 1;
            if length > limits::LOG_LINE_BYTES as u64 {
                return Ok(Some(Line::TooLong(length)));
            }
            let mark = self.number == 1 && self.buffer.starts_with(BYTE_ORDER_MARK);
            let start = if mark { BYTE_ORDER_MARK.len() } else { 0 };
            if self.buffer.iter().skip(start).any(|byte| !byte.is_ascii_whitespace()) {
                break start;
            }
        };
        Ok(Some(Line::Text(self.buffer.get(start..).unwrap_or_default().trim_ascii())))
    }

    /// Reads to the end of the line, keeping as much as is allowed; its length, or `None` at the end.
    fn fill(&mut self) -> io::Result<Option<u64>> {
        let mut length = 0;
        loop {
            let chunk = match self.source.fill_buf() {
                Ok(chunk) => chunk,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(cause),
            };
            if chunk.is_empty() {
                return Ok((length > 0).then_some(length));
            }
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = (limits::LOG_LINE_BYTES + 1).saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            length += part.len() as u64;
            let used = part.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return Ok(Some(length));
            }
        }
    }
}

/// Counts what is read.
struct Counted {
    inner: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
