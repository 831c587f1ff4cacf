//! Products of rows of bytes and packed weights: exact sums in i32, then the epilogue.
//! A tile is four rows by eight columns. Rows are padded with zeros to whole pairs of terms, so that no load
//! reads beyond a row.

#[cfg(any(test, feature = "relaxed"))]
use super::dot4::{self, Dot4};
use super::epilogue::{Epilogue, Output, store_tile, write_bytes, write_f32, write_i32};
use super::lanes::Lanes;
#[cfg(not(any(test, feature = "relaxed")))]
use super::lanes::Lanes as Dot4;
use super::packed::{PackedWeights, Values};
use super::tile::{COLUMNS, ROWS, Tile4, Tile8};

/// Rows of bytes, less `zero`, times packed weights of bytes. `rows` and the output must have whole rows.
pub fn multiply_bytes<L: Dot4>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    weights: &PackedWeights,
    epilogue: Epilogue,
    output: Output,
) {
    let columns = weights.columns;
    let to_f32 = |sums: [[L::I32; 2]; ROWS]| sums.map(|sums| sums.map(|sum| L::to_f32(sum)));
    match output {
        Output::F32(to) => tiles::<L>(rows, signed, zero, weights, |sums, group, tile| {
            let values = epilogue.apply::<L, ROWS>(to_f32(sums), tile);
            store_tile(to, group, tile, columns, values, write_f32::<L>);
        }),
        Output::Bytes(to, params) => tiles::<L>(rows, signed, zero, weights, |sums, group, tile| {
            let values = epilogue.apply::<L, ROWS>(to_f32(sums), tile);
            let write = |row, to: &mut [u8; COLUMNS]| write_bytes::<L>(row, params, to);
            store_tile(to, group, tile, columns, values, write);
        }),
        Output::I32(to) => tiles::<L>(rows, signed, zero, weights, |sums, group, tile| {
            store_tile(to, group, tile, columns, sums, write_i32::<L>);
        }),
    }
}

/// Sums of rows times weights, tile by tile; `each` gets a tile's sums and where it lies.
#[inline(always)]
fn tiles<L: Dot4>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    weights: &PackedWeights,
    mut each: impl FnMut([[L::I32; 2]; ROWS], usize, usize),
) {
    let terms = weights.terms;
    let values = match &weights.values {
        Values::F32(_) => return,
        Values::I16(values) => values,
        #[cfg(any(test, feature = "relaxed"))]
        Values::Dot4(weights) => return dot4::tiles::<L>(rows, terms, signed, zero, weights, each),
    };
    let pairs = terms.div_ceil(2);
    let mut transposed = vec![Tile4([[0i16; 2]; ROWS]); pairs.next_multiple_of(4)];
    for (group, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        transpose_bytes::<L>(rows, terms, signed, zero, &mut transposed);
        for (tile, values) in values.chunks_exact(pairs.max(1)).enumerate() {
            let sums = match weights.columns {
                1 => sums_of_few_columns::<L, 1>(&transposed, values),
                2 => sums_of_few_columns::<L, 2>(&transposed, values),
                3 => sums_of_few_columns::<L, 3>(&transposed, values),
                _ => sums_of_columns::<L>(&transposed, values),
            };
            each(sums, group, tile);
        }
    }
}

/// Sums of four rows and eight columns.
#[inline(always)]
fn sums_of_columns<L: Lanes>(
    transposed: &[Tile4<[i16; 2]>],
    values: &[Tile8<i16, 8>],
) -> [[L::I32; 2]; ROWS] {
    let mut sums = [[L::zeros_i32(); 2]; ROWS];
    let mut rows = transposed.iter();
    for Tile8(weight) in values {
        let Some(Tile4(row)) = rows.next() else { break };
        let weight = [L::load_i16(&weight[0]), L::load_i16(&weight[1])];
        for (sum, value) in sums.iter_mut().zip(row) {
            let value = L::splat_pair(value);
            sum[0] = L::dot_add(sum[0], value, weight[0]);
            sum[1] = L::dot_add(sum[1], value, weight[1]);
        }
    }
    sums
}

/// The same of `N` of up to three columns: a vector holds one column of four rows, since most of a vector of four
/// columns would be empty.
#[inline(always)]
fn sums_of_few_columns<L: Lanes, const N: usize>(
    transposed: &[Tile4<[i16; 2]>],
    values: &[Tile8<i16, 8>],
) -> [[L::I32; 2]; ROWS] {
    let mut columns = [L::zeros_i32(); 4];
    let mut rows = transposed.iter();
    for Tile8([weights, _]) in values {
        let Some(Tile4(row)) = rows.next() else { break };
        let row = L::load_pairs(row);
        for (sum, weight) in columns.iter_mut().zip(weights.as_chunks::<2>().0).take(N) {
            *sum = L::dot_add(*sum, row, L::splat_pair(weight));
        }
    }
    L::transpose_i32(columns).map(|row| [row, L::zeros_i32()])
}

/// Up to four rows, pair of terms by pair of terms; what is missing is zero after the shift.
fn transpose_bytes<L: Lanes>(
    rows: &[u8],
    terms: usize,
    signed: bool,
    zero: i32,
    transposed: &mut [Tile4<[i16; 2]>],
) {
    let rows = four_rows(rows, terms);
    let chunks = rows.map(|row| row.as_chunks::<8>());
    let [a, b, c, d] = chunks.map(|(whole, _)| whole.iter());
    let (blocks, _) = transposed.as_chunks_mut::<4>();
    let mut blocks = blocks.iter_mut();
    for (((a, b), c), d) in a.zip(b).zip(c).zip(d) {
        let Some(to) = blocks.next() else { return };
        let transposed = L::transpose_pairs([a, b, c, d].map(|eight| L::load_bytes(eight, signed, zero)));
        transposed.into_iter().zip(to).for_each(|(vector, to)| L::store_pairs(vector, &mut to.0));
    }
    let done = chunks.iter().map(|(whole, _)| whole.len()).min().unwrap_or_default() * 4;
    let number = |byte: &u8| {
        (if signed { i16::from(*byte as i8) } else { i16::from(*byte) }).wrapping_sub(zero as i16)
    };
    for (pair, Tile4(to)) in transposed.iter_mut().enumerate().skip(done) {
        *to = rows.map(|row| [2 * pair, 2 * pair + 1].map(|term| row.get(term).map_or(0, number)));
    }
}

/// Four rows of so many terms; those that are missing are empty.
fn four_rows(rows: &[u8], terms: usize) -> [&[u8]; ROWS] {
    [0, 1, 2, 3].map(|index| rows.get(index * terms..(index + 1) * terms).unwrap_or_default())
}
