//! In: ratings of some users. Out: what a server that knows those ratings sends with an item: a score,
//! a popularity, a collaborative vector. New (cold) items get none of it: nobody has picked them yet.

use crate::data::collaborative::interactions::Interactions;
use crate::data::collaborative::vector_table::VectorTable;
use crate::data::history::Histories;
use crate::data::rating::Opinion;
use crate::data::split::is_cold;
use crate::data::stats::Stats;

/// What a server knows of items from people: scores, popularity, collaborative vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// Ratings by item.
    pub stats: Stats,
    /// Vectors by item; may be empty.
    pub vectors: VectorTable,
}

/// Who picked what, and how much it pleased: the ratings of admitted users on items that are not new.
pub fn interactions(histories: &Histories, admit: impl Fn(u64) -> bool) -> Interactions {
    let users = histories.iter().filter(|&(user, _)| admit(user));
    Interactions::of(users.map(|(_, events)| {
        let warm = events.iter().filter(|event| !is_cold(event.item));
        warm.map(|event| (event.item, pleasure(event.rating))).collect()
    }))
}

/// Picking says something whatever the stars.
fn pleasure(stars: f32) -> f32 {
    match Opinion::of(stars) {
        Opinion::Like => 1.0,
        Opinion::Neutral => 0.5,
        Opinion::Dislike => 0.3,
    }
}
