//! A layer's constants in the order in which tiles read them: [`PackedWeights`], and [`Columns`] with a number
//! for each column. Packing is done once when a model is compiled; only a product of two matrices that are
//! both computed packs at each run.

#[cfg(any(test, feature = "relaxed"))]
use super::dot4::Dot4Weights;
use super::lanes::Lanes;
use super::tile::{COLUMNS, HALF, Tile4, Tile8};

/// Most terms of a sum of products of bytes: `2^15 · 255 · 255` is below 2^31.
pub const MAX_TERMS: usize = 1 << 15;

/// A matrix `[terms, columns]` in the order in which tiles read it.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedWeights {
    pub terms: usize,
    pub columns: usize,
    pub(super) values: Values,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Half a tile by half a tile; within, term by term.
    F32(Box<[Tile4<f32>]>),
    /// Tile by tile; within, pair of terms by pair of terms.
    I16(Box<[Tile8<i16, 8>]>),
    /// Bytes, four terms together.
    #[cfg(any(test, feature = "relaxed"))]
    Dot4(Dot4Weights),
}

impl PackedWeights {
    /// Numbers that packing so many terms and columns writes.
    pub fn volume(terms: usize, columns: usize) -> u64 {
        (terms as u64 + 1).saturating_mul(columns.next_multiple_of(COLUMNS) as u64)
    }

    /// Packs a matrix of f32; `at(term, column)` gives its elements.
    pub fn from_f32(terms: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> PackedWeights {
        let value = |term: usize, column: usize| if column < columns { at(term, column) } else { 0.0 };
        let four = |start: usize, term: usize| [0, 1, 2, 3].map(|lane| value(term, start + lane));
        let values = (0..columns).step_by(HALF).flat_map(|start| (0..terms).map(move |term| (start, term)));
        let values = values.map(|(start, term)| Tile4(four(start, term)));
        PackedWeights { terms, columns, values: Values::F32(values.collect()) }
    }

    /// Packs a row-major matrix of f32, quickly enough to do it at each run.
    pub fn from_f32_rows(terms: usize, columns: usize, values: &[f32]) -> PackedWeights {
        let mut packed = vec![Tile4([0f32; 4]); columns.div_ceil(HALF) * terms];
        for (term, row) in values.chunks_exact(columns.max(1)).take(terms).enumerate() {
            for (tile, part) in row.chunks(HALF).enumerate() {
                let Some(Tile4(to)) = packed.get_mut(tile * terms + term) else { continue };
                match part.first_chunk() {
                    Some(part) => *to = *part,
                    None => to.iter_mut().zip(part).for_each(|(to, &value)| *to = value),
                }
            }
        }
        PackedWeights { terms, columns, values: Values::F32(packed.into()) }
    }

    /// Packs a matrix of differences of bytes, -255 to 255, of at most [`MAX_TERMS`] terms, in the
    /// form that this host multiplies fastest.
    pub fn from_bytes(terms: usize, columns: usize, at: impl Fn(usize, usize) -> i16) -> PackedWeights {
        #[cfg(feature = "relaxed")]
        if let Some(weights) = Dot4Weights::of::<super::lanes::Native>(terms, columns, &at) {
            return PackedWeights { terms, columns, values: Values::Dot4(weights) };
        }
        PackedWeights::from_i16(terms, columns, at)
    }

    /// The same as pairs of i16, which every host multiplies exactly.
    pub fn from_i16(terms: usize, columns: usize, at: impl Fn(usize, usize) -> i16) -> PackedWeights {
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
            places.map(|vectors| Tile8(vectors.map(|lanes| lanes.map(|(term, column)| value(term, column)))));
        PackedWeights { terms, columns, values: Values::I16(values.collect()) }
    }

    /// The same of weights that [`Dot4Weights`] packed.
    #[cfg(test)]
    pub fn from_dot4(terms: usize, columns: usize, weights: Dot4Weights) -> PackedWeights {
        PackedWeights { terms, columns, values: Values::Dot4(weights) }
    }

    /// Whether it multiplies bytes, not f32.
    pub fn takes_bytes(&self) -> bool {
        !matches!(self.values, Values::F32(_))
    }
}

/// A number for each column, tile by tile of eight, zeros beyond the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns(Box<[Tile8<f32, 4>]>);

impl Columns {
    /// Packs the numbers of the columns, in order.
    pub fn of(values: impl ExactSizeIterator<Item = f32>) -> Columns {
        let mut tiles = vec![Tile8([[0.0; 4]; 2]); values.len().div_ceil(COLUMNS)];
        let to = tiles.iter_mut().flat_map(|tile| tile.0.as_flattened_mut());
        to.zip(values).for_each(|(to, value)| *to = value);
        Columns(tiles.into())
    }

    /// Each times a factor.
    pub fn times(&self, factor: f32) -> Columns {
        let scaled = |tile: &Tile8<f32, 4>| Tile8(tile.0.map(|half| half.map(|value| factor * value)));
        Columns(self.0.iter().map(scaled).collect())
    }

    /// Those of half a tile.
    #[inline(always)]
    pub(super) fn four(&self, half: usize) -> [f32; HALF] {
        self.0.get(half / 2).map_or([0.0; HALF], |Tile8(values)| values[half % 2])
    }

    /// Those of a tile.
    #[inline(always)]
    pub(super) fn eight<L: Lanes>(&self, tile: usize) -> [L::F32; 2] {
        self.0
            .get(tile)
            .map_or([L::splat(0.0); 2], |Tile8(values)| [L::load(&values[0]), L::load(&values[1])])
    }
}
