//! In: rows of bytes and weights of int8, four terms at a time. Out: their exact whole products.
//! Only in the relaxed-simd artefact: its dot product may read bytes as it likes, so each reading
//! that is exact is found by a probe. Must never multiply what the probe of this host did not pass.

use super::lanes::{Lanes, Portable};
use super::packed::{COLUMNS, Eight, Quad, ROWS};

/// Weights `[terms, columns]` of int8: tile by tile of eight columns, four terms of each together.
#[derive(Debug, Clone, PartialEq)]
pub struct Quads {
    pub values: Box<[Eight<i8, 16>]>,
    /// Sum of each column.
    sums: Box<[Eight<i32, 4>]>,
    pub reading: Reading,
}

/// How a host reads the bytes that it multiplies with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As 0 to 255: x86.
    Unsigned,
    /// As -128 to 127: ARM.
    Signed,
}

/// Largest weight of int8 whose products no reading spoils; 128 would overflow where pairs add up.
pub const MOST: i8 = 127;

/// Sums of a tile: four rows, two vectors of four columns.
type Sums<L> = [[<L as Lanes>::Whole; 2]; ROWS];

/// Products of bytes, four at once.
pub trait Dots: Lanes {
    /// `start + Σ weights · values`, if the host reads values that way.
    fn tile(
        values: &[Quad<[u8; 4]>],
        weights: &[Eight<i8, 16>],
        start: &[[i32; 4]; 2],
        reading: Reading,
    ) -> Sums<Self>;
}

impl Dots for Portable {
    fn tile(
        values: &[Quad<[u8; 4]>],
        weights: &[Eight<i8, 16>],
        start: &[[i32; 4]; 2],
        reading: Reading,
    ) -> Sums<Portable> {
        let mut sums = [*start; ROWS];
        for (Quad(rows), Eight(weights)) in values.iter().zip(weights) {
            for (sums, row) in sums.iter_mut().zip(rows) {
                for (sums, weights) in sums.iter_mut().zip(weights) {
                    for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<4>().0) {
                        let product = |(&weight, &byte)| i32::from(weight) * reading.number(byte);
                        *sum = weights.iter().zip(row).map(product).fold(*sum, i32::wrapping_add);
                    }
                }
            }
        }
        sums
    }
}

#[cfg(target_feature = "simd128")]
impl Dots for super::lanes::Simd {
    #[inline(always)]
    fn tile(
        values: &[Quad<[u8; 4]>],
        weights: &[Eight<i8, 16>],
        start: &[[i32; 4]; 2],
        reading: Reading,
    ) -> Sums<Self> {
        #[cfg(feature = "relaxed")]
        {
            let _ = reading;
            relaxed(values, weights, start)
        }
        // For tests of the plain artefact, which packs no such weights.
        #[cfg(not(feature = "relaxed"))]
        Portable::tile(values, weights, start, reading).map(|row| row.map(Self::wholes))
    }
}

/// The one function that asks for relaxed SIMD. LLVM then makes every minimum and maximum of the module a
/// relaxed one, which may answer NaN where an ordinary one passes it over: tests/build/module.sh puts the
/// ordinary ones back.
#[cfg(all(target_feature = "simd128", feature = "relaxed"))]
#[target_feature(enable = "relaxed-simd")]
fn relaxed(
    values: &[Quad<[u8; 4]>],
    weights: &[Eight<i8, 16>],
    start: &[[i32; 4]; 2],
) -> Sums<super::lanes::Simd> {
    use super::lanes::Simd;
    use core::arch::wasm32::i32x4_relaxed_dot_i8x16_i7x16_add as dots;
    let mut sums = [[Simd::wholes(start[0]), Simd::wholes(start[1])]; ROWS];
    let mut values = values.iter();
    for Eight([low, high]) in weights {
        let Some(Quad(rows)) = values.next() else { break };
        let (low, high) = (Simd::bytes(low), Simd::bytes(high));
        for (sum, row) in sums.iter_mut().zip(rows) {
            let row = Simd::four(row);
            *sum = [dots(low, row, sum[0]), dots(high, row, sum[1])];
        }
    }
    sums
}

impl Reading {
    #[cfg_attr(all(feature = "relaxed", target_feature = "simd128", not(test)), allow(dead_code))]
    fn number(self, byte: u8) -> i32 {
        match self {
            Reading::Unsigned => i32::from(byte),
            Reading::Signed => i32::from(byte as i8),
        }
    }

    /// What is flipped of a byte of a row, and by how much that shifts its number.
    fn flip(self, signed: bool) -> (u8, i32) {
        match (self, signed) {
            (Reading::Unsigned, false) | (Reading::Signed, true) => (0, 0),
            (Reading::Unsigned, true) => (0x80, 128),
            (Reading::Signed, false) => (0x80, -128),
        }
    }

    /// The reading under which this host multiplies exactly: a product with the extremes of both
    /// factors, next to each other in every way, comes out as computed. Hosts that add pairs up in 16
    /// bits have none (x86 without VNNI): with weights that they could add they are slower than pairs.
    pub fn of_host<L: Dots>() -> Option<Reading> {
        [Reading::Unsigned, Reading::Signed].into_iter().find(|&reading| {
            let weight = |term: usize, column: usize| match (term + column * 3) % 5 {
                0 | 3 => MOST,
                1 => -MOST,
                2 => (term * 7 % 64) as i8,
                _ => {
                    if column.is_multiple_of(2) {
                        MOST
                    } else {
                        -MOST
                    }
                }
            };
            let (n, terms, columns) = (8, 35, 11);
            let rows: Vec<u8> = (0..n * terms)
                .map(|at| match (at * 5 / 3) % 7 {
                    0 | 1 | 4 => 255,
                    2 => 128,
                    3 => 127,
                    5 => 0,
                    _ => (at * 37 % 256) as u8,
                })
                .collect();
            let quads = Quads::pack(terms, columns, reading, weight);
            // Rows of one extreme alone, too: no neighbour makes up for an overflow there.
            let all: Vec<u8> =
                rows.into_iter().chain(vec![255; 4 * terms]).chain(vec![128; 4 * terms]).collect();
            [(false, 0), (false, 77), (true, -128), (true, 3)].into_iter().all(|(signed, zero)| {
                let mut exact = true;
                tiles::<L>(&all, terms, signed, zero, std::hint::black_box(&quads), |sums, quad, tile| {
                    for (row, sums) in sums.into_iter().enumerate() {
                        let mut whole = [[0; 4]; 2];
                        L::put_whole(sums[0], &mut whole[0]);
                        L::put_whole(sums[1], &mut whole[1]);
                        let values = all.get((quad * ROWS + row) * terms..).unwrap_or_default();
                        for (lane, &sum) in whole.as_flattened().iter().enumerate() {
                            let column = tile * COLUMNS + lane;
                            let number =
                                |byte: u8| if signed { i32::from(byte as i8) } else { i32::from(byte) };
                            let product = |(term, &byte): (usize, &u8)| {
                                (number(byte) - zero) * i32::from(weight(term, column))
                            };
                            let wanted: i32 = values.iter().take(terms).enumerate().map(product).sum();
                            exact &= column >= columns || sum == wanted;
                        }
                    }
                });
                exact
            })
        })
    }
}

impl Quads {
    /// Packs weights, if this host multiplies such exactly.
    pub fn of<L: Dots>(terms: usize, columns: usize, at: impl Fn(usize, usize) -> i16) -> Option<Quads> {
        let places = || (0..terms).flat_map(|term| (0..columns).map(move |column| (term, column)));
        if !places().all(|(term, column)| at(term, column).unsigned_abs() <= MOST.unsigned_abs().into()) {
            return None;
        }
        let reading = Reading::of_host::<L>()?;
        Some(Quads::pack(terms, columns, reading, |term, column| at(term, column) as i8))
    }

    pub fn pack(terms: usize, columns: usize, reading: Reading, at: impl Fn(usize, usize) -> i8) -> Quads {
        let at =
            |term: usize, column: usize| if term < terms && column < columns { at(term, column) } else { 0 };
        let tiles = columns.div_ceil(COLUMNS);
        let group = |tile: usize, group: usize| {
            let weight =
                |half: usize, lane: usize| at(group * 4 + lane % 4, tile * COLUMNS + half * 4 + lane / 4);
            Eight([0, 1].map(|half| std::array::from_fn(|lane| weight(half, lane))))
        };
        let groups = terms.div_ceil(4);
        let sum = |column: usize| (0..terms).map(|term| i32::from(at(term, column))).sum();
        let sums = |tile: usize| {
            Eight([0, 1].map(|half| std::array::from_fn(|lane| sum(tile * COLUMNS + half * 4 + lane))))
        };
        Quads {
            values: (0..tiles)
                .flat_map(|tile| (0..groups).map(move |at| (tile, at)))
                .map(|(t, g)| group(t, g))
                .collect(),
            sums: (0..tiles).map(sums).collect(),
            reading,
        }
    }
}

/// Sums of whole rows times weights, tile by tile, as [`super::product::bytes`] finishes them.
#[inline(always)]
pub fn tiles<L: Dots>(
    rows: &[u8],
    terms: usize,
    signed: bool,
    zero: i32,
    weights: &Quads,
    mut each: impl FnMut([[L::Whole; 2]; ROWS], usize, usize),
) {
    let groups = terms.div_ceil(4);
    let (flip, shift) = weights.reading.flip(signed);
    // Σ (value - zero) · weight = Σ byte · weight - (zero + shift) · Σ weight: the sums start there.
    let less = |sum: i32| sum.wrapping_mul(zero.wrapping_add(shift)).wrapping_neg();
    let starts: Vec<[[i32; 4]; 2]> =
        weights.sums.iter().map(|Eight(sums)| sums.map(|half| half.map(less))).collect();
    let mut turned = vec![Quad([[0u8; 4]; ROWS]); groups];
    for (quad, rows) in rows.chunks(ROWS * terms.max(1)).enumerate() {
        for (row, bytes) in rows.chunks(terms.max(1)).enumerate() {
            for (Quad(to), four) in turned.iter_mut().zip(bytes.chunks(4)) {
                let Some(to) = to.get_mut(row) else { continue };
                match four.first_chunk::<4>() {
                    Some(four) => *to = four.map(|byte| byte ^ flip),
                    None => to.iter_mut().zip(four).for_each(|(to, byte)| *to = byte ^ flip),
                }
            }
        }
        for ((tile, values), start) in weights.values.chunks_exact(groups.max(1)).enumerate().zip(&starts) {
            let sums = L::tile(&turned, values, start, weights.reading);
            each(sums, quad, tile);
        }
    }
}
