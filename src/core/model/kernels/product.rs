//! In: rows of bytes, and weights packed once. Out: their products, finished as asked.
//! A tile is four rows by eight columns; what follows the product (scale, bias, ReLU, bytes) is
//! done while the tile is in registers. Must never read behind a row: tails are padded with zeros.

#[cfg(not(any(test, feature = "relaxed")))]
use super::lanes::Lanes as Dots;
use super::lanes::{Lanes, Steps};
use super::packed::{COLUMNS, Columns, Eight, Packed, Quad, ROWS, Values};
#[cfg(any(test, feature = "relaxed"))]
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
            put(to, quad, tile, columns, finish.after::<L, ROWS>(floats(sums), tile), put_floats::<L>);
        }),
        Target::Bytes(to, steps) => tiles_of_bytes::<L>(rows, signed, zero, weights, |sums, quad, tile| {
            let put_bytes = |row, to: &mut [u8; COLUMNS]| put_steps::<L>(row, steps, to);
            put(to, quad, tile, columns, finish.after::<L, ROWS>(floats(sums), tile), put_bytes);
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
        #[cfg(any(test, feature = "relaxed"))]
        Values::Quads(quads) => return super::quads::tiles::<L>(rows, terms, signed, zero, quads, each),
    };
    let pairs = terms.div_ceil(2);
    let mut turned = vec![Quad([[0i16; 2]; ROWS]); pairs.next_multiple_of(4)];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        turn_bytes::<L>(rows, terms, signed, zero, &mut turned);
        for (tile, values) in values.chunks_exact(pairs.max(1)).enumerate() {
            let sums = match weights.columns {
                1 => narrow_bytes::<L, 1>(&turned, values),
                2 => narrow_bytes::<L, 2>(&turned, values),
                3 => narrow_bytes::<L, 3>(&turned, values),
                _ => wide_bytes::<L>(&turned, values),
            };
            each(sums, quad, tile);
        }
    }
}

#[inline(always)]
fn wide_bytes<L: Lanes>(turned: &[Quad<[i16; 2]>], values: &[Eight<i16, 8>]) -> [[L::Whole; 2]; ROWS] {
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
    sums
}

/// The same of up to three columns: a vector holds four rows, not four columns of which most are none.
#[inline(always)]
fn narrow_bytes<L: Lanes, const N: usize>(
    turned: &[Quad<[i16; 2]>],
    values: &[Eight<i16, 8>],
) -> [[L::Whole; 2]; ROWS] {
    let mut columns = [L::nothing(); 4];
    let mut rows = turned.iter();
    for Eight([weights, _]) in values {
        let Some(Quad(row)) = rows.next() else { break };
        let row = L::pairs(row);
        for (sum, weight) in columns.iter_mut().zip(weights.as_chunks::<2>().0).take(N) {
            *sum = L::dot(*sum, row, L::pair(weight));
        }
    }
    L::turn_whole(columns).map(|row| [row, L::nothing()])
}

impl Finish<'_> {
    #[inline(always)]
    pub(super) fn after<L: Lanes, const N: usize>(
        &self,
        sums: [[L::Floats; 2]; N],
        tile: usize,
    ) -> [[L::Floats; 2]; N] {
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
pub(super) fn put<T: Copy + Default, V: Copy, const N: usize>(
    to: &mut [T],
    group: usize,
    tile: usize,
    columns: usize,
    values: [V; N],
    write: impl Fn(V, &mut [T; COLUMNS]),
) {
    let (first, start) = (group * N * columns, tile * COLUMNS);
    for (row, values) in values.into_iter().enumerate() {
        let at = first + row * columns + start;
        if start + COLUMNS <= columns {
            if let Some(to) = to.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
                write(values, to);
            }
        } else if let Some(to) = to.get_mut(at..at - start + columns) {
            let mut whole = [T::default(); COLUMNS];
            write(values, &mut whole);
            // One by one where they are few: as a loop it is a call of memcpy, which takes longer than the copy.
            match (to, whole) {
                ([a], [x, ..]) => *a = x,
                ([a, b], [x, y, ..]) => (*a, *b) = (x, y),
                ([a, b, c], [x, y, z, ..]) => (*a, *b, *c) = (x, y, z),
                (to, whole) => to.iter_mut().zip(whole).for_each(|(to, value)| *to = value),
            }
        }
    }
}

#[inline(always)]
pub(super) fn put_floats<L: Lanes>(row: [L::Floats; 2], to: &mut [f32; COLUMNS]) {
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
pub(super) fn put_steps<L: Lanes>(row: [L::Floats; 2], steps: Steps, to: &mut [u8; COLUMNS]) {
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

/// Up to four rows, pair of terms by pair of terms; what is missing is zero after the shift.
fn turn_bytes<L: Lanes>(rows: &[u8], terms: usize, signed: bool, zero: i32, turned: &mut [Quad<[i16; 2]>]) {
    let rows = four(rows, terms);
    let chunks = rows.map(|row| row.as_chunks::<8>());
    let [a, b, c, d] = chunks.map(|(whole, _)| whole.iter());
    let (blocks, _) = turned.as_chunks_mut::<4>();
    let mut blocks = blocks.iter_mut();
    for (((a, b), c), d) in a.zip(b).zip(c).zip(d) {
        let Some(to) = blocks.next() else { return };
        let turned = L::turn_shorts([a, b, c, d].map(|eight| L::widen(eight, signed, zero)));
        turned.into_iter().zip(to).for_each(|(vector, to)| L::put_pairs(vector, &mut to.0));
    }
    let done = chunks.iter().map(|(whole, _)| whole.len()).min().unwrap_or_default() * 4;
    let number = |byte: &u8| {
        (if signed { i16::from(*byte as i8) } else { i16::from(*byte) }).wrapping_sub(zero as i16)
    };
    for (pair, Quad(to)) in turned.iter_mut().enumerate().skip(done) {
        *to = rows.map(|row| [2 * pair, 2 * pair + 1].map(|term| row.get(term).map_or(0, number)));
    }
}

/// Four rows of so many terms; those that are missing are empty.
fn four<T>(rows: &[T], terms: usize) -> [&[T]; ROWS] {
    [0, 1, 2, 3].map(|index| rows.get(index * terms..(index + 1) * terms).unwrap_or_default())
}
