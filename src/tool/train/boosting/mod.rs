//! Gradient-boosted trees, for the teacher: [`bins`] counts, [`trees`] grows.
//! Forests cross columns that towers add up; the two err differently.

mod bins;
pub mod trees;
