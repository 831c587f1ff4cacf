//! In: a layer's constants. Out: the same in the order in which tiles read them, aligned for loads.
//! [`Packed`] holds the weights, [`Columns`] a number for each column.
//! Must never be made again at a run, but for matrices that only a run knows.

use super::lanes::Lanes;
#[cfg(any(test, feature = "relaxed"))]
use super::quads::Quads;

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: two vectors of four.
pub const COLUMNS: usize = 8;
/// Columns of half a tile, the most that f32 are multiplied by at a time.
pub const HALF: usize = 4;
/// Most terms of a sum of products of bytes: `2^15 · 255 · 255` is below 2^31.
pub const MOST_TERMS: usize = 1 << 15;

/// A matrix `[terms, columns]` in the order in which tiles read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    pub terms: usize,
    pub columns: usize,
    pub(super) values: Values,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Half a tile by half a tile; within, term by term.
    Floats(Box<[Quad<f32>]>),
    /// Tile by tile; within, pair of terms by pair of terms.
    Shorts(Box<[Eight<i16, 8>]>),
    /// Bytes, four terms together.
    #[cfg(any(test, feature = "relaxed"))]
    Quads(Quads),
}

/// Two vectors, where no load crosses a line of the cache.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(32))]
pub(super) struct Eight<T, const LANES: usize>(pub [[T; LANES]; 2]);

/// A pair of terms of four rows, or a term of four columns.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(16))]
pub(super) struct Quad<T>(pub [T; ROWS]);

impl Packed {
    /// Values that packing makes of so many terms and columns.
    pub fn volume(terms: usize, columns: usize) -> u64 {
        (terms as u64 + 1).saturating_mul(columns.next_multiple_of(COLUMNS) as u64)
    }

    /// Packs a matrix of f32.
    pub fn floats(terms: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Packed {
        let value = |term: usize, column: usize| if column < columns { at(term, column) } else { 0.0 };
        let four = |start: usize, term: usize| [0, 1, 2, 3].map(|lane| value(term, start + lane));
        let values = (0..columns).step_by(HALF).flat_map(|start| (0..terms).map(move |term| (start, term)));
        let values = values.map(|(start, term)| Quad(four(start, term)));
        Packed { terms, columns, values: Values::Floats(values.collect()) }
    }

    /// Packs a row-major matrix of f32, quickly enough to do it at each run.
    pub fn rows(terms: usize, columns: usize, values: &[f32]) -> Packed {
        let mut packed = vec![Quad([0f32; 4]); columns.div_ceil(HALF) * terms];
        for (term, row) in values.chunks_exact(columns.max(1)).take(terms).enumerate() {
            for (tile, part) in row.chunks(HALF).enumerate() {
                let Some(Quad(to)) = packed.get_mut(tile * terms + term) else { continue };
                match part.first_chunk() {
                    Some(part) => *to = *part,
                    None => to.iter_mut().zip(part).for_each(|(to, &value)| *to = value),
                }
            }
        }
        Packed { terms, columns, values: Values::Floats(packed.into()) }
    }

    /// Packs a matrix of differences of bytes, -255 to 255, of at most [`MOST_TERMS`] terms, in the
    /// form that this host multiplies fastest.
    pub fn bytes(terms: usize, columns: usize, at: impl Fn(usize, usize) -> i16) -> Packed {
        #[cfg(feature = "relaxed")]
        if let Some(quads) = Quads::of::<super::lanes::Native>(terms, columns, &at) {
            return Packed { terms, columns, values: Values::Quads(quads) };
        }
        Packed::shorts(terms, columns, at)
    }

    /// The same as shorts, which every host multiplies exactly.
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
            places.map(|vectors| Eight(vectors.map(|lanes| lanes.map(|(term, column)| value(term, column)))));
        Packed { terms, columns, values: Values::Shorts(values.collect()) }
    }

    /// The same from weights that [`Quads`] packed.
    #[cfg(test)]
    pub fn quads(terms: usize, columns: usize, quads: Quads) -> Packed {
        Packed { terms, columns, values: Values::Quads(quads) }
    }

    /// Whether it multiplies bytes.
    pub fn is_whole(&self) -> bool {
        !matches!(self.values, Values::Floats(_))
    }
}

/// A number for each column, tile by tile of eight, zeros beyond the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns(Box<[Eight<f32, 4>]>);

impl Columns {
    /// Of any numbers.
    pub fn of(values: impl ExactSizeIterator<Item = f32>) -> Columns {
        let mut tiles = vec![Eight([[0.0; 4]; 2]); values.len().div_ceil(COLUMNS)];
        let to = tiles.iter_mut().flat_map(|tile| tile.0.as_flattened_mut());
        to.zip(values).for_each(|(to, value)| *to = value);
        Columns(tiles.into())
    }

    /// Each times a factor.
    pub fn times(&self, factor: f32) -> Columns {
        let scaled = |tile: &Eight<f32, 4>| Eight(tile.0.map(|half| half.map(|value| factor * value)));
        Columns(self.0.iter().map(scaled).collect())
    }

    /// Those of half a tile.
    #[inline(always)]
    pub(super) fn four(&self, half: usize) -> [f32; HALF] {
        self.0.get(half / 2).map_or([0.0; HALF], |Eight(values)| values[half % 2])
    }

    #[inline(always)]
    pub(super) fn at<L: Lanes>(&self, tile: usize) -> [L::Floats; 2] {
        self.0
            .get(tile)
            .map_or([L::splat(0.0); 2], |Eight(values)| [L::floats(&values[0]), L::floats(&values[1])])
    }
}
