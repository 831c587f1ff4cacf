//! In: vectors of 128 bits. Out: what one instruction makes of them, on every host to the same bit.
//! [`Portable`] is the scalar twin of [`Simd`]; the kernels are written once, over either.
//! Must never fuse a product with a sum: that would round once where other hosts round twice.

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

/// Plain Rust: the twin that tests compare with, and what native hosts run.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128", not(test)), allow(dead_code))]
pub struct Portable;

impl Lanes for Portable {
    type Floats = [f32; 4];
    type Whole = [i32; 4];
    type Short = [i16; 8];

    #[inline(always)]
    fn floats(from: &[f32; 4]) -> [f32; 4] {
        *from
    }
    #[inline(always)]
    fn splat(from: f32) -> [f32; 4] {
        [from; 4]
    }
    #[inline(always)]
    fn add(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
    }
    #[inline(always)]
    fn mul(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]]
    }
    #[inline(always)]
    fn at_least(a: [f32; 4], low: [f32; 4]) -> [f32; 4] {
        let larger = |i: usize| if low[i] < a[i] { a[i] } else { low[i] };
        [larger(0), larger(1), larger(2), larger(3)]
    }
    #[inline(always)]
    fn at_most(a: [f32; 4], high: [f32; 4]) -> [f32; 4] {
        let smaller = |i: usize| if a[i] < high[i] { a[i] } else { high[i] };
        [smaller(0), smaller(1), smaller(2), smaller(3)]
    }
    #[inline(always)]
    fn put(from: [f32; 4], to: &mut [f32; 4]) {
        *to = from;
    }
    #[inline(always)]
    fn all_within(from: [f32; 4], most: f32) -> bool {
        from.iter().all(|v| v.abs() <= most)
    }
    #[inline(always)]
    fn of_bytes([a, b, c, d, e, f, g, h]: &[u8; 8]) -> [[f32; 4]; 2] {
        [[a, b, c, d], [e, f, g, h]].map(|four| four.map(|&byte| f32::from(byte as i8)))
    }
    #[inline(always)]
    fn power_of_two(power: [i32; 4]) -> [f32; 4] {
        power.map(|p| f32::from_bits((p.wrapping_add(127) as u32) << 23))
    }
    #[inline(always)]
    fn nothing() -> [i32; 4] {
        [0; 4]
    }
    #[inline(always)]
    fn whole(from: [i32; 4]) -> [f32; 4] {
        from.map(|v| v as f32)
    }
    #[inline(always)]
    fn rounded(from: [f32; 4], offset: i32) -> [i32; 4] {
        let round = |v: f32| ((v + ROUNDER).to_bits() as i32).wrapping_sub(ROUNDER_BITS - offset);
        from.map(round)
    }
    #[inline(always)]
    fn put_whole(from: [i32; 4], to: &mut [i32; 4]) {
        *to = from;
    }
    #[inline(always)]
    fn put_bytes([a, b]: [[i32; 4]; 2], _signed: bool, to: &mut [u8; 8]) {
        *to = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]].map(|v| v as u8);
    }
    #[inline(always)]
    fn shorts(from: &[i16; 8]) -> [i16; 8] {
        *from
    }
    #[inline(always)]
    fn pair([a, b]: &[i16; 2]) -> [i16; 8] {
        [*a, *b, *a, *b, *a, *b, *a, *b]
    }
    #[inline(always)]
    fn dot(sum: [i32; 4], a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        let lane = |i: usize| sum[i].wrapping_add(product(2 * i).wrapping_add(product(2 * i + 1)));
        [lane(0), lane(1), lane(2), lane(3)]
    }
    #[inline(always)]
    fn widen(from: &[u8; 8], signed: bool, zero: i32) -> [i16; 8] {
        from.map(|b| if signed { i16::from(b as i8) } else { i16::from(b) }.wrapping_sub(zero as i16))
    }
    #[inline(always)]
    fn turn_shorts(from: [[i16; 8]; 4]) -> [[i16; 8]; 4] {
        let lane = |j: usize, i: usize| [from[i][2 * j], from[i][2 * j + 1]];
        [0, 1, 2, 3].map(|j| {
            let [[a, b], [c, d], [e, f], [g, h]] = [lane(j, 0), lane(j, 1), lane(j, 2), lane(j, 3)];
            [a, b, c, d, e, f, g, h]
        })
    }
    #[inline(always)]
    fn put_pairs([a, b, c, d, e, f, g, h]: [i16; 8], to: &mut [[i16; 2]; 4]) {
        *to = [[a, b], [c, d], [e, f], [g, h]];
    }
    #[inline(always)]
    fn pairs(&[[a, b], [c, d], [e, f], [g, h]]: &[[i16; 2]; 4]) -> [i16; 8] {
        [a, b, c, d, e, f, g, h]
    }
    #[inline(always)]
    fn turn(from: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
        [0, 1, 2, 3].map(|j| [from[0][j], from[1][j], from[2][j], from[3][j]])
    }
    #[inline(always)]
    fn turn_whole(from: [[i32; 4]; 4]) -> [[i32; 4]; 4] {
        [0, 1, 2, 3].map(|j| [from[0][j], from[1][j], from[2][j], from[3][j]])
    }
}

#[cfg(target_feature = "simd128")]
pub use simd::Simd;

/// The lanes that this build computes with.
#[cfg(target_feature = "simd128")]
pub type Native = Simd;
/// The lanes that this build computes with.
#[cfg(not(target_feature = "simd128"))]
pub type Native = Portable;

#[cfg(target_feature = "simd128")]
#[allow(unsafe_code)]
mod simd {
    use super::{Lanes, ROUNDER, ROUNDER_BITS};
    use core::arch::wasm32::*;

    /// wasm's 128-bit instructions.
    #[derive(Debug, Clone, Copy)]
    pub struct Simd;

    /// The lanes of four vectors, turned.
    #[inline(always)]
    fn turned([a, b, c, d]: [v128; 4]) -> [v128; 4] {
        let (ab_low, ab_high) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
        let (cd_low, cd_high) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
        [
            i64x2_shuffle::<0, 2>(ab_low, cd_low),
            i64x2_shuffle::<1, 3>(ab_low, cd_low),
            i64x2_shuffle::<0, 2>(ab_high, cd_high),
            i64x2_shuffle::<1, 3>(ab_high, cd_high),
        ]
    }

    /// What products of four bytes at once need beside.
    #[cfg(any(test, feature = "relaxed"))]
    impl Simd {
        #[inline(always)]
        pub fn wholes([a, b, c, d]: [i32; 4]) -> v128 {
            i32x4(a, b, c, d)
        }
        #[cfg(feature = "relaxed")]
        #[inline(always)]
        pub fn bytes(from: &[i8; 16]) -> v128 {
            // SAFETY: the array has 16 bytes; wasm loads need no alignment.
            unsafe { v128_load(from.as_ptr().cast()) }
        }
        /// Four bytes four times.
        #[cfg(feature = "relaxed")]
        #[inline(always)]
        pub fn four(from: &[u8; 4]) -> v128 {
            // SAFETY: the array has 4 bytes; wasm loads need no alignment.
            unsafe { v128_load32_splat(from.as_ptr().cast()) }
        }
    }

    impl Lanes for Simd {
        type Floats = v128;
        type Whole = v128;
        type Short = v128;

        #[inline(always)]
        fn floats(from: &[f32; 4]) -> v128 {
            // SAFETY: the array has 16 bytes; wasm loads need no alignment.
            unsafe { v128_load(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn splat(from: f32) -> v128 {
            f32x4_splat(from)
        }
        #[inline(always)]
        fn add(a: v128, b: v128) -> v128 {
            f32x4_add(a, b)
        }
        #[inline(always)]
        fn mul(a: v128, b: v128) -> v128 {
            f32x4_mul(a, b)
        }
        #[inline(always)]
        fn at_least(a: v128, low: v128) -> v128 {
            f32x4_pmax(low, a)
        }
        #[inline(always)]
        fn at_most(a: v128, high: v128) -> v128 {
            f32x4_pmin(high, a)
        }
        #[inline(always)]
        fn put(from: v128, to: &mut [f32; 4]) {
            // SAFETY: the array has 16 bytes; wasm stores need no alignment.
            unsafe { v128_store(to.as_mut_ptr().cast(), from) }
        }
        #[inline(always)]
        fn all_within(from: v128, most: f32) -> bool {
            i32x4_all_true(f32x4_le(f32x4_abs(from), f32x4_splat(most)))
        }
        #[inline(always)]
        fn of_bytes(from: &[u8; 8]) -> [v128; 2] {
            // SAFETY: the array has 8 bytes; wasm loads need no alignment.
            let wide = unsafe { i16x8_load_extend_i8x8(from.as_ptr().cast()) };
            let low = f32x4_convert_i32x4(i32x4_extend_low_i16x8(wide));
            [low, f32x4_convert_i32x4(i32x4_extend_high_i16x8(wide))]
        }
        #[inline(always)]
        fn power_of_two(power: v128) -> v128 {
            i32x4_shl(i32x4_add(power, i32x4_splat(127)), 23)
        }
        #[inline(always)]
        fn nothing() -> v128 {
            i32x4_splat(0)
        }
        #[inline(always)]
        fn whole(from: v128) -> v128 {
            f32x4_convert_i32x4(from)
        }
        #[inline(always)]
        fn rounded(from: v128, offset: i32) -> v128 {
            i32x4_sub(f32x4_add(from, f32x4_splat(ROUNDER)), i32x4_splat(ROUNDER_BITS - offset))
        }
        #[inline(always)]
        fn put_whole(from: v128, to: &mut [i32; 4]) {
            // SAFETY: the array has 16 bytes; wasm stores need no alignment.
            unsafe { v128_store(to.as_mut_ptr().cast(), from) }
        }
        #[inline(always)]
        fn put_bytes([a, b]: [v128; 2], signed: bool, to: &mut [u8; 8]) {
            let shorts = i16x8_narrow_i32x4(a, b);
            let bytes =
                if signed { i8x16_narrow_i16x8(shorts, shorts) } else { u8x16_narrow_i16x8(shorts, shorts) };
            // SAFETY: the array has 8 bytes; wasm stores need no alignment.
            unsafe { v128_store64_lane::<0>(bytes, to.as_mut_ptr().cast()) }
        }
        #[inline(always)]
        fn shorts(from: &[i16; 8]) -> v128 {
            // SAFETY: the array has 16 bytes; wasm loads need no alignment.
            unsafe { v128_load(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn pair(from: &[i16; 2]) -> v128 {
            // SAFETY: the array has 4 bytes; wasm loads need no alignment.
            unsafe { v128_load32_splat(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn dot(sum: v128, a: v128, b: v128) -> v128 {
            i32x4_add(sum, i32x4_dot_i16x8(a, b))
        }
        #[inline(always)]
        fn widen(from: &[u8; 8], signed: bool, zero: i32) -> v128 {
            // SAFETY: the array has 8 bytes; wasm loads need no alignment.
            let wide = unsafe {
                match signed {
                    true => i16x8_load_extend_i8x8(from.as_ptr().cast()),
                    false => i16x8_load_extend_u8x8(from.as_ptr()),
                }
            };
            i16x8_sub(wide, i16x8_splat(zero as i16))
        }
        #[inline(always)]
        fn turn_shorts(from: [v128; 4]) -> [v128; 4] {
            turned(from)
        }
        #[inline(always)]
        fn put_pairs(from: v128, to: &mut [[i16; 2]; 4]) {
            // SAFETY: the array has 16 bytes; wasm stores need no alignment.
            unsafe { v128_store(to.as_mut_ptr().cast(), from) }
        }
        #[inline(always)]
        fn pairs(from: &[[i16; 2]; 4]) -> v128 {
            // SAFETY: the array has 16 bytes; wasm loads need no alignment.
            unsafe { v128_load(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn turn(from: [v128; 4]) -> [v128; 4] {
            turned(from)
        }
        #[inline(always)]
        fn turn_whole(from: [v128; 4]) -> [v128; 4] {
            turned(from)
        }
    }
}
