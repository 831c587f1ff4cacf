//! In: items with their tokens. Out: their vectors, each computed once.
//! Two layers: [`Vectors`] of the current list by position, [`Cache`] across lists by content.
//! Must never give a vector that the encode stage would not give for these very tokens.

use crate::error::Result;
use crate::item::{Items, place};
use crate::limits;
use crate::model::{Manifest, Plan, Role};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Vectors of token rows that were encoded before, whatever list or event they came with.
///
/// The tokens are the key: an item whose text changed is encoded again, and one that comes back
/// under another id is not. The oldest go when it is full.
#[derive(Debug, Default)]
pub struct Cache {
    slots: HashMap<u64, u32, BuildHasherDefault<Ready>>,
    keys: Vec<u64>,
    tokens: Vec<u32>,
    vectors: Vec<f32>,
    tokens_each: usize,
    width: usize,
    oldest: usize,
}

/// The key is a hash already.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = self.0.rotate_left(8) ^ u64::from(byte));
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

fn key(tokens: &[u32]) -> u64 {
    let mix = |hash: u64, two: u64| (hash.rotate_left(23) ^ two).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (twos, last) = tokens.as_chunks::<2>();
    let hash = twos.iter().fold(0, |hash, [a, b]| mix(hash, u64::from(*a) | u64::from(*b) << 32));
    last.iter().fold(hash, |hash, &token| mix(hash, u64::from(token)))
}

impl Cache {
    /// Empty, for a model's shapes.
    pub fn of(plan: &Plan) -> Cache {
        let [_, tokens_each] = plan.manifest().shape_of(Role::Tokens);
        Cache { tokens_each, width: plan.manifest().vector, ..Cache::default() }
    }

    fn capacity(&self) -> usize {
        (limits::CACHED_NUMBERS / (self.tokens_each + self.width).max(1)).clamp(1, limits::CACHED_VECTORS)
    }

    /// Number of vectors held.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn get(&self, tokens: &[u32]) -> Option<&[f32]> {
        let slot = *self.slots.get(&key(tokens))? as usize;
        let known = self.tokens.get(slot * self.tokens_each..(slot + 1) * self.tokens_each)?;
        // Two rows may share a hash; only equal tokens share a vector.
        // As vectors: comparing slices goes byte by byte in wasm.
        let other = known.iter().zip(tokens).fold(0, |other, (a, b)| other | (a ^ b));
        (other == 0 && known.len() == tokens.len())
            .then(|| self.vectors.get(slot * self.width..(slot + 1) * self.width))?
    }

    fn insert(&mut self, tokens: &[u32], vector: &[f32]) {
        if tokens.len() != self.tokens_each || vector.len() != self.width {
            return;
        }
        let key = key(tokens);
        if self.keys.len() < self.capacity() {
            self.slots.insert(key, self.keys.len() as u32);
            self.keys.push(key);
            self.tokens.extend_from_slice(tokens);
            self.vectors.extend_from_slice(vector);
            return;
        }
        let slot = self.oldest;
        self.oldest = (slot + 1) % self.keys.len();
        let gone = std::mem::replace(&mut self.keys[slot], key);
        if self.slots.get(&gone) == Some(&(slot as u32)) {
            self.slots.remove(&gone);
        }
        self.slots.insert(key, slot as u32);
        self.tokens[slot * self.tokens_each..(slot + 1) * self.tokens_each].copy_from_slice(tokens);
        self.vectors[slot * self.width..(slot + 1) * self.width].copy_from_slice(vector);
    }

    /// The vectors of some rows of tokens, in order, each from the cache or the encode stage; `done`
    /// gets the row's number. Nothing if the model has no such stage.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`]; `done` was told of those before.
    pub fn encode(
        &mut self,
        plan: &mut Plan,
        rows: &[&[u32]],
        mut done: impl FnMut(usize, &[f32]),
    ) -> Result<()> {
        if !plan.encodes() {
            return Ok(());
        }
        let mut missing = Vec::new();
        for (row, tokens) in rows.iter().enumerate() {
            match self.get(tokens) {
                Some(vector) => done(row, vector),
                None => missing.push(row),
            }
        }
        let ([_, width], [most, _]) = (plan.manifest().shape_of(Role::Tokens), plan.most_rows());
        for chunk in missing.chunks(most.max(1)) {
            let mut ids = vec![0i64; chunk.len() * width];
            for (to, &row) in ids.chunks_exact_mut(width).zip(chunk) {
                for (cell, &token) in to.iter_mut().zip(rows[row]) {
                    *cell = i64::from(token);
                }
            }
            let vectors = plan.encode(&ids)?;
            for (vector, &row) in vectors.chunks_exact(self.width).zip(chunk) {
                self.insert(rows[row], vector);
                done(row, vector);
            }
        }
        Ok(())
    }
}

/// Item vectors of a list, found or computed when first needed.
#[derive(Debug, Default)]
pub struct Vectors {
    data: Vec<f32>,
    known: Vec<bool>,
    width: usize,
    /// What one step of a server vector stands for.
    scale: f32,
}

impl Vectors {
    /// None known yet.
    pub fn of(items: usize, manifest: &Manifest) -> Vectors {
        let width = manifest.vector;
        let scale = manifest.vectors.as_ref().map_or(0.0, |vectors| vectors.scale);
        Vectors { data: vec![0.0; items * width], known: vec![false; items], width, scale }
    }

    /// The vector at a position; empty if the model has none.
    pub fn get(&self, position: usize) -> &[f32] {
        self.data.get(position * self.width..(position + 1) * self.width).unwrap_or_default()
    }

    /// All vectors, one row a position, and their width; a row that is not computed is zero.
    pub fn rows(&self) -> (&[f32], usize) {
        (&self.data, self.width)
    }

    fn set(&mut self, position: usize, vector: &[f32], items: &Items) {
        let row = position * self.width..(position + 1) * self.width;
        if let (Some(to), Some(known)) = (self.data.get_mut(row), self.known.get_mut(position)) {
            to.copy_from_slice(vector);
            if let Some(server) = items.server_vector(position) {
                place(to, server, self.scale);
            }
            *known = true;
        }
    }

    /// Takes from the cache what it has; gives the positions that must be encoded.
    pub fn fetch(&mut self, plan: &Plan, cache: &Cache, items: &Items, positions: &[u32]) -> Vec<u32> {
        if !plan.encodes() {
            return Vec::new();
        }
        let unknown = |position: &u32| self.known.get(*position as usize) == Some(&false);
        let mut missing: Vec<u32> = positions.iter().copied().filter(unknown).collect();
        missing.retain(|&position| match cache.get(items.tokens(position as usize)) {
            Some(vector) => {
                self.set(position as usize, vector, items);
                false
            }
            None => true,
        });
        missing
    }

    /// Encodes the items at some positions.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`].
    pub fn encode(
        &mut self,
        plan: &mut Plan,
        cache: &mut Cache,
        items: &Items,
        positions: &[u32],
    ) -> Result<()> {
        let rows: Vec<&[u32]> = positions.iter().map(|&p| items.tokens(p as usize)).collect();
        cache.encode(plan, &rows, |row, vector| self.set(positions[row] as usize, vector, items))
    }

    /// Makes those of `positions` known.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`].
    pub fn ensure(
        &mut self,
        plan: &mut Plan,
        cache: &mut Cache,
        items: &Items,
        positions: &[u32],
    ) -> Result<()> {
        let missing = self.fetch(plan, cache, items, positions);
        self.encode(plan, cache, items, &missing)
    }
}
