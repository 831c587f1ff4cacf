//! The bytes of a model file; out comes [`Bundle`]: bytes whose graph has the hash that the manifest states.
//! Only the top level of the protobuf is walked, before anything decodes it: what is decoded was hashed.
#![deny(clippy::indexing_slicing)]

use super::manifest::{KEY, Manifest};
use super::pb::StringStringEntryProto;
use super::protobuf::{Fields, malformed, payload};
use crate::error::{Error, Kind, Result};
use crate::limits;
use prost::Message;
use sha2::{Digest, Sha256};

/// `ModelProto.graph` and `ModelProto.metadata_props` in onnx.proto.
const GRAPH_FIELD: u64 = 7;
const METADATA_FIELD: u64 = 14;

/// A model file whose graph has the stated hash. Only [`Bundle::open`] makes one.
#[derive(Debug)]
pub struct Bundle<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) manifest: Manifest,
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
        let (graph, json) = top_level(bytes)?;
        let manifest = Manifest::parse(&json)?;
        let hash = graph_hash(graph);
        if !hash.eq_ignore_ascii_case(&manifest.graph_sha256) {
            let stated: String = manifest.graph_sha256.chars().take(64).collect();
            let what = format!("the graph has {hash}, the manifest states {stated}");
            return Err(Error::new(Kind::ModelHash, "manifest.graph_sha256", what));
        }
        Ok(Bundle { bytes, manifest })
    }
}

/// The graph's bytes and the manifest's JSON, each of which the file has once.
fn top_level(bytes: &[u8]) -> Result<(&[u8], String)> {
    let (mut graph, mut json) = (None, None);
    for field in Fields::of(bytes) {
        let (number, place) = field?;
        let at = place.start;
        match number {
            GRAPH_FIELD => {
                let earlier = graph.replace(payload(bytes, place)?);
                // Protobuf would merge two graphs into one that nobody hashed.
                if earlier.is_some() {
                    return Err(malformed(at, "a second graph"));
                }
            }
            METADATA_FIELD => {
                let entry = StringStringEntryProto::decode(payload(bytes, place)?)
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
    Ok((graph, json))
}

/// SHA-256 of a graph's raw bytes, in lower-case hex.
pub fn graph_hash(graph: &[u8]) -> String {
    Sha256::digest(graph).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The graph's raw bytes in a model file, to be hashed.
///
/// # Errors
/// [`Kind::ModelMalformed`].
#[cfg(test)]
pub fn graph_bytes(bytes: &[u8]) -> Result<&[u8]> {
    let mut found = None;
    for field in Fields::of(bytes) {
        if let (GRAPH_FIELD, place) = field? {
            found = Some(payload(bytes, place)?);
        }
    }
    found.ok_or_else(|| malformed(0, "holds no graph"))
}
