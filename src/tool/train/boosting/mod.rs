//! Gradient-boosted trees, for the teacher: [`bins`] counts, [`trees`] grows.

mod bins;
pub mod trees;
