//! In: histories. Out: [`crate::data::visit::Visit`]s: lists to rank, cut out of what users rated.
//! [`rated`] lists hold what a user went on to rate; [`sampled`] lists hide some of that among items of equal
//! [`popularity`]. The trainer and the evaluation protocols choose users and offsets; how a list is cut is one code.

pub mod popularity;
pub mod rated;
pub mod sampled;
