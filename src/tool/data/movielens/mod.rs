//! In: a MovieLens folder, or a log in the four-event format. Out: the other of the two, streamed, and a word on
//! what could not be carried over. The one place where ratings of films become a log: what the log and its
//! readers know is items, fields and interactions.
//!
//! [`rows`] (over [`table`]) reads a folder strictly; [`csv_rows`] counts what is malformed and goes on.

mod csv_rows;
pub mod from_log;
pub mod ids;
pub mod provenance;
pub mod rows;
mod table;
mod title;
pub mod to_log;

#[cfg(test)]
#[path = "../../../../tests/tool/data/movielens/round_trip.rs"]
mod tests;
