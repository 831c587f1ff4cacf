//! In: the bytes of a model file. Out: [`Bundle`]: bytes whose graph has the hash that the manifest seals.
//! Walks only the top level of the protobuf, in u64 arithmetic, before anything decodes it.
//! Must never hand bytes on that were not hashed.

use super::manifest::{KEY, Manifest};
use super::pb::StringStringEntryProto;
use crate::error::{Error, Kind, Result};
use crate::limits;
use prost::Message;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// `ModelProto.graph` and `ModelProto.metadata_props` in onnx.proto.
const GRAPH_FIELD: u64 = 7;
const METADATA_FIELD: u64 = 14;

/// A model file whose seal holds. Only [`Bundle::open`] makes one.
#[derive(Debug)]
pub struct Bundle<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) manifest: Manifest,
}

fn malformed(at: usize, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelMalformed, format!("model.bytes[{at}]"), what)
}

impl<'a> Bundle<'a> {
    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Finds the manifest and checks the graph's hash.
    ///
    /// # Errors
    /// [`Kind::ModelTooLarge`], [`Kind::ModelMalformed`], [`Kind::ModelManifest`],
    /// [`Kind::ModelHash`].
    pub fn open(bytes: &'a [u8]) -> Result<Bundle<'a>> {
        if bytes.len() > limits::MODEL_BYTES {
            let what = format!("{} bytes, at most {}", bytes.len(), limits::MODEL_BYTES);
            return Err(Error::new(Kind::ModelTooLarge, "model", what));
        }
        let mut graph: Option<Range<usize>> = None;
        let mut json: Option<String> = None;
        for field in Fields::of(bytes) {
            let (number, payload) = field?;
            match number {
                GRAPH_FIELD if graph.is_some() => {
                    // Protobuf would merge two graphs into one that nobody sealed.
                    return Err(malformed(payload.start, "a second graph"));
                }
                GRAPH_FIELD => graph = Some(payload),
                METADATA_FIELD => {
                    let at = payload.start;
                    let entry = StringStringEntryProto::decode(&bytes[payload])
                        .map_err(|e| malformed(at, e.to_string()))?;
                    if entry.key == KEY && json.replace(entry.value).is_some() {
                        return Err(malformed(at, "a second manifest"));
                    }
                }
                _ => {}
            }
        }
        let graph = graph.ok_or_else(|| malformed(0, "holds no graph"))?;
        let json = json.ok_or_else(|| {
            Error::new(Kind::ModelManifest, "model.metadata_props", format!("no entry `{KEY}`"))
        })?;
        let manifest = Manifest::parse(&json)?;
        let hash = graph_hash(&bytes[graph]);
        if !hash.eq_ignore_ascii_case(&manifest.graph_sha256) {
            let sealed: String = manifest.graph_sha256.chars().take(64).collect();
            let what = format!("the graph has {hash}, the manifest seals {sealed}");
            return Err(Error::new(Kind::ModelHash, "manifest.graph_sha256", what));
        }
        Ok(Bundle { bytes, manifest })
    }
}

/// SHA-256 of a graph's raw bytes, in lower-case hex.
pub fn graph_hash(graph: &[u8]) -> String {
    Sha256::digest(graph).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The graph's raw bytes in a model file, for sealing.
pub fn graph_bytes(bytes: &[u8]) -> Result<&[u8]> {
    let mut found = None;
    for field in Fields::of(bytes) {
        if let (GRAPH_FIELD, payload) = field? {
            found = Some(payload);
        }
    }
    found.map(|payload| &bytes[payload]).ok_or_else(|| malformed(0, "holds no graph"))
}

/// The length-delimited fields of one protobuf message: number and payload.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn of(bytes: &'a [u8]) -> Fields<'a> {
        Fields { bytes, at: 0 }
    }

    /// Those of a message inside `bytes`; places in errors count from the start of `bytes`.
    pub(super) fn inside(bytes: &'a [u8], message: Range<usize>) -> Fields<'a> {
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
