//! In: logged visits. Out: click probabilities from models that anyone would try first: what the product has to
//! beat. [`hashed_features`] turns a visit into features, [`logistic`] learns from them, [`mod@reference`] holds the
//! base rate and the oracle.

pub mod hashed_features;
pub mod logistic;
pub mod reference;

#[cfg(test)]
#[path = "../../../tests/tool/baselines.rs"]
mod tests;
