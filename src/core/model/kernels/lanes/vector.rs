//! The operations on vectors of 128 bits that the kernels are written in; one wasm instruction each, or a few.
//! No operation fuses a product with a sum: that would round once where other hosts round twice, and the same
//! list would get other scores there.

/// Adding it rounds an f32 of magnitude below 2^22 to an integer, halves to even: 1.5 · 2^23.
pub(super) const ROUNDER: f32 = 12_582_912.0;
pub(super) const ROUNDER_BITS: i32 = 0x4B40_0000;

/// Four lanes of 32 bits or eight of 16.
pub trait Lanes {
    /// Four f32.
    type F32: Copy;
    /// Four i32.
    type I32: Copy;
    /// Eight i16.
    type I16: Copy;

    fn load(from: &[f32; 4]) -> Self::F32;
    fn splat(from: f32) -> Self::F32;
    fn add(a: Self::F32, b: Self::F32) -> Self::F32;
    fn mul(a: Self::F32, b: Self::F32) -> Self::F32;
    /// The larger; `low` where `a` is NaN.
    fn at_least(a: Self::F32, low: Self::F32) -> Self::F32;
    /// The smaller; `high` where `a` is NaN.
    fn at_most(a: Self::F32, high: Self::F32) -> Self::F32;
    fn store(from: Self::F32, to: &mut [f32; 4]);

    /// Whether all lie in `-bound..=bound`; NaN does not.
    fn all_within(from: Self::F32, bound: f32) -> bool;
    /// Eight int8 as f32.
    fn load_i8(from: &[u8; 8]) -> [Self::F32; 2];

    fn zeros_i32() -> Self::I32;
    /// 2 to a power of -126 to 127.
    fn power_of_two(power: Self::I32) -> Self::F32;
    fn to_f32(from: Self::I32) -> Self::F32;
    /// Rounds floats of magnitude below 2^22, halves to even, and adds `offset`.
    fn round(from: Self::F32, offset: i32) -> Self::I32;
    fn store_i32(from: Self::I32, to: &mut [i32; 4]);
    /// The low bytes of eight integers, which lie in the range of a byte.
    fn store_bytes(from: [Self::I32; 2], signed: bool, to: &mut [u8; 8]);

    fn load_i16(from: &[i16; 8]) -> Self::I16;
    /// One pair four times.
    fn splat_pair(from: &[i16; 2]) -> Self::I16;
    /// `sum[i] + a[2i] · b[2i] + a[2i + 1] · b[2i + 1]`.
    fn dot_add(sum: Self::I32, a: Self::I16, b: Self::I16) -> Self::I32;
    /// Eight bytes less `zero`.
    fn load_bytes(from: &[u8; 8], signed: bool, zero: i32) -> Self::I16;
    /// Lane `j` of vector `i` to lane `i` of vector `j`; a pair of i16 is a lane.
    fn transpose_pairs(from: [Self::I16; 4]) -> [Self::I16; 4];
    fn store_pairs(from: Self::I16, to: &mut [[i16; 2]; 4]);
    /// Four pairs.
    fn load_pairs(from: &[[i16; 2]; 4]) -> Self::I16;
    /// Lane `j` of vector `i` to lane `i` of vector `j`.
    fn transpose(from: [Self::F32; 4]) -> [Self::F32; 4];
    /// Lane `j` of vector `i` to lane `i` of vector `j`.
    fn transpose_i32(from: [Self::I32; 4]) -> [Self::I32; 4];
}
