//! Vectors of 128 bits: the trait [`Lanes`], and two implementations that give the same bits.
//! [`Portable`] is plain Rust, for native hosts and for tests to compare with; `Simd` is wasm's simd128. The
//! kernels are written once, over either; [`Native`] is what this build runs.

mod portable;
#[cfg(target_feature = "simd128")]
#[allow(unsafe_code)]
mod simd;
mod vector;

#[cfg(not(target_feature = "simd128"))]
pub use portable::Portable as Native;
#[cfg(any(test, feature = "relaxed"))]
pub use portable::Portable;
#[cfg(all(target_feature = "simd128", any(test, feature = "relaxed")))]
pub use simd::Simd;
#[cfg(target_feature = "simd128")]
pub use simd::Simd as Native;
pub use vector::Lanes;
