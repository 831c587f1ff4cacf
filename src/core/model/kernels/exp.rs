//! `e^x` with the same bits on every host, within 2 units in the last place.
//! Cephes' `expf` (S. Moshier): reduction by ln 2 in two parts, a polynomial of degree 5. Near the ends of f32's
//! range, and for NaN, libm's `expf` answers.

use super::lanes::Lanes;

/// Within it neither the result nor a power of two over- or underflows.
const RANGE: f32 = 87.0;
const LN2_HIGH: f32 = 355.0 / 512.0;
const LN2_LOW: f32 = -2.121_944_4e-4;
const POLYNOMIAL: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1];

#[inline(always)]
fn four<L: Lanes>(x: L::F32) -> L::F32 {
    let exponent = L::round(L::mul(x, L::splat(std::f32::consts::LOG2_E)), 0);
    let multiple = L::to_f32(exponent);
    let less = |x: L::F32, part: f32| L::add(x, L::mul(multiple, L::splat(-part)));
    let rest = less(less(x, LN2_HIGH), LN2_LOW);
    let [first, others @ ..] = POLYNOMIAL;
    let step = |sum: L::F32, &next: &f32| L::add(L::mul(sum, rest), L::splat(next));
    let tail = others.iter().fold(L::splat(first), step);
    let value = L::add(L::add(L::mul(L::mul(tail, rest), rest), rest), L::splat(1.0));
    L::mul(value, L::power_of_two(exponent))
}

/// Replaces each value by e to its power.
pub fn exp<L: Lanes>(values: &mut [f32]) {
    let (fours, rest) = values.as_chunks_mut::<4>();
    for values in fours {
        let x = L::load(values);
        if L::all_within(x, RANGE) {
            L::store(four::<L>(x), values);
        } else {
            one_by_one::<L>(values);
        }
    }
    one_by_one::<L>(rest);
}

/// A value's result must not depend on its neighbours.
fn one_by_one<L: Lanes>(values: &mut [f32]) {
    for value in values {
        let x = L::splat(*value);
        if L::all_within(x, RANGE) {
            let mut out = [0.0; 4];
            L::store(four::<L>(x), &mut out);
            *value = out[0];
        } else {
            *value = libm::expf(*value);
        }
    }
}
