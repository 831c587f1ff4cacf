//! In: a folder of ratings. Out: one ONNX file with 8-bit layers and its manifest.
//! [`knowledge`] (vectors, [`encoder`]) → [`examples`] → [`sheets`] → [`teacher`] → [`fit`] →
//! [`model`] ([`net`] over [`engine`]) → [`quantise`] → [`export`]; [`course`] is the order of work.
//! Must never compute a feature, a token or a metric itself: those are the ranker's own.

pub mod ablation;
mod bins;
pub mod clicks;
pub mod course;
mod emit;
pub mod encoder;
pub mod engine;
pub mod examples;
pub mod export;
pub mod fit;
pub mod gate;
pub mod knowledge;
pub mod model;
pub mod net;
mod onnx;
pub mod plans;
pub mod prune;
pub mod quantise;
pub mod recipe;
pub mod restore;
pub mod rounding;
pub mod sheets;
pub mod teacher;
pub mod trees;
pub mod trial;

/// What the trainer gives: anything may fail, and says so to a person.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
