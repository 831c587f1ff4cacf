//! Products of rows of bytes and weights of int8, four terms at a time: the relaxed-simd build alone.
//! Relaxed SIMD leaves open whether the host takes the bytes of a row as signed. A probe finds out at which of
//! the two the host's products are exact; weights are only packed like this where there is one.

use super::lanes::{Lanes, Portable};
use super::tile::{COLUMNS, ROWS, Tile4, Tile8};

/// Weights `[terms, columns]` of int8: tile by tile of eight columns, four terms of each together.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot4Weights {
    pub values: Box<[Tile8<i8, 16>]>,
    /// Sum of each column.
    sums: Box<[Tile8<i32, 4>]>,
    pub signedness: DotSignedness,
}

/// How a host's dot product takes the bytes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DotSignedness {
    /// As 0 to 255: x86.
    Unsigned,
    /// As -128 to 127: ARM.
    Signed,
}

/// Largest weight whose products are exact either way; with -128 a sum of two products may overflow.
pub const MAX_WEIGHT: i8 = 127;

/// Sums of a tile: four rows, two vectors of four columns.
type Sums<L> = [[<L as Lanes>::I32; 2]; ROWS];

/// Products of bytes, four at once.
pub trait Dot4: Lanes {
    /// `start + Σ weights · values`, where the host takes values with this sign.
    fn tile(
        values: &[Tile4<[u8; 4]>],
        weights: &[Tile8<i8, 16>],
        start: &[[i32; 4]; 2],
        signedness: DotSignedness,
    ) -> Sums<Self>;
}

impl Dot4 for Portable {
    fn tile(
        values: &[Tile4<[u8; 4]>],
        weights: &[Tile8<i8, 16>],
        start: &[[i32; 4]; 2],
        signedness: DotSignedness,
    ) -> Sums<Portable> {
        let mut sums = [*start; ROWS];
        for (Tile4(rows), Tile8(weights)) in values.iter().zip(weights) {
            for (sums, row) in sums.iter_mut().zip(rows) {
                for (sums, weights) in sums.iter_mut().zip(weights) {
                    for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<4>().0) {
                        let product = |(&weight, &byte)| i32::from(weight) * signedness.number(byte);
                        *sum = weights.iter().zip(row).map(product).fold(*sum, i32::wrapping_add);
                    }
                }
            }
        }
        sums
    }
}

#[cfg(target_feature = "simd128")]
impl Dot4 for super::lanes::Simd {
    #[inline(always)]
    fn tile(
        values: &[Tile4<[u8; 4]>],
        weights: &[Tile8<i8, 16>],
        start: &[[i32; 4]; 2],
        signedness: DotSignedness,
    ) -> Sums<Self> {
        #[cfg(feature = "relaxed")]
        {
            let _ = signedness;
            relaxed(values, weights, start)
        }
        // For tests of the plain artefact, which packs no such weights.
        #[cfg(not(feature = "relaxed"))]
        Portable::tile(values, weights, start, signedness).map(|row| row.map(Self::from_i32))
    }
}

/// The one function that asks for relaxed SIMD. LLVM then makes every minimum and maximum of the module a
/// relaxed one, which may answer NaN where an ordinary one passes it over: pkg/build/module.sh puts the
/// ordinary ones back.
#[cfg(all(target_feature = "simd128", feature = "relaxed"))]
#[target_feature(enable = "relaxed-simd")]
fn relaxed(
    values: &[Tile4<[u8; 4]>],
    weights: &[Tile8<i8, 16>],
    start: &[[i32; 4]; 2],
) -> Sums<super::lanes::Simd> {
    use super::lanes::Simd;
    use core::arch::wasm32::i32x4_relaxed_dot_i8x16_i7x16_add as dots;
    let mut sums = [[Simd::from_i32(start[0]), Simd::from_i32(start[1])]; ROWS];
    let mut values = values.iter();
    for Tile8([low, high]) in weights {
        let Some(Tile4(rows)) = values.next() else { break };
        let (low, high) = (Simd::load_i8x16(low), Simd::load_i8x16(high));
        for (sum, row) in sums.iter_mut().zip(rows) {
            let row = Simd::splat_bytes(row);
            *sum = [dots(low, row, sum[0]), dots(high, row, sum[1])];
        }
    }
    sums
}

impl DotSignedness {
    #[cfg_attr(all(feature = "relaxed", target_feature = "simd128", not(test)), allow(dead_code))]
    fn number(self, byte: u8) -> i32 {
        match self {
            DotSignedness::Unsigned => i32::from(byte),
            DotSignedness::Signed => i32::from(byte as i8),
        }
    }

    /// The bit to flip in each byte of a row, and how much that adds to its number.
    fn flip(self, signed: bool) -> (u8, i32) {
        match (self, signed) {
            (DotSignedness::Unsigned, false) | (DotSignedness::Signed, true) => (0, 0),
            (DotSignedness::Unsigned, true) => (0x80, 128),
            (DotSignedness::Signed, false) => (0x80, -128),
        }
    }

    /// The signedness at which this host multiplies exactly: a product of the extremes of both factors, next
    /// to each other in every way, comes out as computed one by one. Hosts that add pairs up in 16 bits have
    /// none (x86 without VNNI): weights small enough for them would be slower than pairs of i16.
    pub fn of_host<L: Dot4>() -> Option<DotSignedness> {
        let rows = probe_rows();
        [DotSignedness::Unsigned, DotSignedness::Signed].into_iter().find(|&signedness| {
            let weights = Dot4Weights::pack(PROBE_TERMS, PROBE_COLUMNS, signedness, probe_weight);
            let quantizations = [(false, 0), (false, 77), (true, -128), (true, 3)];
            quantizations.into_iter().all(|(signed, zero)| is_exact::<L>(&rows, signed, zero, &weights))
        })
    }
}

const PROBE_TERMS: usize = 35;
const PROBE_COLUMNS: usize = 11;

fn probe_weight(term: usize, column: usize) -> i8 {
    match (term + column * 3) % 5 {
        0 | 3 => MAX_WEIGHT,
        1 => -MAX_WEIGHT,
        2 => (term * 7 % 64) as i8,
        _ if column.is_multiple_of(2) => MAX_WEIGHT,
        _ => -MAX_WEIGHT,
    }
}

/// Eight rows of extremes among other bytes, then rows of one extreme alone: in those no neighbour makes up for
/// an overflow.
fn probe_rows() -> Vec<u8> {
    let mixed = (0..8 * PROBE_TERMS).map(|at| match (at * 5 / 3) % 7 {
        0 | 1 | 4 => 255,
        2 => 128,
        3 => 127,
        5 => 0,
        _ => (at * 37 % 256) as u8,
    });
    mixed.chain([255; 4 * PROBE_TERMS]).chain([128; 4 * PROBE_TERMS]).collect()
}

/// Whether the host's products of the probe are those that are computed one by one.
fn is_exact<L: Dot4>(rows: &[u8], signed: bool, zero: i32, weights: &Dot4Weights) -> bool {
    let number = |byte: u8| if signed { i32::from(byte as i8) } else { i32::from(byte) };
    let mut exact = true;
    // The compiler must not compute the probe itself.
    let weights = std::hint::black_box(weights);
    tiles::<L>(rows, PROBE_TERMS, signed, zero, weights, |sums, group, tile| {
        for (row, sums) in sums.into_iter().enumerate() {
            let mut got = [[0; 4]; 2];
            L::store_i32(sums[0], &mut got[0]);
            L::store_i32(sums[1], &mut got[1]);
            let values = rows.get((group * ROWS + row) * PROBE_TERMS..).unwrap_or_default();
            for (lane, &sum) in got.as_flattened().iter().enumerate() {
                let column = tile * COLUMNS + lane;
                let product = |(term, &byte): (usize, &u8)| {
                    (number(byte) - zero) * i32::from(probe_weight(term, column))
                };
                let expected: i32 = values.iter().take(PROBE_TERMS).enumerate().map(product).sum();
                exact &= column >= PROBE_COLUMNS || sum == expected;
            }
        }
    });
    exact
}

impl Dot4Weights {
    /// Packs weights, if this host multiplies them exactly.
    pub fn of<L: Dot4>(
        terms: usize,
        columns: usize,
        at: impl Fn(usize, usize) -> i16,
    ) -> Option<Dot4Weights> {
        let largest = MAX_WEIGHT.unsigned_abs().into();
        let places = || (0..terms).flat_map(|term| (0..columns).map(move |column| (term, column)));
        if !places().all(|(term, column)| at(term, column).unsigned_abs() <= largest) {
            return None;
        }
        let signedness = DotSignedness::of_host::<L>()?;
        Some(Dot4Weights::pack(terms, columns, signedness, |term, column| at(term, column) as i8))
    }

    /// Packs weights for a signedness; `at(term, column)` gives them.
    pub fn pack(
        terms: usize,
        columns: usize,
        signedness: DotSignedness,
        at: impl Fn(usize, usize) -> i8,
    ) -> Dot4Weights {
        let at =
            |term: usize, column: usize| if term < terms && column < columns { at(term, column) } else { 0 };
        let tiles = columns.div_ceil(COLUMNS);
        let group = |tile: usize, group: usize| {
            let weight =
                |half: usize, lane: usize| at(group * 4 + lane % 4, tile * COLUMNS + half * 4 + lane / 4);
            Tile8([0, 1].map(|half| std::array::from_fn(|lane| weight(half, lane))))
        };
        let groups = terms.div_ceil(4);
        let sum = |column: usize| (0..terms).map(|term| i32::from(at(term, column))).sum();
        let sums = |tile: usize| {
            Tile8([0, 1].map(|half| std::array::from_fn(|lane| sum(tile * COLUMNS + half * 4 + lane))))
        };
        Dot4Weights {
            values: (0..tiles)
                .flat_map(|tile| (0..groups).map(move |at| (tile, at)))
                .map(|(t, g)| group(t, g))
                .collect(),
            sums: (0..tiles).map(sums).collect(),
            signedness,
        }
    }
}

/// Sums of rows times weights, tile by tile, for [`super::byte_product`] to finish. `rows` must have whole rows.
#[inline(always)]
pub fn tiles<L: Dot4>(
    rows: &[u8],
    terms: usize,
    signed: bool,
    zero: i32,
    weights: &Dot4Weights,
    mut each: impl FnMut([[L::I32; 2]; ROWS], usize, usize),
) {
    let groups = terms.div_ceil(4);
    let (flip, shift) = weights.signedness.flip(signed);
    // Σ (value - zero) · weight = Σ byte · weight - (zero + shift) · Σ weight: the sums start there.
    let less = |sum: i32| sum.wrapping_mul(zero.wrapping_add(shift)).wrapping_neg();
    let starts: Vec<[[i32; 4]; 2]> =
        weights.sums.iter().map(|Tile8(sums)| sums.map(|half| half.map(less))).collect();
    let mut transposed = vec![Tile4([[0u8; 4]; ROWS]); groups];
    for (group, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        for (row, bytes) in rows.chunks(terms.max(1)).enumerate() {
            for (Tile4(to), four) in transposed.iter_mut().zip(bytes.chunks(4)) {
                let Some(to) = to.get_mut(row) else { continue };
                match four.first_chunk::<4>() {
                    Some(four) => *to = four.map(|byte| byte ^ flip),
                    None => to.iter_mut().zip(four).for_each(|(to, byte)| *to = byte ^ flip),
                }
            }
        }
        for ((tile, values), start) in weights.values.chunks_exact(groups.max(1)).enumerate().zip(&starts) {
            let sums = L::tile(&transposed, values, start, weights.signedness);
            each(sums, group, tile);
        }
    }
}
