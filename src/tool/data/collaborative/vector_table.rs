//! In: vectors of items in f32. Out: [`VectorTable`]: int8 vectors by item, as a server sends them.
//! One scale for all, since what they are good for is their dot products with each other.

use crate::data::collaborative::interactions::Interactions;
use crate::data::collaborative::{align, factor};
use crate::data::hash::hex;
use nalgebra::DMatrix;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Numbers beyond this share of all are cut, so that a few large ones do not cost the others their steps.
const KEPT: f64 = 0.9995;

/// Int8 vectors by item id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VectorTable {
    rows: BTreeMap<u64, Vec<i8>>,
}

impl VectorTable {
    /// Rounds vectors to steps of `scale`.
    pub fn rounded(items: &[u64], vectors: &DMatrix<f32>, scale: f32) -> VectorTable {
        let row = |row: usize| vectors.row(row).iter().map(|x| step(*x, scale)).collect();
        let rows = items.iter().enumerate().map(|(index, &item)| (item, row(index))).collect();
        VectorTable { rows }
    }

    /// The vector of an item.
    pub fn get(&self, item: u64) -> Option<&[i8]> {
        self.rows.get(&item).map(Vec::as_slice)
    }

    /// The name of the space that these vectors span: the first 16 hex digits of their SHA-256.
    pub fn basis(&self) -> String {
        let mut hash = Sha256::new();
        for (item, vector) in self.iter() {
            hash.update(item.to_le_bytes());
            vector.iter().for_each(|&x| hash.update(x.to_le_bytes()));
        }
        let mut name = hex(&hash.finalize());
        name.truncate(16);
        name
    }

    /// Items and their vectors, by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[i8])> {
        self.rows.iter().map(|(&item, row)| (item, row.as_slice()))
    }
}

/// Items that were picked, by ascending id, and a vector of `width` numbers for each.
pub fn learn(interactions: &Interactions, width: usize) -> (Vec<u64>, DMatrix<f32>) {
    (interactions.items().to_vec(), factor::vectors(interactions, width))
}

fn step(x: f32, scale: f32) -> i8 {
    (x / scale).round_ties_even().clamp(-127.0, 127.0) as i8
}

/// The scale at which nearly all numbers of some vectors fit an int8.
pub fn scale_of(vectors: &DMatrix<f32>) -> f32 {
    let mut sizes: Vec<f32> = vectors.iter().map(|x| x.abs()).filter(|&x| x > 0.0).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let at = (sizes.len() as f64 * KEPT) as usize;
    sizes.get(at.min(sizes.len().saturating_sub(1))).map_or(1.0, |&x| (x / 127.0).max(1e-6))
}

/// Root mean square of the rows' norms: the unit in which a model knows vectors.
pub fn unit_of(vectors: &DMatrix<f32>) -> f32 {
    let rows = vectors.nrows().max(1) as f32;
    (vectors.norm_squared() / rows).sqrt().max(1e-9) / (vectors.ncols().max(1) as f32).sqrt()
}

/// Turns vectors of one set of users onto a reference of the same items, and gives them its unit.
///
/// Rows of items that the reference lacks are turned along.
pub fn aligned(
    items: &[u64],
    vectors: &DMatrix<f32>,
    reference: impl Fn(u64) -> Option<Vec<f32>>,
    unit: f32,
) -> DMatrix<f32> {
    let own = unit / unit_of(vectors);
    let shared: Vec<(usize, Vec<f32>)> =
        items.iter().enumerate().filter_map(|(row, &item)| reference(item).map(|to| (row, to))).collect();
    let width = vectors.ncols();
    if shared.is_empty() {
        return vectors * own;
    }
    let from = DMatrix::from_fn(shared.len(), width, |row, column| vectors[(shared[row].0, column)]);
    let onto = DMatrix::from_fn(shared.len(), width, |row, column| {
        shared[row].1.get(column).copied().unwrap_or_default()
    });
    vectors * align::rotation(&from, &onto) * own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_moves_a_number_by_half_a_step() {
        let vectors = DMatrix::from_fn(50, 4, |r, c| ((r * 13 + c * 29) % 97) as f32 / 97.0 - 0.5);
        let scale = scale_of(&vectors);
        let items: Vec<u64> = (0..50).collect();
        let table = VectorTable::rounded(&items, &vectors, scale);
        for (item, row) in table.iter() {
            for (column, &q) in row.iter().enumerate() {
                let gap = (f32::from(q) * scale - vectors[(item as usize, column)]).abs();
                assert!(gap <= scale * 0.501, "{gap}");
            }
        }
        assert_eq!(table.get(50), None);
    }
}
