//! In: a loaded model, a list, its features and a profile. Out: the model's heads for each candidate.
//! [`score`] runs blocks best prior first within a [`Budget`]; [`Vectors`] of items are found in the
//! model's cache or encoded.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod blocks;
mod budget;
mod cache;
mod loaded_model;
mod vectors;

pub use blocks::{ScoreInput, Scored, score, score_rows};
pub use budget::Budget;
pub use loaded_model::LoadedModel;
pub use vectors::Vectors;
