//! In: rows of f32 or of bytes, and weights packed once. Out: their products, finished as asked.
//! A tile is four rows by eight columns; what follows the product (scale, bias, ReLU, bytes) is
//! done while the tile is in registers. Must never read behind a row: tails are padded with zeros.

#[cfg(not(any(test, target_feature = "relaxed-simd")))]
use super::lanes::Lanes as Dots;
use super::lanes::{Lanes, Steps};
use super::packed::{COLUMNS, Columns, Eight, Packed, Quad, ROWS, Values};
#[cfg(any(test, target_feature = "relaxed-simd"))]
use super::quads::Dots;

/// What happens to each sum before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    /// Factor of each column; whole sums need it, sums of f32 have none.
    pub scale: Option<&'a Columns>,
    /// Addend of each column.
    pub bias: Option<&'a Columns>,
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
pub fn floats<L: Lanes>(rows: &[f32], weights: &Packed, finish: Finish, target: Target) {
    let columns = weights.columns;
    match target {
        Target::Floats(to) => tiles_of_floats::<L>(rows, weights, |sums, quad, tile| {
            put(to, quad, tile, columns, finish.after::<L>(sums, tile), put_floats::<L>);
        }),
        Target::Bytes(to, steps) => tiles_of_floats::<L>(rows, weights, |sums, quad, tile| {
            let put_bytes = |row, to: &mut [u8; COLUMNS]| put_steps::<L>(row, steps, to);
            put(to, quad, tile, columns, finish.after::<L>(sums, tile), put_bytes);
        }),
        Target::Whole(_) => {}
    }
}

#[inline(always)]
fn tiles_of_floats<L: Lanes>(
    rows: &[f32],
    weights: &Packed,
    mut each: impl FnMut([[L::Floats; 2]; ROWS], usize, usize),
) {
    let (Values::Floats(values), terms) = (&weights.values, weights.terms) else { return };
    let mut turned = vec![Quad([0f32; ROWS]); terms.next_multiple_of(4)];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn_floats::<L>(rows, terms, &mut turned);
        for (tile, values) in values.chunks_exact(terms.max(1)).enumerate() {
            let zero = L::splat(0.0);
            let mut sums = [[zero; 2]; ROWS];
            // Two pointers that move: `zip` would count, and multiply the count at each load.
            let mut rows = turned.iter();
            for Eight(weight) in values {
                let Some(Quad(row)) = rows.next() else { break };
                let weight = [L::floats(&weight[0]), L::floats(&weight[1])];
                for (sum, &value) in sums.iter_mut().zip(row) {
                    let value = L::splat(value);
                    sum[0] = L::add(sum[0], L::mul(value, weight[0]));
                    sum[1] = L::add(sum[1], L::mul(value, weight[1]));
                }
            }
            each(sums, quad, tile);
        }
    }
}

/// Rows of bytes, less `zero`, times packed shorts. `rows` and the target must have whole rows.
pub fn bytes<L: Dots>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    weights: &Packed,
    finish: Finish,
    target: Target,
) {
    let columns = weights.columns;
    let floats = |sums: [[L::Whole; 2]; ROWS]| sums.map(|sums| sums.map(|sum| L::whole(sum)));
    match target {
        Target::Floats(to) => tiles_of_bytes::<L>(rows, signed, zero, weights, |sums, quad, tile| {
            put(to, quad, tile, columns, finish.after::<L>(floats(sums), tile), put_floats::<L>);
        }),
        Target::Bytes(to, steps) => tiles_of_bytes::<L>(rows, signed, zero, weights, |sums, quad, tile| {
            let put_bytes = |row, to: &mut [u8; COLUMNS]| put_steps::<L>(row, steps, to);
            put(to, quad, tile, columns, finish.after::<L>(floats(sums), tile), put_bytes);
        }),
        Target::Whole(to) => tiles_of_bytes::<L>(rows, signed, zero, weights, |sums, quad, tile| {
            put(to, quad, tile, columns, sums, put_whole::<L>);
        }),
    }
}

#[inline(always)]
fn tiles_of_bytes<L: Dots>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    weights: &Packed,
    mut each: impl FnMut([[L::Whole; 2]; ROWS], usize, usize),
) {
    let terms = weights.terms;
    let values = match &weights.values {
        Values::Floats(_) => return,
        Values::Shorts(values) => values,
        #[cfg(any(test, target_feature = "relaxed-simd"))]
        Values::Quads(quads) => return super::quads::tiles::<L>(rows, terms, signed, zero, quads, each),
    };
    let pairs = terms.div_ceil(2);
    let mut turned = vec![Quad([[0i16; 2]; ROWS]); pairs.next_multiple_of(4)];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn_bytes::<L>(rows, terms, signed, zero, &mut turned);
        for (tile, values) in values.chunks_exact(pairs.max(1)).enumerate() {
            let mut sums = [[L::nothing(); 2]; ROWS];
            let mut rows = turned.iter();
            for Eight(weight) in values {
                let Some(Quad(row)) = rows.next() else { break };
                let weight = [L::shorts(&weight[0]), L::shorts(&weight[1])];
                for (sum, value) in sums.iter_mut().zip(row) {
                    let value = L::pair(value);
                    sum[0] = L::dot(sum[0], value, weight[0]);
                    sum[1] = L::dot(sum[1], value, weight[1]);
                }
            }
            each(sums, quad, tile);
        }
    }
}

impl Finish<'_> {
    #[inline(always)]
    fn after<L: Lanes>(&self, sums: [[L::Floats; 2]; ROWS], tile: usize) -> [[L::Floats; 2]; ROWS] {
        let mut values = sums;
        if let Some(scale) = self.scale {
            let scale = scale.at::<L>(tile);
            values = values.map(|row| [L::mul(row[0], scale[0]), L::mul(row[1], scale[1])]);
        }
        if let Some(bias) = self.bias {
            let bias = bias.at::<L>(tile);
            values = values.map(|row| [L::add(row[0], bias[0]), L::add(row[1], bias[1])]);
        }
        if self.relu {
            values = values.map(|row| row.map(|value| L::at_least(value, L::splat(0.0))));
        }
        values
    }
}

/// Writes a tile's rows; what lies beyond the last row or column belongs to nobody.
#[inline(always)]
fn put<T: Copy + Default, V: Copy>(
    to: &mut [T],
    quad: usize,
    tile: usize,
    columns: usize,
    values: [V; ROWS],
    write: impl Fn(V, &mut [T; COLUMNS]),
) {
    let (first, start) = (quad * ROWS * columns, tile * COLUMNS);
    for (row, values) in values.into_iter().enumerate() {
        let at = first + row * columns + start;
        if start + COLUMNS <= columns {
            if let Some(to) = to.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
                write(values, to);
            }
        } else if let Some(to) = to.get_mut(at..at - start + columns) {
            let mut whole = [T::default(); COLUMNS];
            write(values, &mut whole);
            to.iter_mut().zip(whole).for_each(|(to, value)| *to = value);
        }
    }
}

#[inline(always)]
fn put_floats<L: Lanes>(row: [L::Floats; 2], to: &mut [f32; COLUMNS]) {
    if let ([low, high], _) = to.as_chunks_mut::<4>() {
        L::put(row[0], low);
        L::put(row[1], high);
    }
}

#[inline(always)]
fn put_whole<L: Lanes>(row: [L::Whole; 2], to: &mut [i32; COLUMNS]) {
    if let ([low, high], _) = to.as_chunks_mut::<4>() {
        L::put_whole(row[0], low);
        L::put_whole(row[1], high);
    }
}

#[inline(always)]
fn put_steps<L: Lanes>(row: [L::Floats; 2], steps: Steps, to: &mut [u8; COLUMNS]) {
    L::put_bytes(row.map(|value| stepped::<L>(value, steps)), steps.signed, to);
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
fn turn_floats<L: Lanes>(rows: &[f32], terms: usize, turned: &mut [Quad<f32>]) {
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
            L::put(vector, &mut to.0);
        }
    }
}

/// The same for bytes, pair of terms by pair of terms; what is missing is zero after the shift.
fn turn_bytes<L: Lanes>(rows: &[u8], terms: usize, signed: bool, zero: i32, turned: &mut [Quad<[i16; 2]>]) {
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
            L::put_pairs(vector, &mut to.0);
        }
    }
}
