//! In: rows of tokens. Out: their vectors, each computed once, whatever list or event they came with.
//! The key is the tokens themselves: equal tokens have equal vectors, and only those share one.

use crate::limits;
use crate::model::{Plan, Role};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Vectors of token rows that were encoded before, whatever list or event they came with.
///
/// The tokens are the key: an item whose text changed is encoded again, and one that comes back
/// under another id is not. The oldest go when it is full.
#[derive(Debug, Default)]
pub struct VectorCache {
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

impl VectorCache {
    /// Empty, for a model's shapes.
    pub fn of(plan: &Plan) -> VectorCache {
        let [_, tokens_each] = plan.manifest().shape_of(Role::Tokens);
        VectorCache { tokens_each, width: plan.manifest().vector, ..VectorCache::default() }
    }

    fn capacity(&self) -> usize {
        (limits::CACHED_NUMBERS / (self.tokens_each + self.width).max(1)).clamp(1, limits::CACHED_VECTORS)
    }

    pub(super) fn get(&self, tokens: &[u32]) -> Option<&[f32]> {
        let slot = *self.slots.get(&key(tokens))? as usize;
        let known = self.tokens.get(slot * self.tokens_each..(slot + 1) * self.tokens_each)?;
        // Two rows may share a hash; only equal tokens share a vector.
        // As vectors: comparing slices goes byte by byte in wasm.
        let other = known.iter().zip(tokens).fold(0, |other, (a, b)| other | (a ^ b));
        (other == 0 && known.len() == tokens.len())
            .then(|| self.vectors.get(slot * self.width..(slot + 1) * self.width))?
    }

    pub(super) fn insert(&mut self, tokens: &[u32], vector: &[f32]) {
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
        let place = (
            self.keys.get_mut(slot),
            self.tokens.get_mut(slot * self.tokens_each..(slot + 1) * self.tokens_each),
            self.vectors.get_mut(slot * self.width..(slot + 1) * self.width),
        );
        if let (Some(own_key), Some(own_tokens), Some(own_vector)) = place {
            let gone = std::mem::replace(own_key, key);
            own_tokens.copy_from_slice(tokens);
            own_vector.copy_from_slice(vector);
            if self.slots.get(&gone) == Some(&(slot as u32)) {
                self.slots.remove(&gone);
            }
            self.slots.insert(key, slot as u32);
        }
    }
}
