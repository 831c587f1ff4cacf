//! Enters: logged visits.
//! Leaves: click probabilities from models that anyone would try first, and their figures side by side.
//! Never: is part of the product; it is what the product has to beat.
//!
//! [`ctr`] defines [`ClickModel`], the seam at which any model is compared; [`sparse`] turns a visit
//! into hashed features, [`logistic`] learns from them.

pub mod ctr;
pub mod logistic;
pub mod sparse;

pub use ctr::{ClickModel, Comparison};
pub use logistic::Logistic;

#[cfg(test)]
#[path = "../../../tests/tool/baseline/ctr.rs"]
mod tests;
