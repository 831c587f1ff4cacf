//! In: a model file. Out: a [`Plan`] that encodes items and scores blocks.
//! bundle (hash checked) → vet (every bound checked) → plan (compiled by tract), by types.
//! Must never let another module name tract.

pub mod bundle;
mod census;
mod kernels;
pub mod manifest;
mod ops;
mod part;
pub mod pb;
mod plan;
mod stage;
mod vet;
mod wiring;

pub use bundle::Bundle;
pub use kernels::simd;
pub use manifest::{Head, Manifest, Platt, Role};
pub use plan::{Plan, StageInput};
pub use stage::Visitor;
pub use vet::Vetted;

impl Plan {
    /// Loads a model: open, vet, compile, self-test.
    ///
    /// # Errors
    /// Any of the `model/…` kinds.
    pub fn load(bytes: &[u8]) -> crate::Result<Plan> {
        let vetted = Vetted::vet(Bundle::open(bytes)?)?;
        Plan::compile(vetted)?.self_test()
    }
}

#[cfg(test)]
#[path = "../../../tests/core/hostile_models.rs"]
pub(crate) mod hostile_models;

#[cfg(test)]
#[path = "../../../tests/core/layers.rs"]
mod layers;
