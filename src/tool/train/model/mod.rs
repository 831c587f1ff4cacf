//! The model's formulas and what they are computed with. In: item vectors, features, a session ([`inputs`]). Out: one
//! number an item for each head ([`heads`]).
//!
//! [`evidence`] → [`tower`] (with its [`gate`]), and [`attention`] in ablations, are written over [`backend`];
//! [`candle_backend`] computes them, [`onnx_backend`] writes them as nodes of an [`onnx_graph`]. [`int8`] is what
//! layers are rounded to, [`input_stats`] what was seen of their inputs.

pub mod attention;
pub mod backend;
pub mod candle_backend;
pub mod evidence;
pub mod gate;
pub mod heads;
pub mod input_stats;
pub mod inputs;
pub mod int8;
pub mod onnx_backend;
pub mod onnx_graph;
pub mod tower;
