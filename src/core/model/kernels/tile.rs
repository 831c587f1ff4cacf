//! The sizes of the tiles in which matrices are multiplied, and their parts, aligned for loads.
//! Kernels and packed weights agree on them: both read these constants.

/// Rows of a tile of bytes.
pub const ROWS: usize = 4;
/// Columns of a tile: two vectors of four.
pub const COLUMNS: usize = 8;
/// Columns of half a tile, the most that f32 are multiplied by at a time.
pub const HALF: usize = 4;

/// Eight columns: two vectors, aligned so that no load crosses a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(32))]
pub struct Tile8<T, const LANES: usize>(pub [[T; LANES]; 2]);

/// A pair of terms of four rows, or a term of four columns.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(16))]
pub struct Tile4<T>(pub [T; 4]);
