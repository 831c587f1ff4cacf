//! In: vectors of 128 bits. Out: what wasm's own instructions make of them.
//! The one place where the crate is unsafe: loads and stores of arrays that are as long as a vector.
//! Must never give other bits than its twin, [`super::Portable`].

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
