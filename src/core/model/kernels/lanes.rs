//! In: vectors of 128 bits. Out: what one instruction makes of them, on every host to the same bit.
//! [`Portable`] is the scalar twin of [`Simd`]; the kernels are written once, over either.
//! Must never fuse a product with a sum: that would round once where other hosts round twice.

mod portable;
#[cfg(target_feature = "simd128")]
#[allow(unsafe_code)]
mod simd;

#[cfg_attr(all(target_feature = "simd128", not(test)), allow(unused_imports))]
pub use portable::Portable;
#[cfg(target_feature = "simd128")]
pub use simd::Simd;

/// Adding it rounds an f32 of magnitude below 2^22 to a whole number, halves to even: 1.5 · 2^23.
const ROUNDER: f32 = 12_582_912.0;
const ROUNDER_BITS: i32 = 0x4B40_0000;

/// What bytes stand for: `value = (byte - zero) · scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// 1 / scale.
    pub inverse: f32,
    /// The byte that stands for 0, -128 to 255.
    pub zero: i32,
    /// Whether bytes are int8, not uint8.
    pub signed: bool,
}

impl Steps {
    /// The range of a byte.
    pub fn range(self) -> (i32, i32) {
        if self.signed { (-128, 127) } else { (0, 255) }
    }
}

/// Four lanes of 32 bits or eight of 16.
pub trait Lanes {
    /// Four f32.
    type Floats: Copy;
    /// Four i32.
    type Whole: Copy;
    /// Eight i16.
    type Short: Copy;

    fn floats(from: &[f32; 4]) -> Self::Floats;
    fn splat(from: f32) -> Self::Floats;
    fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The larger; `low` where `a` is NaN.
    fn at_least(a: Self::Floats, low: Self::Floats) -> Self::Floats;
    /// The smaller; `high` where `a` is NaN.
    fn at_most(a: Self::Floats, high: Self::Floats) -> Self::Floats;
    fn put(from: Self::Floats, to: &mut [f32; 4]);

    /// Whether all lie in `-most..=most`; NaN does not.
    fn all_within(from: Self::Floats, most: f32) -> bool;
    /// Eight int8.
    fn of_bytes(from: &[u8; 8]) -> [Self::Floats; 2];

    fn nothing() -> Self::Whole;
    /// 2 to a power of -126 to 127.
    fn power_of_two(power: Self::Whole) -> Self::Floats;
    fn whole(from: Self::Whole) -> Self::Floats;
    /// Whole numbers of floats of magnitude below 2^22, halves to even, plus `offset`.
    fn rounded(from: Self::Floats, offset: i32) -> Self::Whole;
    fn put_whole(from: Self::Whole, to: &mut [i32; 4]);
    /// The bytes of eight whole numbers, which lie in the range of a byte.
    fn put_bytes(from: [Self::Whole; 2], signed: bool, to: &mut [u8; 8]);

    fn shorts(from: &[i16; 8]) -> Self::Short;
    /// One pair four times.
    fn pair(from: &[i16; 2]) -> Self::Short;
    /// `sum[i] + a[2i] · b[2i] + a[2i + 1] · b[2i + 1]`.
    fn dot(sum: Self::Whole, a: Self::Short, b: Self::Short) -> Self::Whole;
    /// Eight bytes less `zero`.
    fn widen(from: &[u8; 8], signed: bool, zero: i32) -> Self::Short;
    /// Lane `j` of vector `i` at lane `i` of vector `j`; a pair of shorts is a lane.
    fn turn_shorts(from: [Self::Short; 4]) -> [Self::Short; 4];
    fn put_pairs(from: Self::Short, to: &mut [[i16; 2]; 4]);
    /// Four pairs.
    fn pairs(from: &[[i16; 2]; 4]) -> Self::Short;
    /// The same as for shorts.
    fn turn(from: [Self::Floats; 4]) -> [Self::Floats; 4];
    /// The same.
    fn turn_whole(from: [Self::Whole; 4]) -> [Self::Whole; 4];
}

/// The lanes that this build computes with.
#[cfg(target_feature = "simd128")]
pub type Native = Simd;
/// The lanes that this build computes with.
#[cfg(not(target_feature = "simd128"))]
pub type Native = Portable;
