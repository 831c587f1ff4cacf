//! In: ratings and a catalogue, or a log of clicks. Out: one ONNX file with 8-bit layers and its manifest. Features,
//! tokens and metrics are the ranker's own; the trainer reads examples and no evaluation protocol.
//!
//! [`pipeline`] is the order of work: [`item_representations`] (with its [`text_encoder`]) → [`training_lists`] →
//! [`examples`] → [`batches`] → [`distil`] (the teacher: towers and [`boosting`]) → [`fit`] ([`init`], [`loss`],
//! [`optimiser`], by [`hyperparameters`]) → [`prune`] → [`quantise`] → [`calibrate`] → [`export`] (with the
//! [`manifest`]). [`model`] holds the formulas. [`restore`] and [`predict`] go back from a file and on to held-out
//! visits; [`ablation`] changes one thing at a time; [`clicks`] trains on a log's clicks instead.

pub mod ablation;
pub mod batches;
mod boosting;
pub mod calibrate;
pub mod click_features;
pub mod clicks;
pub mod distil;
pub mod examples;
pub mod export;
mod fit;
pub mod hyperparameters;
mod init;
pub mod item_representations;
mod loss;
pub mod manifest;
pub mod model;
mod optimiser;
mod parallel;
pub mod pipeline;
pub mod predict;
pub mod prune;
pub mod quantise;
mod restore;
mod scaler;
pub mod task;
pub mod text_encoder;
mod training_lists;
