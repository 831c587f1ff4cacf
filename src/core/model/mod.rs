//! A model file comes in; out comes a [`Plan`] that encodes items and scores blocks of rows.
//! [`Bundle`] (hash checked) → [`Vetted`] (every bound checked) → [`Plan`] (compiled): each is only made of the
//! one before it. No other room names tract.
//!
//! `protobuf` and `pb` (the file's bytes and messages), `manifest` → `bundle` → `count_limits`, `check_graph`,
//! `vet` → `kernels` (operators) → `compile` (ONNX's operators and fusions) → `stage` →
//! `self_test`, `plan`.

pub mod bundle;
mod check_graph;
mod compile;
mod count_limits;
mod element;
mod kernels;
pub mod manifest;
pub mod pb;
mod plan;
mod protobuf;
mod row_counts;
mod self_test;
mod stage;
mod stage_input;
mod vet;

pub use bundle::Bundle;
pub use kernels::simd;
pub use manifest::{Head, Manifest, Platt, Role};
pub use plan::Plan;
pub use stage::SessionActivations;
pub use stage_input::StageInput;
pub use vet::Vetted;

#[cfg(test)]
#[path = "../../../tests/core/hostile_models.rs"]
pub(crate) mod hostile_models;

#[cfg(test)]
#[path = "../../../tests/core/layers.rs"]
mod layers;
