//! In: candidates with vectors or tags. Out: [`Similarity`], the cosine similarity of any two of them.
//! Vectors are scaled to length 1 once; tags are sets, held in bits for those that several candidates have. A
//! candidate without a vector or a tag has similarity 0 to all.

use super::input::Input;

/// Cosines between candidates.
pub(super) enum Similarity {
    Vectors { rows: Vec<f32>, width: usize, n: usize },
    Tags(TagSets),
}

/// The tags of each candidate, as vectors of zeros and ones.
pub(super) struct TagSets {
    /// Tags of each.
    sizes: Vec<u32>,
    /// A bit for each tag that several have, `words` words a candidate.
    bits: Vec<u64>,
    words: usize,
    /// The tags that have no bit of their own since there are too many, ascending; most often none.
    others: Vec<Vec<u32>>,
}

/// Most words of bits that a candidate has: tags beyond them are looked up one by one.
const WORDS: usize = 8;

/// Lanes of a dot product: independent sums, so that it vectorises, added up in one fixed order, so
/// that it has the same bits on every host.
pub(super) const LANES: usize = 8;

impl Similarity {
    pub fn of(input: &Input, candidates: &[u32], vectors: bool) -> Similarity {
        if !vectors {
            return Similarity::Tags(TagSets::of(input, candidates));
        }
        let width = input.width.next_multiple_of(LANES);
        let mut rows = vec![0.0; candidates.len() * width];
        for (row, &position) in rows.chunks_exact_mut(width.max(1)).zip(candidates) {
            let vector = input.vector(position as usize);
            let squares: f32 = vector.iter().map(|value| value * value).sum();
            let norm = squares.sqrt();
            // Without a direction, or if its length overflows, its similarity to all stays 0.
            if norm.is_finite() && norm > 0.0 {
                row.iter_mut().zip(vector).for_each(|(cell, value)| *cell = value / norm);
            }
        }
        Similarity::Vectors { rows, width, n: candidates.len() }
    }

    pub fn len(&self) -> usize {
        match self {
            Similarity::Vectors { n, .. } => *n,
            Similarity::Tags(sets) => sets.sizes.len(),
        }
    }

    /// The cosine of two candidates.
    #[inline]
    pub fn between(&self, a: usize, b: usize) -> f32 {
        match self {
            Similarity::Vectors { rows, width, .. } => {
                let row = |index: usize| rows.get(index * width..(index + 1) * width).unwrap_or_default();
                // A sum may round to beyond 1.
                dot(row(a), row(b)).min(1.0)
            }
            Similarity::Tags(sets) => sets.cosine(a, b),
        }
    }
}

impl TagSets {
    fn of(input: &Input, candidates: &[u32]) -> TagSets {
        let slots = |position: u32| {
            let mut slots = input.items.tag_slots(position as usize).to_vec();
            slots.sort_unstable();
            slots.dedup();
            slots
        };
        let tags: Vec<Vec<u32>> = candidates.iter().map(|&position| slots(position)).collect();
        let mut owners = vec![0u32; input.items.distinct_tags().len()];
        let of = |slot: u32| slot as usize;
        tags.iter().flatten().for_each(|&slot| owners[of(slot)] += 1);
        // Where each tag's bit is: a tag that one candidate alone has adds nothing to any similarity.
        let mut shared = 0;
        let mut place = |&owners: &u32| {
            shared += usize::from(owners > 1);
            (owners > 1).then(|| shared - 1)
        };
        let places: Vec<Option<usize>> = owners.iter().map(&mut place).collect();
        let words = shared.div_ceil(u64::BITS as usize).clamp(1, WORDS);
        let mut sets =
            TagSets { sizes: Vec::new(), bits: vec![0; tags.len() * words], words, others: Vec::new() };
        for (tags, bits) in tags.iter().zip(sets.bits.chunks_exact_mut(words)) {
            let mut others = Vec::new();
            for &slot in tags {
                let Some(place) = places[of(slot)] else { continue };
                match bits.get_mut(place / u64::BITS as usize) {
                    Some(word) => *word |= 1 << (place % u64::BITS as usize),
                    None => others.push(slot),
                }
            }
            sets.sizes.push(tags.len() as u32);
            sets.others.push(others);
        }
        sets
    }

    fn cosine(&self, a: usize, b: usize) -> f32 {
        let bits =
            |index: usize| self.bits.get(index * self.words..(index + 1) * self.words).unwrap_or_default();
        let both = bits(a).iter().zip(bits(b)).map(|(a, b)| (a & b).count_ones()).sum::<u32>();
        let others = match (&self.others[a], &self.others[b]) {
            (a, b) if a.is_empty() || b.is_empty() => 0,
            (a, b) => a.iter().filter(|slot| b.binary_search(slot).is_ok()).count() as u32,
        };
        match both + others {
            0 => 0.0,
            // Under one root of whole numbers: equal sets give exactly 1.
            shared => shared as f32 / ((self.sizes[a] * self.sizes[b]) as f32).sqrt(),
        }
    }
}

/// A dot product of two rows of equal length.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)) + rest
}
