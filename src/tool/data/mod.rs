//! In: rating folders and event logs. Out: histories, visits, splits, statistics, vectors: what training and
//! evaluation both read. Nothing in here knows a model, a metric or an evaluation protocol.
//!
//! - [`logs`] reads and writes the four-event format and joins it into visits; [`movielens`] reads MovieLens
//!   folders and turns them into logs and back; [`gather`] makes ratings of either.
//! - [`history`] holds ratings by user, [`split`] deals users and items, [`stats`] counts, [`lists`] cuts
//!   [`visit`]s out of histories, [`catalogue`] knows the items, [`collaborative`] their vectors.
//! - [`clicks`] is the task of predicting clicks on a log's visits.

pub mod catalogue;
pub mod clicks;
pub mod collaborative;
pub mod error;
pub mod gather;
pub mod hash;
pub mod history;
pub mod lists;
pub mod logs;
pub mod movielens;
pub mod rating;
pub mod served;
mod signals;
pub mod split;
pub mod stats;
pub mod visit;
