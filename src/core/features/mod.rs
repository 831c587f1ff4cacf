//! Features: from candidates, list and session to the numbers that a model reads.
//! `feature` is one column as the manifest describes it, `matrix` computes the columns of a list,
//! `affinity` what the session says of tags.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod affinity;
mod feature;
mod matrix;

pub use feature::{Channel, Feature, Pool, Source, Transform};
pub use matrix::fill;

#[cfg(test)]
#[path = "../../../tests/core/features.rs"]
mod tests;
