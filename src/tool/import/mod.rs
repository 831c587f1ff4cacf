//! Enters: a MovieLens folder, or a log in the four-event format.
//! Leaves: the other of the two, streamed, and a word on what could not be carried over; or, of either,
//! the histories and the catalogue that training and evaluation read.
//! Never: writes a tag of a user who is evaluated, or half a file under its final name.
//!
//! The one place where ratings of films become a log: what the log and its readers know is items,
//! fields and interactions.

mod from_movielens;
mod gather;
mod opinion;
mod rows;
mod to_movielens;

pub use from_movielens::{Imported, from_movielens};
pub use gather::{Gathered, Reading, Verdicts, gather};
pub use to_movielens::{Exported, to_movielens};

/// The interaction type under which a tag that a user wrote is logged; its text is the field `tag`.
pub const TAG: &str = "tag";

#[cfg(test)]
#[path = "../../../tests/tool/import/gather.rs"]
mod gather_tests;
#[cfg(test)]
#[path = "../../../tests/tool/import/round_trip.rs"]
mod tests;
