//! In: ratings, a model. Out: [`Served`]: what a server that knows the train users' ratings would send the model.
//! Vectors are learnt from the data's own train users; where that is not what the model was trained on,
//! they are turned onto the model's space, which its text encoder spans for any catalogue.

use crate::data::catalogue::Catalogue;
use crate::data::collaborative::vector_table::{self, VectorTable};
use crate::data::history::Histories;
use crate::data::served::{Served, interactions};
use crate::data::split::Split;
use crate::data::stats::Stats;
use nalgebra::DMatrix;
use ranklet::internals::item::Packer;
use ranklet::internals::model::manifest::VectorSpec;
use ranklet::{Candidate, Ranker};
use std::collections::HashMap;

/// Items whose texts are read at a time.
const CHUNK: usize = 1_000;

/// How the vectors came to be in the model's space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// The model reads none.
    None,
    /// They are the very vectors that it was trained with.
    Same,
    /// They were turned onto what its text encoder says of the same items.
    Turned,
}

/// What a server would know and send.
pub fn served(
    histories: &Histories,
    catalogue: &Catalogue,
    ranker: &mut Ranker,
) -> ranklet::Result<(Served, Space)> {
    let train = |user: u64| Split::of(user) == Split::Train;
    let stats = Stats::of_users(histories, train);
    let Some(spec) = ranker.manifest().vectors.clone() else {
        return Ok((Served { stats, vectors: VectorTable::default() }, Space::None));
    };
    let (items, raw) = vector_table::learn(&interactions(histories, train), spec.width);
    let plain = raw.map(|x| x / vector_table::unit_of(&raw));
    let vectors = VectorTable::rounded(&items, &plain, spec.scale);
    if vectors.basis() == spec.basis {
        return Ok((Served { stats, vectors }, Space::Same));
    }
    let vectors = turned(&items, &raw, catalogue, ranker, &spec)?;
    Ok((Served { stats, vectors }, Space::Turned))
}

fn turned(
    items: &[u64],
    vectors: &DMatrix<f32>,
    catalogue: &Catalogue,
    ranker: &mut Ranker,
    spec: &VectorSpec,
) -> ranklet::Result<VectorTable> {
    let mut texts: HashMap<u64, Vec<f32>> = HashMap::new();
    for chunk in items.chunks(CHUNK) {
        let mut packer = Packer::default();
        chunk.iter().for_each(|&item| catalogue.push(&mut packer, item, None));
        let encoded = ranker.item_vectors(&packer.packed())?;
        texts.extend(chunk.iter().copied().zip(encoded));
    }
    let nameless = ranker.pack(&[Candidate::new("-")]);
    // What an item without words gets says nothing of where the others are.
    let none = ranker.item_vectors(&nameless.packed())?.pop().unwrap_or_default();
    let said = |item: u64| {
        let vector = texts.get(&item)?;
        let own: Vec<f32> = vector.iter().zip(&none).take(spec.width).map(|(a, b)| a - b).collect();
        own.iter().any(|x| *x != 0.0).then_some(own)
    };
    Ok(VectorTable::rounded(items, &vector_table::aligned(items, vectors, said, 1.0), spec.scale))
}
