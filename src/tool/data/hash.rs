//! In: short texts built from ids, and 64-bit states. Out: the hashes that decide splits, orders and draws.
//! They are written out here because the values of Rust's own hashers may change between releases.

use std::fmt::{self, Write};

/// Increment of SplitMix64's state (Steele, Lea and Flood, 2014): 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const FNV_BASIS: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01B3;

/// FNV-1a state that text is formatted into, so that hashing an id allocates nothing.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        Ok(())
    }
}

/// 64-bit FNV-1a of a formatted text: `fnv(format_args!("user:{user}"))`.
///
/// Its last byte hardly reaches the high bits, so the protocol takes it modulo 100 but never sorts by
/// it alone where neighbouring ids would end up side by side; see [`mix`].
#[must_use]
pub fn fnv(text: fmt::Arguments<'_>) -> u64 {
    let mut state = Fnv(FNV_BASIS);
    // Writing into the state cannot fail, and numbers and strings always format.
    let _ = state.write_fmt(text);
    state.0
}

/// The finaliser of SplitMix64: a bijection that spreads every input bit over all 64.
#[must_use]
pub const fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Draw number `count`, counted from 1, of the SplitMix64 generator with that seed.
#[must_use]
pub const fn draw(seed: u64, count: u64) -> u64 {
    mix(seed.wrapping_add(count.wrapping_mul(GOLDEN)))
}

/// Bytes as lower-case hexadecimal digits, two a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Order of a user's candidates with equal scores, lowest first.
#[must_use]
pub fn tie(user: u64, item: u64) -> u64 {
    mix(fnv(format_args!("{user}:{item}")))
}

/// Key by which version 2 selects rated items; independent of [`tie`], which would otherwise break
/// every tie in favour of the selected.
#[must_use]
pub fn selection(salt: &str, user: u64, item: u64) -> u64 {
    mix(fnv(format_args!("seen:{salt}{user}:{item}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv_matches_its_published_vectors() {
        assert_eq!(fnv(format_args!("")), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(format_args!("a")), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(format_args!("foobar")), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn ids_hash_to_the_protocol_s_known_answers() {
        assert_eq!(fnv(format_args!("user:{}", 1)), 0xf7fd_9aaa_7508_1ceb);
        assert_eq!(fnv(format_args!("item:{}", 1)), 0x6734_5b13_ab1a_095f);
        assert_eq!(fnv(format_args!("{}:{}", 1, 1)), 0x4554_3418_180b_0bd9);
        assert_eq!(tie(1, 1), 0x44c8_364d_add5_05b8);
    }

    #[test]
    fn draws_follow_the_reference_stream_of_seed_zero() {
        assert_eq!(draw(0, 1), 0xe220_a839_7b1d_cdaf);
        assert_eq!(draw(0, 2), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn selection_differs_from_the_tie_break() {
        assert_eq!(selection("", 3, 5), mix(fnv(format_args!("seen:3:5"))));
        assert_ne!(selection("", 3, 5), tie(3, 5));
        assert_ne!(selection("train:", 3, 5), selection("", 3, 5));
    }
}
