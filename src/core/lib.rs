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
//! use ranklet::item::Packer;
//! use ranklet::{Options, Ranker};
//!
//! let mut ranker = Ranker::load(include_bytes!("../../www/movies/movies.onnx"))?;
//! let absent = vec![f32::NAN; ranker.manifest().fields.len()];
//! let mut list = Packer::default();
//! list.push("heat", "Heat", &["Crime"], 4.1, &absent);
//! list.push("babe", "Babe", &["Children"], 4.0, &absent);
//! ranker.set_candidates(&list.packed())?;
//! let ranking = ranker.rank(&Options::default(), &mut || 0.0);
//! assert_eq!(ranking.order.len(), 2);
//! # Ok::<(), ranklet::Error>(())
//! ```
//!
//! Rooms, in dependency order: [`error`], [`limits`] ← [`text`], [`context`] ← [`item`], [`event`] ←
//! [`session`] ← [`features`], [`more`] ← [`model`] ← [`vectors`] ← [`score`], [`rules`] ←
//! [`ranking`] ← [`rank`] ← [`explain`] ← `wasm`, `cli`, `train`. A test reads the sources and holds them to it.

pub mod budget;
pub mod context;
pub mod error;
pub mod event;
pub mod explain;
pub mod features;
pub mod info;
pub mod item;
pub mod limits;
pub mod metrics;
pub mod model;
pub mod more;
pub mod order;
pub mod rank;
pub mod ranking;
pub mod rules;
pub mod score;
pub mod session;
pub mod text;
pub mod vectors;

pub use error::{Error, Kind, Result};
pub use rank::Ranker;
pub use ranking::{Options, Ranking, Report, Tier};

#[cfg(test)]
#[path = "../../tests/core/fixture.rs"]
mod fixture;
#[cfg(test)]
#[path = "../../tests/core/golden_orders.rs"]
mod golden_orders;
#[cfg(test)]
#[path = "../../tests/core/laws/mod.rs"]
mod laws;
