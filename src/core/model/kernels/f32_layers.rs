//! Runs rows of f32 through chains of layers: products with packed weights, each with bias and ReLU.
//! Eight rows at a time pass all layers of a chain: a vector is one column of four rows, so that what a layer
//! writes is what the next one reads. The terms of a sum are added in order, the same on every host.

use super::epilogue::{Epilogue, Output, store_tile, write_bytes, write_f32};
use super::lanes::Lanes;
use super::packed::{Columns, PackedWeights, Values};
use super::tile::{COLUMNS, HALF, Tile4, Tile8};
use std::sync::Arc;

/// Rows that pass at a time.
const ROWS: usize = 8;

/// A layer whose values only the next layer of its chain reads.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenLayer {
    pub weights: Arc<PackedWeights>,
    /// Addend of each column.
    pub bias: Option<Arc<Columns>>,
    /// Negative values become 0.
    pub relu: bool,
}

/// One column of eight rows.
type Column = Tile8<f32, 4>;
/// Sums of four columns of eight rows.
type Sums<L> = [[<L as Lanes>::F32; 2]; HALF];

/// Layers one after the other, over rows that other chains may read as well.
#[derive(Debug)]
pub struct LayerChain<'a> {
    /// The layers before the last one.
    pub hidden: &'a [HiddenLayer],
    /// The last layer's.
    pub weights: &'a PackedWeights,
    pub epilogue: Epilogue<'a>,
    /// Has whole rows. Not [`Output::I32`]: there are no sums of bytes here.
    pub output: Output<'a>,
}

/// Runs whole rows through each chain; all chains take rows of the same width.
pub fn run_chains<L: Lanes>(rows: &[f32], chains: &mut [LayerChain]) {
    let Some(terms) = chains.first().map(LayerChain::terms) else { return };
    let hidden = chains.iter().flat_map(|chain| chain.hidden);
    let widest = hidden.map(|layer| layer.weights.columns).max().unwrap_or_default();
    let columns = |count: usize| vec![Tile8([[0f32; 4]; 2]); count.next_multiple_of(HALF)];
    let (mut transposed, mut buffers) = (columns(terms), [columns(widest), columns(widest)]);
    for (group, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        transpose_rows::<L>(rows, terms, &mut transposed);
        for chain in chains.iter_mut() {
            chain.run_group::<L>(&transposed, &mut buffers, group);
        }
    }
}

impl LayerChain<'_> {
    /// Width of the rows that it takes.
    fn terms(&self) -> usize {
        self.hidden.first().map_or(self.weights.terms, |layer| layer.weights.terms)
    }

    /// Runs the group of eight rows of some number.
    fn run_group<L: Lanes>(
        &mut self,
        transposed: &[Column],
        [from, to]: &mut [Vec<Column>; 2],
        group: usize,
    ) {
        let mut input = transposed;
        if let Some((first, rest)) = self.hidden.split_first() {
            run_hidden::<L>(transposed, first, from);
            for layer in rest {
                run_hidden::<L>(from, layer, to);
                std::mem::swap(from, to);
            }
            input = from;
        }
        let (weights, columns, epilogue) = (self.weights, self.weights.columns, self.epilogue);
        match &mut self.output {
            Output::F32(to) => run_last::<L>(input, weights, |sums, tile| {
                store_tile(to, group, tile, columns, epilogue.apply::<L, ROWS>(sums, tile), write_f32::<L>);
            }),
            Output::Bytes(to, params) => run_last::<L>(input, weights, |sums, tile| {
                let write = |row, to: &mut [u8; COLUMNS]| write_bytes::<L>(row, *params, to);
                store_tile(to, group, tile, columns, epilogue.apply::<L, ROWS>(sums, tile), write);
            }),
            Output::I32(_) => {}
        }
    }
}

/// Computes the columns of a hidden layer, four at a time.
fn run_hidden<L: Lanes>(from: &[Column], layer: &HiddenLayer, to: &mut [Column]) {
    let Values::F32(values) = &layer.weights.values else { return };
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
        for (sum, Tile8(to)) in sums.into_iter().zip(to) {
            L::store(sum[0], &mut to[0]);
            L::store(sum[1], &mut to[1]);
        }
    }
}

/// Computes the sums of the last layer, row by row, eight columns at a time; `each` gets them with their tile.
#[inline(always)]
fn run_last<L: Lanes>(
    from: &[Column],
    weights: &PackedWeights,
    mut each: impl FnMut([[L::F32; 2]; ROWS], usize),
) {
    let (Values::F32(values), terms) = (&weights.values, weights.terms.max(1)) else { return };
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

/// Sums of four columns of eight rows, row by row; those of columns that do not exist are zeros.
#[inline(always)]
fn half<L: Lanes>(from: &[Column], weights: &[Tile4<f32>], columns: usize) -> [L::F32; ROWS] {
    let sums = match columns {
        1 => sums::<L, 1>(from, weights),
        2 => sums::<L, 2>(from, weights),
        3 => sums::<L, 3>(from, weights),
        _ => sums::<L, HALF>(from, weights),
    };
    let [[a, b, c, d], [e, f, g, h]] = [0, 1].map(|four| L::transpose(sums.map(|sum| sum[four])));
    [a, b, c, d, e, f, g, h]
}

/// Sums of the first `N` of four columns; the others are zeros.
#[inline(always)]
fn sums<L: Lanes, const N: usize>(from: &[Column], weights: &[Tile4<f32>]) -> Sums<L> {
    let mut sums = [[L::splat(0.0); 2]; HALF];
    // Two iterators: `zip` would keep a counter, and multiply it at each load.
    let mut columns = from.iter();
    for Tile4(weights) in weights {
        let Some(Tile8(rows)) = columns.next() else { break };
        let rows = [L::load(&rows[0]), L::load(&rows[1])];
        for (sum, &weight) in sums.iter_mut().zip(weights).take(N) {
            let weight = L::splat(weight);
            sum[0] = L::add(sum[0], L::mul(rows[0], weight));
            sum[1] = L::add(sum[1], L::mul(rows[1], weight));
        }
    }
    sums
}

/// Up to eight rows, term by term; rows that are missing are zeros.
fn transpose_rows<L: Lanes>(rows: &[f32], terms: usize, transposed: &mut [Column]) {
    for half in [0, 1] {
        let row = |index: usize| {
            let start = (half * 4 + index) * terms;
            rows.get(start..start + terms).unwrap_or_default()
        };
        let rows = [0, 1, 2, 3].map(row);
        let chunks = rows.map(|row| row.as_chunks::<4>());
        let [a, b, c, d] = chunks.map(|(whole, _)| whole.iter());
        let mut blocks = transposed.as_chunks_mut::<4>().0.iter_mut();
        for (((a, b), c), d) in a.zip(b).zip(c).zip(d) {
            let Some(to) = blocks.next() else { return };
            let columns = L::transpose([a, b, c, d].map(|four| L::load(four)));
            columns.into_iter().zip(to).for_each(|(vector, to)| L::store(vector, &mut to.0[half]));
        }
        // What is left: the last terms, and all terms where a row is missing.
        let done = chunks.iter().map(|(whole, _)| whole.len()).min().unwrap_or_default() * 4;
        for (term, Tile8(to)) in transposed.iter_mut().enumerate().skip(done) {
            to[half] = rows.map(|row| row.get(term).copied().unwrap_or_default());
        }
    }
}
