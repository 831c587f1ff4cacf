//! In: a folder of ratings. Out: one ONNX file with int8 weights and its manifest.
//! catalogue, lists → [`examples`] → [`net`] (candle) → [`fit`] → [`quantise`] → [`export`].
//! Must never compute a feature, a token or a metric itself: those are the ranker's own.

pub mod calibrate;
pub mod examples;
pub mod export;
pub mod fit;
pub mod net;
mod onnx;
pub mod quantise;
pub mod recipe;

/// What the trainer gives: anything may fail, and says so to a person.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
