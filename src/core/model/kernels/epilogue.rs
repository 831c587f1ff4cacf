//! What follows a product while its tile is still in registers: scale, bias, ReLU, then f32, bytes or i32.
//! Tiles may reach beyond the matrix, so that what lies beyond its last row or column is dropped here.

use super::lanes::Lanes;
use super::packed::Columns;
use super::quant_params::QuantParams;
use super::tile::COLUMNS;

/// What happens to each sum before it is written, in this order.
#[derive(Debug, Clone, Copy)]
pub struct Epilogue<'a> {
    /// Factor of each column. Sums of products of bytes need it, sums of f32 have none.
    pub scale: Option<&'a Columns>,
    /// Addend of each column.
    pub bias: Option<&'a Columns>,
    /// Negative values become 0.
    pub relu: bool,
}

/// Where results go, row-major.
#[derive(Debug)]
pub enum Output<'a> {
    F32(&'a mut [f32]),
    Bytes(&'a mut [u8], QuantParams),
    /// The sums themselves, without an epilogue; only of products of bytes.
    I32(&'a mut [i32]),
}

impl Epilogue<'_> {
    /// Applies it to `N` rows of a tile.
    #[inline(always)]
    pub(super) fn apply<L: Lanes, const N: usize>(
        &self,
        sums: [[L::F32; 2]; N],
        tile: usize,
    ) -> [[L::F32; 2]; N] {
        let mut values = sums;
        if let Some(scale) = self.scale {
            let scale = scale.eight::<L>(tile);
            values = values.map(|row| [L::mul(row[0], scale[0]), L::mul(row[1], scale[1])]);
        }
        if let Some(bias) = self.bias {
            let bias = bias.eight::<L>(tile);
            values = values.map(|row| [L::add(row[0], bias[0]), L::add(row[1], bias[1])]);
        }
        if self.relu {
            values = values.map(|row| row.map(|value| L::at_least(value, L::splat(0.0))));
        }
        values
    }
}

/// Writes the rows of a tile; `group` counts groups of `N` rows, `tile` groups of eight columns.
#[inline(always)]
pub(super) fn store_tile<T: Copy + Default, V: Copy, const N: usize>(
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
            // One by one where they are few: a loop becomes a call of memcpy, which takes longer than the copy.
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
pub(super) fn write_f32<L: Lanes>(row: [L::F32; 2], to: &mut [f32; COLUMNS]) {
    if let ([low, high], _) = to.as_chunks_mut::<4>() {
        L::store(row[0], low);
        L::store(row[1], high);
    }
}

#[inline(always)]
pub(super) fn write_i32<L: Lanes>(row: [L::I32; 2], to: &mut [i32; COLUMNS]) {
    if let ([low, high], _) = to.as_chunks_mut::<4>() {
        L::store_i32(row[0], low);
        L::store_i32(row[1], high);
    }
}

#[inline(always)]
pub(super) fn write_bytes<L: Lanes>(row: [L::F32; 2], params: QuantParams, to: &mut [u8; COLUMNS]) {
    L::store_bytes(row.map(|value| quantized::<L>(value, params)), params.signed, to);
}

/// `round(value / scale) + zero point`, halves to even, saturated; NaN counts as the largest.
#[inline(always)]
fn quantized<L: Lanes>(value: L::F32, params: QuantParams) -> L::I32 {
    let (low, high) = params.range();
    let (low, high) = ((low - params.zero_point) as f32, (high - params.zero_point) as f32);
    let scaled = L::mul(value, L::splat(params.inverse_scale));
    let inside = L::at_least(L::at_most(scaled, L::splat(high)), L::splat(low));
    L::round(inside, params.zero_point)
}
