//! Vectors of 128 bits as arrays, in plain Rust: what native hosts run, and what tests compare `Simd` with.
//! Kept simple rather than fast, so that it can be read as the definition of each operation.

use super::vector::{Lanes, ROUNDER, ROUNDER_BITS};

/// Vectors as arrays.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128", not(test)), allow(dead_code))]
pub struct Portable;

impl Lanes for Portable {
    type F32 = [f32; 4];
    type I32 = [i32; 4];
    type I16 = [i16; 8];

    #[inline(always)]
    fn load(from: &[f32; 4]) -> [f32; 4] {
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
    fn store(from: [f32; 4], to: &mut [f32; 4]) {
        *to = from;
    }
    #[inline(always)]
    fn all_within(from: [f32; 4], bound: f32) -> bool {
        from.iter().all(|v| v.abs() <= bound)
    }
    #[inline(always)]
    fn load_i8([a, b, c, d, e, f, g, h]: &[u8; 8]) -> [[f32; 4]; 2] {
        [[a, b, c, d], [e, f, g, h]].map(|four| four.map(|&byte| f32::from(byte as i8)))
    }
    #[inline(always)]
    fn power_of_two(power: [i32; 4]) -> [f32; 4] {
        power.map(|p| f32::from_bits((p.wrapping_add(127) as u32) << 23))
    }
    #[inline(always)]
    fn zeros_i32() -> [i32; 4] {
        [0; 4]
    }
    #[inline(always)]
    fn to_f32(from: [i32; 4]) -> [f32; 4] {
        from.map(|v| v as f32)
    }
    #[inline(always)]
    fn round(from: [f32; 4], offset: i32) -> [i32; 4] {
        let round = |v: f32| ((v + ROUNDER).to_bits() as i32).wrapping_sub(ROUNDER_BITS - offset);
        from.map(round)
    }
    #[inline(always)]
    fn store_i32(from: [i32; 4], to: &mut [i32; 4]) {
        *to = from;
    }
    #[inline(always)]
    fn store_bytes([a, b]: [[i32; 4]; 2], _signed: bool, to: &mut [u8; 8]) {
        *to = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]].map(|v| v as u8);
    }
    #[inline(always)]
    fn load_i16(from: &[i16; 8]) -> [i16; 8] {
        *from
    }
    #[inline(always)]
    fn splat_pair([a, b]: &[i16; 2]) -> [i16; 8] {
        [*a, *b, *a, *b, *a, *b, *a, *b]
    }
    #[inline(always)]
    fn dot_add(sum: [i32; 4], a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        let lane = |i: usize| sum[i].wrapping_add(product(2 * i).wrapping_add(product(2 * i + 1)));
        [lane(0), lane(1), lane(2), lane(3)]
    }
    #[inline(always)]
    fn load_bytes(from: &[u8; 8], signed: bool, zero: i32) -> [i16; 8] {
        from.map(|b| if signed { i16::from(b as i8) } else { i16::from(b) }.wrapping_sub(zero as i16))
    }
    #[inline(always)]
    fn transpose_pairs(from: [[i16; 8]; 4]) -> [[i16; 8]; 4] {
        let lane = |j: usize, i: usize| [from[i][2 * j], from[i][2 * j + 1]];
        [0, 1, 2, 3].map(|j| {
            let [[a, b], [c, d], [e, f], [g, h]] = [lane(j, 0), lane(j, 1), lane(j, 2), lane(j, 3)];
            [a, b, c, d, e, f, g, h]
        })
    }
    #[inline(always)]
    fn store_pairs([a, b, c, d, e, f, g, h]: [i16; 8], to: &mut [[i16; 2]; 4]) {
        *to = [[a, b], [c, d], [e, f], [g, h]];
    }
    #[inline(always)]
    fn load_pairs(&[[a, b], [c, d], [e, f], [g, h]]: &[[i16; 2]; 4]) -> [i16; 8] {
        [a, b, c, d, e, f, g, h]
    }
    #[inline(always)]
    fn transpose(from: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
        [0, 1, 2, 3].map(|j| [from[0][j], from[1][j], from[2][j], from[3][j]])
    }
    #[inline(always)]
    fn transpose_i32(from: [[i32; 4]; 4]) -> [[i32; 4]; 4] {
        [0, 1, 2, 3].map(|j| [from[0][j], from[1][j], from[2][j], from[3][j]])
    }
}
