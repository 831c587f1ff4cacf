//! In: scores by input position. Out: the positions, best first.
//! The one comparator: finite before non-finite, then score descending, then input position.
//! Every sort by score goes through it: sorts may panic on an inconsistent order, such as an ad-hoc
//! `partial_cmp` gives.

#[cfg(test)]
use std::cmp::Ordering;

/// Compares two candidates `(score, position)`: `Less` means that `a` comes first. Tests hold orders to it.
///
/// Total on every bit pattern of `f32`: NaN and both infinities count as "no score" and come
/// last, in input order; `-0.0` equals `0.0`.
#[cfg(test)]
pub fn compare(a: (f32, u32), b: (f32, u32)) -> Ordering {
    key(a).cmp(&key(b))
}

/// The positions `0..scores.len()` in ranked order.
pub fn ranked(scores: &[f32]) -> Vec<u32> {
    let mut keys: Vec<u64> = scores.iter().copied().zip(0..).map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32).collect()
}

/// A number that is smaller the earlier a candidate comes: whole numbers sort twice as fast as pairs.
fn key((score, position): (f32, u32)) -> u64 {
    let falling = if score.is_finite() {
        // Adding 0 makes 0 of -0. Bits of floats rise with their magnitude: negative ones are flipped.
        let bits = (score + 0.0).to_bits();
        if bits >> 31 == 0 { !(bits | 1 << 31) } else { bits }
    } else {
        u32::MAX
    };
    u64::from(falling) << 32 | u64::from(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn finite_come_first_then_higher_then_earlier() {
        let scores = [f32::NAN, 1.0, 2.0, f32::INFINITY, 1.0, f32::NEG_INFINITY, -3.0];
        assert_eq!(ranked(&scores), [2, 1, 4, 6, 0, 3, 5]);
    }

    #[test]
    fn zero_and_minus_zero_tie() {
        assert_eq!(ranked(&[-0.0, 0.0, -0.0]), [0, 1, 2]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        #[test]
        fn comparator_is_a_total_order_on_arbitrary_bits(bits in proptest::array::uniform3(any::<u32>())) {
            let [a, b, c] = [(f32::from_bits(bits[0]), 0), (f32::from_bits(bits[1]), 1), (f32::from_bits(bits[2]), 2)];
            prop_assert_eq!(compare(a, a), Ordering::Equal);
            prop_assert_eq!(compare(a, b), compare(b, a).reverse());
            if compare(a, b) != Ordering::Greater && compare(b, c) != Ordering::Greater {
                prop_assert_ne!(compare(a, c), Ordering::Greater);
            }
        }

        #[test]
        fn ranked_is_a_permutation(bits in proptest::collection::vec(any::<u32>(), 0..200)) {
            let scores: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
            let mut order = ranked(&scores);
            for pair in order.windows(2) {
                let at = |p: u32| (scores[p as usize], p);
                prop_assert_ne!(compare(at(pair[0]), at(pair[1])), Ordering::Greater);
            }
            order.sort_unstable();
            prop_assert_eq!(order, (0..scores.len() as u32).collect::<Vec<_>>());
        }
    }
}
