//! In: rows of f32 or of bytes, and weights packed once. Out: their products, finished as asked.
//! A tile is four rows by eight columns; what follows the product (scale, bias, ReLU, bytes) is
//! done while the tile is in registers. Must never read behind a row: tails are padded with zeros.

use super::lanes::{Lanes, Steps};

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: two vectors of four.
pub const COLUMNS: usize = 8;
/// Most terms of a sum of products of bytes: `2^15 · 255 · 255` is below 2^31.
pub const MOST_TERMS: usize = 1 << 15;

/// A matrix `[terms, columns]` in the order in which tiles read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    pub terms: usize,
    pub columns: usize,
    values: Values,
}

/// Tile by tile of eight columns; within, term by term, or pair of terms by pair of terms.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    Floats(Box<[[[f32; 4]; 2]]>),
    Shorts(Box<[[[i16; 8]; 2]]>),
}

impl Packed {
    /// Values that packing makes of so many terms and columns.
    pub fn volume(terms: usize, columns: usize) -> u64 {
        (terms as u64 + 1).saturating_mul(columns.next_multiple_of(COLUMNS) as u64)
    }

    /// Packs a matrix of f32.
    pub fn floats(terms: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Packed {
        let value = |term: usize, column: usize| if column < columns { at(term, column) } else { 0.0 };
        let tile = |tile: usize| {
            (0..terms).map(move |term| {
                [0, 1].map(|half| [0, 1, 2, 3].map(|lane| (term, tile * COLUMNS + half * 4 + lane)))
            })
        };
        let places = (0..columns.div_ceil(COLUMNS)).flat_map(tile);
        let values =
            places.map(|vectors| vectors.map(|lanes| lanes.map(|(term, column)| value(term, column))));
        Packed { terms, columns, values: Values::Floats(values.collect()) }
    }

    /// Packs a row-major matrix of f32, quickly enough to do it at each run.
    pub fn rows(terms: usize, columns: usize, values: &[f32]) -> Packed {
        let mut packed = vec![[[0f32; 4]; 2]; columns.div_ceil(COLUMNS) * terms];
        for (term, row) in values.chunks_exact(columns.max(1)).take(terms).enumerate() {
            for (tile, part) in row.chunks(COLUMNS).enumerate() {
                let Some(to) = packed.get_mut(tile * terms + term) else { continue };
                match (to.as_flattened_mut().first_chunk_mut::<COLUMNS>(), part.first_chunk::<COLUMNS>()) {
                    (Some(to), Some(part)) => *to = *part,
                    _ => to.as_flattened_mut().iter_mut().zip(part).for_each(|(to, &value)| *to = value),
                }
            }
        }
        Packed { terms, columns, values: Values::Floats(packed.into()) }
    }

    /// Packs a matrix of differences of bytes, -255 to 255, of at most [`MOST_TERMS`] terms.
    pub fn shorts(terms: usize, columns: usize, at: impl Fn(usize, usize) -> i16) -> Packed {
        let value = |term: usize, column: usize| {
            if term < terms && column < columns { at(term, column) } else { 0 }
        };
        let tile = |tile: usize| {
            let place = move |pair: usize, half: usize, lane: usize| {
                (pair * 2 + lane % 2, tile * COLUMNS + half * 4 + lane / 2)
            };
            let lanes = [0, 1, 2, 3, 4, 5, 6, 7];
            (0..terms.div_ceil(2))
                .map(move |pair| [0, 1].map(|half| lanes.map(|lane| place(pair, half, lane))))
        };
        let places = (0..columns.div_ceil(COLUMNS)).flat_map(tile);
        let values =
            places.map(|vectors| vectors.map(|lanes| lanes.map(|(term, column)| value(term, column))));
        Packed { terms, columns, values: Values::Shorts(values.collect()) }
    }

    /// Whether it multiplies bytes.
    pub fn is_whole(&self) -> bool {
        matches!(self.values, Values::Shorts(_))
    }
}

/// What happens to each sum before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    /// Factor of each column; whole sums need it, sums of f32 have none.
    pub scale: Option<&'a [f32]>,
    /// Addend of each column.
    pub bias: Option<&'a [f32]>,
    /// Negative values become 0.
    pub relu: bool,
}

/// Where results go, row-major.
#[derive(Debug)]
pub enum Target<'a> {
    Floats(&'a mut [f32]),
    Bytes(&'a mut [u8], Steps),
    /// The sums themselves; only of bytes.
    Whole(&'a mut [i32]),
}

/// Rows of f32 times packed f32. `rows` and the target must have whole rows.
pub fn floats<L: Lanes>(rows: &[f32], weights: &Packed, finish: Finish, mut target: Target) {
    let (Values::Floats(values), terms) = (&weights.values, weights.terms) else { return };
    let mut turned = vec![[0f32; ROWS]; terms.next_multiple_of(4)];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn_floats::<L>(rows, terms, &mut turned);
        for (tile, values) in values.chunks_exact(terms.max(1)).enumerate() {
            let zero = L::splat(0.0);
            let mut sums = [[zero; 2]; ROWS];
            for (row, weight) in turned.iter().zip(values) {
                let weight = [L::floats(&weight[0]), L::floats(&weight[1])];
                for (sum, &value) in sums.iter_mut().zip(row) {
                    let value = L::splat(value);
                    sum[0] = L::add(sum[0], L::mul(value, weight[0]));
                    sum[1] = L::add(sum[1], L::mul(value, weight[1]));
                }
            }
            write::<L>(sums, quad, tile, weights.columns, finish, &mut target);
        }
    }
}

/// Rows of bytes, less `zero`, times packed shorts. `rows` and the target must have whole rows.
pub fn bytes<L: Lanes>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    weights: &Packed,
    finish: Finish,
    mut target: Target,
) {
    let (Values::Shorts(values), terms) = (&weights.values, weights.terms) else { return };
    let pairs = terms.div_ceil(2);
    let mut turned = vec![[[0i16; 2]; ROWS]; pairs.next_multiple_of(4)];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn_bytes::<L>(rows, terms, signed, zero, &mut turned);
        for (tile, values) in values.chunks_exact(pairs.max(1)).enumerate() {
            let mut sums = [[L::nothing(); 2]; ROWS];
            for (row, weight) in turned.iter().zip(values) {
                let weight = [L::shorts(&weight[0]), L::shorts(&weight[1])];
                for (sum, value) in sums.iter_mut().zip(row) {
                    let value = L::pair(value);
                    sum[0] = L::dot(sum[0], value, weight[0]);
                    sum[1] = L::dot(sum[1], value, weight[1]);
                }
            }
            if let Target::Whole(to) = &mut target {
                for (row, sums) in sums.into_iter().enumerate() {
                    let mut wide = [[0; 4]; 2];
                    L::put_whole(sums[0], &mut wide[0]);
                    L::put_whole(sums[1], &mut wide[1]);
                    put(to, wide.as_flattened(), quad * ROWS + row, tile, weights.columns);
                }
                continue;
            }
            let sums = sums.map(|sums| sums.map(|sum| L::whole(sum)));
            write::<L>(sums, quad, tile, weights.columns, finish, &mut target);
        }
    }
}

/// Eight values of a row from `tile`'s first column on; a shorter rest beyond the last row's end.
#[inline(always)]
fn put<T: Copy>(to: &mut [T], values: &[T], row: usize, tile: usize, columns: usize) {
    let start = row * columns + tile * COLUMNS;
    let end = (row + 1) * columns;
    // Rows beyond the last belong to nobody.
    let Some(to) = to.get_mut(start..end) else { return };
    match (to.first_chunk_mut::<COLUMNS>(), values.first_chunk::<COLUMNS>()) {
        (Some(to), Some(values)) => *to = *values,
        _ => to.iter_mut().zip(values).for_each(|(to, &value)| *to = value),
    }
}

/// Two vectors of a column's constants; zeros beyond the last column.
#[inline(always)]
fn constants<L: Lanes>(values: &[f32], tile: usize) -> [L::Floats; 2] {
    let values = values.get(tile * COLUMNS..).unwrap_or_default();
    if let Some(whole) = values.first_chunk::<COLUMNS>() {
        let [a, b, c, d, e, f, g, h] = *whole;
        return [L::floats(&[a, b, c, d]), L::floats(&[e, f, g, h])];
    }
    let mut padded = [[0f32; 4]; 2];
    padded.as_flattened_mut().iter_mut().zip(values).for_each(|(to, &value)| *to = value);
    [L::floats(&padded[0]), L::floats(&padded[1])]
}

#[inline(always)]
fn write<L: Lanes>(
    sums: [[L::Floats; 2]; ROWS],
    quad: usize,
    tile: usize,
    columns: usize,
    finish: Finish,
    target: &mut Target,
) {
    let mut values = sums;
    if let Some(scale) = finish.scale {
        let scale = constants::<L>(scale, tile);
        values = values.map(|row| [L::mul(row[0], scale[0]), L::mul(row[1], scale[1])]);
    }
    if let Some(bias) = finish.bias {
        let bias = constants::<L>(bias, tile);
        values = values.map(|row| [L::add(row[0], bias[0]), L::add(row[1], bias[1])]);
    }
    if finish.relu {
        values = values.map(|row| row.map(|value| L::at_least(value, L::splat(0.0))));
    }
    for (row, values) in values.into_iter().enumerate() {
        let row = quad * ROWS + row;
        match target {
            Target::Floats(to) => {
                let mut wide = [[0f32; 4]; 2];
                L::put(values[0], &mut wide[0]);
                L::put(values[1], &mut wide[1]);
                put(to, wide.as_flattened(), row, tile, columns);
            }
            Target::Bytes(to, steps) => {
                let mut narrow = [0u8; 8];
                L::put_bytes(values.map(|value| stepped::<L>(value, *steps)), steps.signed, &mut narrow);
                put(to, &narrow, row, tile, columns);
            }
            Target::Whole(_) => {}
        }
    }
}

/// `round(value / scale) + zero`, halves to even, saturated; NaN counts as the largest.
#[inline(always)]
pub fn stepped<L: Lanes>(value: L::Floats, steps: Steps) -> L::Whole {
    let (low, high) = steps.range();
    let (low, high) = ((low - steps.zero) as f32, (high - steps.zero) as f32);
    let scaled = L::mul(value, L::splat(steps.inverse));
    let inside = L::at_least(L::at_most(scaled, L::splat(high)), L::splat(low));
    L::rounded(inside, steps.zero)
}

/// ONNX's QuantizeLinear by tensor.
pub fn to_bytes<L: Lanes>(values: &[f32], steps: Steps, to: &mut [u8]) {
    let narrow = |a: &[f32; 4], b: &[f32; 4], to: &mut [u8; 8]| {
        L::put_bytes([L::floats(a), L::floats(b)].map(|v| stepped::<L>(v, steps)), steps.signed, to);
    };
    let (wide, rest) = values.as_chunks::<8>();
    let (to_wide, to_rest) = to.as_chunks_mut::<8>();
    for (&[a, b, c, d, e, f, g, h], to) in wide.iter().zip(to_wide) {
        narrow(&[a, b, c, d], &[e, f, g, h], to);
    }
    let (mut padded, mut bytes) = ([[0f32; 4]; 2], [0; 8]);
    padded.as_flattened_mut().iter_mut().zip(rest).for_each(|(to, &value)| *to = value);
    narrow(&padded[0], &padded[1], &mut bytes);
    to_rest.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
}

/// Up to four rows, term by term; rows that are missing are zeros.
fn turn_floats<L: Lanes>(rows: &[f32], terms: usize, turned: &mut [[f32; ROWS]]) {
    let row = |index: usize| rows.get(index * terms..(index + 1) * terms).unwrap_or_default();
    let rows = [row(0), row(1), row(2), row(3)];
    let (blocks, _) = turned.as_chunks_mut::<4>();
    for (block, to) in blocks.iter_mut().enumerate() {
        let vectors = rows.map(|row| {
            let from = row.get(block * 4..).unwrap_or_default();
            match from.first_chunk::<4>() {
                Some(whole) => L::floats(whole),
                None => {
                    let mut padded = [0f32; 4];
                    padded.iter_mut().zip(from).for_each(|(to, &value)| *to = value);
                    L::floats(&padded)
                }
            }
        });
        for (vector, to) in L::turn(vectors).into_iter().zip(to) {
            L::put(vector, to);
        }
    }
}

/// The same for bytes, pair of terms by pair of terms; what is missing is zero after the shift.
fn turn_bytes<L: Lanes>(rows: &[u8], terms: usize, signed: bool, zero: i32, turned: &mut [[[i16; 2]; ROWS]]) {
    let row = |index: usize| rows.get(index * terms..(index + 1) * terms).unwrap_or_default();
    let rows = [row(0), row(1), row(2), row(3)];
    let (blocks, _) = turned.as_chunks_mut::<4>();
    for (block, to) in blocks.iter_mut().enumerate() {
        let vectors = rows.map(|row| {
            let from = row.get(block * 8..).unwrap_or_default();
            match from.first_chunk::<8>() {
                Some(whole) => L::widen(whole, signed, zero),
                None => {
                    let mut padded = [zero as u8; 8];
                    padded.iter_mut().zip(from).for_each(|(to, &value)| *to = value);
                    L::widen(&padded, signed, zero)
                }
            }
        });
        for (vector, to) in L::turn_shorts(vectors).into_iter().zip(to) {
            L::put_pairs(vector, to);
        }
    }
}
