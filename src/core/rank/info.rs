//! In: a loaded ranker. Out: [`Info`]: what a caller may know of its model and of this build's limits.
//! Plain data; these shapes cross to JavaScript as they are.

use super::ranker::Ranker;
use crate::limits;
use crate::model::Head;
use crate::model::manifest::VectorSpec;

use serde::Serialize;

/// A model as its callers see it.
#[derive(Debug, Serialize)]
pub struct Info<'a> {
    name: &'a str,
    version: &'a str,
    block: usize,
    block_units: u64,
    known_block_units: u64,
    fields: &'a [String],
    features: Vec<&'a str>,
    actions: Vec<&'a str>,
    heads: &'a [Head],
    dims: Dims,
    vectors: Option<&'a VectorSpec>,
    limits: Limits,
    simd: &'static str,
    card: &'a serde_json::Value,
}

#[derive(Debug, Serialize)]
struct Dims {
    item_vector: usize,
    history: usize,
}

#[derive(Debug, Serialize)]
struct Limits {
    candidates: usize,
    id_bytes: usize,
    title_bytes: usize,
    text_bytes: usize,
    tags: usize,
    tag_bytes: usize,
    events: usize,
    event_id_bytes: usize,
    remembered: usize,
    stated: usize,
    rules: usize,
    rules_bytes: usize,
}

impl<'a> Info<'a> {
    /// Of a ranker's model.
    pub fn of(ranker: &'a Ranker) -> Info<'a> {
        let manifest = ranker.manifest();
        Info {
            name: &manifest.name,
            version: &manifest.version,
            block: manifest.block,
            block_units: ranker.block_units(),
            known_block_units: ranker.known_block_units(),
            fields: &manifest.fields,
            features: manifest.features.iter().map(|f| f.name.as_str()).collect(),
            actions: manifest.actions.keys().map(String::as_str).collect(),
            heads: &manifest.heads,
            dims: Dims { item_vector: manifest.vector, history: manifest.history },
            vectors: manifest.vectors.as_ref(),
            limits: Limits {
                candidates: limits::CANDIDATES,
                id_bytes: limits::ID_BYTES,
                title_bytes: limits::TITLE_BYTES,
                text_bytes: limits::LIST_TEXT_BYTES,
                tags: limits::TAGS,
                tag_bytes: limits::TAG_BYTES,
                events: limits::EVENTS,
                event_id_bytes: limits::EVENT_ID_BYTES,
                remembered: limits::REMEMBERED_ITEMS,
                stated: limits::STATED_ITEMS,
                rules: limits::RULES,
                rules_bytes: limits::RULES_BYTES,
            },
            simd: crate::model::simd(),
            card: &manifest.card,
        }
    }
}
