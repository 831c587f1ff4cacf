//! Vectors of 128 bits by wasm's own instructions; they give the same bits as `Portable`, which tests check.
//! The only unsafe code of the crate: loads and stores of arrays that are as long as a vector.

use super::vector::{Lanes, ROUNDER, ROUNDER_BITS};
use core::arch::wasm32::*;

/// wasm's 128-bit instructions.
#[derive(Debug, Clone, Copy)]
pub struct Simd;

/// Lane `j` of vector `i` to lane `i` of vector `j`.
#[inline(always)]
fn transposed([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    let (ab_low, ab_high) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let (cd_low, cd_high) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    [
        i64x2_shuffle::<0, 2>(ab_low, cd_low),
        i64x2_shuffle::<1, 3>(ab_low, cd_low),
        i64x2_shuffle::<0, 2>(ab_high, cd_high),
        i64x2_shuffle::<1, 3>(ab_high, cd_high),
    ]
}

/// What products of four bytes at once need in addition.
#[cfg(any(test, feature = "relaxed"))]
impl Simd {
    #[inline(always)]
    pub fn from_i32([a, b, c, d]: [i32; 4]) -> v128 {
        i32x4(a, b, c, d)
    }
    #[cfg(feature = "relaxed")]
    #[inline(always)]
    pub fn load_i8x16(from: &[i8; 16]) -> v128 {
        // SAFETY: the array has 16 bytes; wasm loads need no alignment.
        unsafe { v128_load(from.as_ptr().cast()) }
    }
    /// Four bytes four times.
    #[cfg(feature = "relaxed")]
    #[inline(always)]
    pub fn splat_bytes(from: &[u8; 4]) -> v128 {
        // SAFETY: the array has 4 bytes; wasm loads need no alignment.
        unsafe { v128_load32_splat(from.as_ptr().cast()) }
    }
}

impl Lanes for Simd {
    type F32 = v128;
    type I32 = v128;
    type I16 = v128;

    #[inline(always)]
    fn load(from: &[f32; 4]) -> v128 {
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
    fn store(from: v128, to: &mut [f32; 4]) {
        // SAFETY: the array has 16 bytes; wasm stores need no alignment.
        unsafe { v128_store(to.as_mut_ptr().cast(), from) }
    }
    #[inline(always)]
    fn all_within(from: v128, bound: f32) -> bool {
        i32x4_all_true(f32x4_le(f32x4_abs(from), f32x4_splat(bound)))
    }
    #[inline(always)]
    fn load_i8(from: &[u8; 8]) -> [v128; 2] {
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
    fn zeros_i32() -> v128 {
        i32x4_splat(0)
    }
    #[inline(always)]
    fn to_f32(from: v128) -> v128 {
        f32x4_convert_i32x4(from)
    }
    #[inline(always)]
    fn round(from: v128, offset: i32) -> v128 {
        i32x4_sub(f32x4_add(from, f32x4_splat(ROUNDER)), i32x4_splat(ROUNDER_BITS - offset))
    }
    #[inline(always)]
    fn store_i32(from: v128, to: &mut [i32; 4]) {
        // SAFETY: the array has 16 bytes; wasm stores need no alignment.
        unsafe { v128_store(to.as_mut_ptr().cast(), from) }
    }
    #[inline(always)]
    fn store_bytes([a, b]: [v128; 2], signed: bool, to: &mut [u8; 8]) {
        let shorts = i16x8_narrow_i32x4(a, b);
        let bytes =
            if signed { i8x16_narrow_i16x8(shorts, shorts) } else { u8x16_narrow_i16x8(shorts, shorts) };
        // SAFETY: the array has 8 bytes; wasm stores need no alignment.
        unsafe { v128_store64_lane::<0>(bytes, to.as_mut_ptr().cast()) }
    }
    #[inline(always)]
    fn load_i16(from: &[i16; 8]) -> v128 {
        // SAFETY: the array has 16 bytes; wasm loads need no alignment.
        unsafe { v128_load(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn splat_pair(from: &[i16; 2]) -> v128 {
        // SAFETY: the array has 4 bytes; wasm loads need no alignment.
        unsafe { v128_load32_splat(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn dot_add(sum: v128, a: v128, b: v128) -> v128 {
        i32x4_add(sum, i32x4_dot_i16x8(a, b))
    }
    #[inline(always)]
    fn load_bytes(from: &[u8; 8], signed: bool, zero: i32) -> v128 {
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
    fn transpose_pairs(from: [v128; 4]) -> [v128; 4] {
        transposed(from)
    }
    #[inline(always)]
    fn store_pairs(from: v128, to: &mut [[i16; 2]; 4]) {
        // SAFETY: the array has 16 bytes; wasm stores need no alignment.
        unsafe { v128_store(to.as_mut_ptr().cast(), from) }
    }
    #[inline(always)]
    fn load_pairs(from: &[[i16; 2]; 4]) -> v128 {
        // SAFETY: the array has 16 bytes; wasm loads need no alignment.
        unsafe { v128_load(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn transpose(from: [v128; 4]) -> [v128; 4] {
        transposed(from)
    }
    #[inline(always)]
    fn transpose_i32(from: [v128; 4]) -> [v128; 4] {
        transposed(from)
    }
}
