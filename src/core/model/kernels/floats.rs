//! In: rows of f32, and layers packed once. Out: what the last layer gives, finished as asked.
//! Eight rows at a time pass all layers: a vector is one column of four of them, so that what a layer
//! writes is what the next one reads. Must never add a sum's terms in another order than theirs.

use super::lanes::Lanes;
use super::packed::{COLUMNS, Columns, Eight, HALF, Packed, Quad, Values};
use super::product::{Finish, Target, put, put_floats, put_steps};
use std::sync::Arc;

/// Rows that pass at a time.
const ROWS: usize = 8;

/// A layer of f32 whose values only the next layer reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Inner {
    pub weights: Arc<Packed>,
    /// Addend of each column.
    pub bias: Option<Arc<Columns>>,
    /// Negative values become 0.
    pub relu: bool,
}

/// One column of eight rows.
type Column = Eight<f32, 4>;
/// Sums of four columns of eight rows.
type Sums<L> = [[<L as Lanes>::Floats; 2]; HALF];

/// A layer over rows that other layers may read as well.
#[derive(Debug)]
pub struct Member<'a> {
    /// Layers that rows pass before.
    pub below: &'a [Inner],
    pub weights: &'a Packed,
    pub finish: Finish<'a>,
    /// Has whole rows; bytes' sums cannot be asked for.
    pub target: Target<'a>,
}

/// Whole rows of f32 through some layers, all as wide as the first of them.
pub fn floats<L: Lanes>(rows: &[f32], layers: &mut [Member]) {
    let Some(terms) = layers.first().map(Member::terms) else { return };
    let below = layers.iter().flat_map(|layer| layer.below);
    let widest = below.map(|layer| layer.weights.columns).max().unwrap_or_default();
    let columns = |count: usize| vec![Eight([[0f32; 4]; 2]); count.next_multiple_of(HALF)];
    let (mut turned, mut hidden) = (columns(terms), [columns(widest), columns(widest)]);
    for (group, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn::<L>(rows, terms, &mut turned);
        for layer in layers.iter_mut() {
            layer.group::<L>(&turned, &mut hidden, group);
        }
    }
}

impl Member<'_> {
    fn terms(&self) -> usize {
        self.below.first().map_or(self.weights.terms, |layer| layer.weights.terms)
    }

    /// Eight rows.
    fn group<L: Lanes>(&mut self, turned: &[Column], [from, to]: &mut [Vec<Column>; 2], group: usize) {
        let mut last_of = turned;
        if let Some((first, rest)) = self.below.split_first() {
            pass::<L>(turned, first, from);
            for layer in rest {
                pass::<L>(from, layer, to);
                std::mem::swap(from, to);
            }
            last_of = from;
        }
        let (weights, columns, finish) = (self.weights, self.weights.columns, self.finish);
        match &mut self.target {
            Target::Floats(to) => last::<L>(last_of, weights, |sums, tile| {
                put(to, group, tile, columns, finish.after::<L, ROWS>(sums, tile), put_floats::<L>);
            }),
            Target::Bytes(to, steps) => last::<L>(last_of, weights, |sums, tile| {
                let put_bytes = |row, to: &mut [u8; COLUMNS]| put_steps::<L>(row, *steps, to);
                put(to, group, tile, columns, finish.after::<L, ROWS>(sums, tile), put_bytes);
            }),
            Target::Whole(_) => {}
        }
    }
}

/// The columns of an inner layer, four at a time.
fn pass<L: Lanes>(from: &[Column], layer: &Inner, to: &mut [Column]) {
    let Values::Floats(values) = &layer.weights.values else { return };
    let tiles = values.chunks_exact(layer.weights.terms.max(1)).zip(to.as_chunks_mut::<HALF>().0);
    for (tile, (weights, to)) in tiles.enumerate() {
        let mut sums = sums::<L, HALF>(from, weights);
        if let Some(bias) = &layer.bias {
            for (sum, bias) in sums.iter_mut().zip(bias.four(tile)) {
                let bias = L::splat(bias);
                *sum = [L::add(sum[0], bias), L::add(sum[1], bias)];
            }
        }
        if layer.relu {
            sums = sums.map(|sum| sum.map(|half| L::at_least(half, L::splat(0.0))));
        }
        for (sum, Eight(to)) in sums.into_iter().zip(to) {
            L::put(sum[0], &mut to[0]);
            L::put(sum[1], &mut to[1]);
        }
    }
}

/// The sums of the last layer, row by row, eight columns at a time.
#[inline(always)]
fn last<L: Lanes>(from: &[Column], weights: &Packed, mut each: impl FnMut([[L::Floats; 2]; ROWS], usize)) {
    let (Values::Floats(values), terms) = (&weights.values, weights.terms.max(1)) else { return };
    for (tile, halves) in values.chunks(2 * terms).enumerate() {
        let columns = weights.columns.saturating_sub(tile * COLUMNS);
        let (low, high) = halves.split_at_checked(terms).unwrap_or((halves, &[]));
        let low = half::<L>(from, low, columns);
        // Not an array that is zero at first: that is a call of memset for each tile.
        let high = match high {
            [] => [L::splat(0.0); ROWS],
            high => half::<L>(from, high, columns.saturating_sub(HALF)),
        };
        each([0, 1, 2, 3, 4, 5, 6, 7].map(|row| [low[row], high[row]]), tile);
    }
}

/// Four columns of eight rows, row by row; those beyond so many are zeros.
#[inline(always)]
fn half<L: Lanes>(from: &[Column], weights: &[Quad<f32>], columns: usize) -> [L::Floats; ROWS] {
    let sums = match columns {
        1 => sums::<L, 1>(from, weights),
        2 => sums::<L, 2>(from, weights),
        3 => sums::<L, 3>(from, weights),
        _ => sums::<L, HALF>(from, weights),
    };
    let [[a, b, c, d], [e, f, g, h]] = [0, 1].map(|four| L::turn(sums.map(|sum| sum[four])));
    [a, b, c, d, e, f, g, h]
}

/// Of the first `N` of four columns; the others are zeros.
#[inline(always)]
fn sums<L: Lanes, const N: usize>(from: &[Column], weights: &[Quad<f32>]) -> Sums<L> {
    let mut sums = [[L::splat(0.0); 2]; HALF];
    // Two pointers that move: `zip` would count, and multiply the count at each load.
    let mut columns = from.iter();
    for Quad(weights) in weights {
        let Some(Eight(rows)) = columns.next() else { break };
        let rows = [L::floats(&rows[0]), L::floats(&rows[1])];
        for (sum, &weight) in sums.iter_mut().zip(weights).take(N) {
            let weight = L::splat(weight);
            sum[0] = L::add(sum[0], L::mul(rows[0], weight));
            sum[1] = L::add(sum[1], L::mul(rows[1], weight));
        }
    }
    sums
}

/// Up to eight rows, term by term; rows that are missing are zeros.
fn turn<L: Lanes>(rows: &[f32], terms: usize, turned: &mut [Column]) {
    for half in [0, 1] {
        let row = |index: usize| {
            let start = (half * 4 + index) * terms;
            rows.get(start..start + terms).unwrap_or_default()
        };
        let rows = [0, 1, 2, 3].map(row);
        let chunks = rows.map(|row| row.as_chunks::<4>());
        let [a, b, c, d] = chunks.map(|(whole, _)| whole.iter());
        let mut blocks = turned.as_chunks_mut::<4>().0.iter_mut();
        for (((a, b), c), d) in a.zip(b).zip(c).zip(d) {
            let Some(to) = blocks.next() else { return };
            let turned = L::turn([a, b, c, d].map(|four| L::floats(four)));
            turned.into_iter().zip(to).for_each(|(vector, to)| L::put(vector, &mut to.0[half]));
        }
        // What is left: the last terms, and all terms where a row is missing.
        let done = chunks.iter().map(|(whole, _)| whole.len()).min().unwrap_or_default() * 4;
        for (term, Eight(to)) in turned.iter_mut().enumerate().skip(done) {
            to[half] = rows.map(|row| row.get(term).copied().unwrap_or_default());
        }
    }
}
