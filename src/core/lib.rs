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
//! Everything public is on this page. What the workspace's own tool needs beyond it comes through
//! [`internals`]. The source is explained in `src/README.md`.

mod context;
mod error;
mod event;
mod features;
pub mod internals;
mod item;
mod json;
pub mod limits;
mod metrics;
mod model;
mod order;
mod rank;
mod refill;
mod rules;
mod score;
mod session;
mod text;

pub use context::Context;
pub use error::{Error, Kind, Result};
pub use event::Event;
pub use item::{Candidate, Packed};
pub use model::Manifest;
pub use rank::{
    Contribution, EventSummary, Explanation, Factor, Info, Millis, Options, Ranker, Ranking, Report,
    RuleSummary, Tier, Units, Warning,
};
pub use refill::{Refill, RefillReason, TagWeight};
pub use rules::{Removal, RuleReport, Ruleset};
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
