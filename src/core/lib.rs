//! Re-ranks a server's candidate list for one visitor, on the device.
//!
//! A model file (one ONNX file with a manifest) is verified, vetted and compiled by tract; a list
//! of candidates is validated and packed into columns; events become a session; [`Ranker::rank`]
//! turns the three into an order. The same code trains, evaluates and runs as WebAssembly.
//!
//! ```text
//! model bytes ─► verify ─► vet ─► plan ──────────────┐
//!                                                    ▼
//! candidates ─► validate ─► item vectors, features ─► score ─► order ─► rules ─► ranking
//!                                                    ▲
//! events ─────► validate ─► session (log, profile) ──┘
//! ```
//!
//! ```
//! use ranklet::{Candidate, Options, Ranker};
//!
//! let mut ranker = Ranker::load(include_bytes!("../../www/movies/movies.onnx"))?;
//! ranker.set_candidates(&[
//!     Candidate::new("heat").title("Heat").tags(["Crime"]).score(4.1),
//!     Candidate::new("babe").title("Babe").tags(["Children"]).score(4.0),
//! ])?;
//! let ranking = ranker.rank(&Options::default(), &mut || 0.0);
//! assert_eq!(ranking.order.len(), 2);
//! # Ok::<(), ranklet::Error>(())
//! ```
//!
//! Rooms, in dependency order: [`error`], [`limits`] ← [`text`], [`context`] ← [`item`], [`event`] ←
//! [`session`] ← [`features`], [`more`] ← [`model`] ← [`vectors`] ← [`score`], [`rules`] ←
//! [`ranking`] ← [`rank`] ← [`explain`] ← `wasm`, `cli`, `train`. A test reads the sources and holds them to it.

pub mod context;
pub mod error;
pub mod event;
pub mod features;
pub mod item;
pub mod limits;
pub mod metrics;
pub mod model;
pub mod more;
pub mod order;
pub mod rank;
pub mod rules;
pub mod score;
pub mod session;
pub mod text;

pub use error::{Error, Kind, Result};
pub use event::Event;
pub use item::{Candidate, Packed};
pub use rank::{
    Contribution, EventSummary, Explanation, Factor, Info, Millis, Options, Ranker, Ranking, Report,
    RuleSummary, Tier, Units, Warning,
};
pub use rules::Ruleset;
pub use session::snapshot::Form as SnapshotForm;

#[cfg(test)]
#[path = "../../tests/core/fixture.rs"]
mod fixture;
#[cfg(test)]
#[path = "../../tests/core/golden_orders.rs"]
mod golden_orders;
#[cfg(test)]
#[path = "../../tests/core/laws/mod.rs"]
mod laws;
