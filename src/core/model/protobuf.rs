//! The length-delimited fields of one protobuf message, in its bytes: number and place. Nothing is decoded.
//! It is used where the bytes themselves matter: for the hash, and for limits before decoding.
#![deny(clippy::indexing_slicing)]

use crate::error::{Error, Kind, Result};
use std::ops::Range;

/// The error for bytes that are not such a message; places count from the start of the file.
pub(super) fn malformed(at: usize, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelMalformed, format!("model.bytes[{at}]"), what)
}

/// The bytes of a field that [`Fields`] found.
pub(super) fn payload(bytes: &[u8], field: Range<usize>) -> Result<&[u8]> {
    let at = field.start;
    bytes.get(field).ok_or_else(|| malformed(at, "ends early"))
}

/// An iterator over the fields; it ends with the first error.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// The fields of the message that `bytes` are.
    pub fn of(bytes: &'a [u8]) -> Fields<'a> {
        Fields { bytes, at: 0 }
    }

    /// The fields of a message inside `bytes`; places count from the start of `bytes`.
    pub fn inside(bytes: &'a [u8], message: Range<usize>) -> Fields<'a> {
        Fields { bytes: bytes.get(..message.end).unwrap_or_default(), at: message.start }
    }

    fn varint(&mut self) -> Result<u64> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(|| malformed(start, "ends early"))?;
            self.at += 1;
            let low = u64::from(byte & 0x7F);
            if shift == 63 && low > 1 {
                break;
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed(start, "a varint of more than 64 bits"))
    }

    fn skip(&mut self, length: u64) -> Result<Range<usize>> {
        let start = self.at;
        let rest = (self.bytes.len() - start) as u64;
        if length > rest {
            return Err(malformed(start, format!("a field of {length} bytes, {rest} are left")));
        }
        self.at += length as usize;
        Ok(start..self.at)
    }

    /// The next field; `None` for one that is not length-delimited.
    fn field(&mut self) -> Result<Option<(u64, Range<usize>)>> {
        let start = self.at;
        let tag = self.varint()?;
        match tag & 7 {
            0 => self.varint().map(|_| None),
            1 => self.skip(8).map(|_| None),
            2 => {
                let length = self.varint()?;
                Ok(Some((tag >> 3, self.skip(length)?)))
            }
            5 => self.skip(4).map(|_| None),
            other => Err(malformed(start, format!("wire type {other}"))),
        }
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<(u64, Range<usize>)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.bytes.len() {
            match self.field() {
                Ok(None) => {}
                Ok(Some(found)) => return Some(Ok(found)),
                Err(error) => {
                    self.at = self.bytes.len();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
