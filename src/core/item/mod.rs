//! In: a list of items, packed into columns by the caller. Out: [`Items`], validated and tokenised.
//! `read` is the one place where an item's text, score and fields enter; `ids` finds items by id;
//! [`Candidate`] and [`Packer`] make columns on the Rust side, in the browser the JS package does.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod candidate;
mod ids;
mod items;
mod packed;
mod packer;
mod read;
mod server_vectors;

pub use candidate::Candidate;
pub use items::Items;
pub use packed::Packed;
pub use packer::Packer;
pub use server_vectors::place;

#[cfg(test)]
#[path = "../../../tests/core/item.rs"]
mod tests;
