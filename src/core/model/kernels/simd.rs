//! Names the instructions that layers of int8 use in this build on this host.
//! Whether relaxed SIMD is used is decided once, by a self-test at load.

#[cfg(feature = "relaxed")]
use super::{dot4::DotSignedness, lanes::Native};

/// The instructions that layers of int8 use in this build on this host, as the package names them.
pub fn simd() -> &'static str {
    #[cfg(feature = "relaxed")]
    if DotSignedness::of_host::<Native>().is_some() {
        return "relaxed-simd";
    }
    if cfg!(target_feature = "simd128") { "simd128" } else { "none" }
}
