//! In: a history in protocol order. Out: a list of the ratings that follow: to be ranked by how much they pleased.
//! Candidates come by ascending item id, so that no order can be read off the order of time.

use crate::data::history::RatingEvent;
use crate::data::visit::{LIST, ListItem, MIN_RATINGS, POOL, Visit};

/// The list that starts `offset` ratings into a history: 20 ratings of pool, then up to 100
/// candidates. `None` when fewer than 30 ratings follow the offset.
#[must_use]
pub fn visit(user: u64, history: &[RatingEvent], offset: usize) -> Option<Visit> {
    let rest = history.get(offset..).filter(|rest| rest.len() >= MIN_RATINGS)?;
    let (pool, later) = rest.split_at_checked(POOL)?;
    let mut candidates: Vec<ListItem> = later
        .iter()
        .take(LIST)
        .map(|event| ListItem { item: event.item, rating: Some(event.rating) })
        .collect();
    candidates.sort_unstable_by_key(|candidate| candidate.item);
    let pool = pool.iter().map(|event| (event.item, event.rating)).collect();
    Some(Visit { user, pool, candidates })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_ratings_make_a_list_and_twenty_nine_do_not() {
        let history: Vec<RatingEvent> =
            (0..30).map(|item| RatingEvent { item, rating: 4.0, timestamp: 100 + item as i64 }).collect();
        let list = visit(1, &history, 0);
        assert_eq!(
            list.map(|list| (list.candidates.len(), list.pool.last().copied())),
            Some((10, Some((19, 4.0))))
        );
        assert_eq!(visit(1, &history[1..], 0), None);
        assert_eq!(visit(1, &history, 1), None);
        assert_eq!(visit(1, &history, 1000), None);
    }
}
