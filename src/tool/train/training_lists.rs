//! In: histories. Out: the lists that the trainer reads: of train users alone, without cold items.
//! Lists begin at several places of a history and negatives are drawn several times, since users are few.

use crate::data::history::{Histories, RatingEvent, warm_only};
use crate::data::lists::popularity::PopularityIndex;
use crate::data::lists::rated;
use crate::data::lists::sampled::{Excerpt, cut};
use crate::data::split::{FOLDS, Split, fold};
use crate::data::visit::Visit;
use crate::train::task::Task;

/// Places in a train user's history from which lists are cut.
const OFFSETS: [usize; 3] = [0, 20, 60];
/// Draws of sampled negatives, so that no list is learnt by heart.
const SALTS: [&str; 4] = ["train-a:", "train-b:", "train-c:", "train-d:"];

/// The lists of train users, by task.
#[must_use]
pub fn training_lists(histories: &Histories) -> Vec<(Task, Visit)> {
    let mut lists = Vec::new();
    for salt in SALTS {
        let visits = sampled_lists(histories, &OFFSETS, salt);
        lists.extend(visits.into_iter().map(|visit| (Task::Engage, visit)));
    }
    lists.extend(rated_lists(histories, &OFFSETS).into_iter().map(|visit| (Task::Like, visit)));
    lists
}

/// One list of rated items for each offset that leaves enough ratings, by ascending user id, then in the
/// order of the offsets.
fn rated_lists(histories: &Histories, offsets: &[usize]) -> Vec<Visit> {
    let mut visits = Vec::new();
    for (user, history) in histories.of_split(Split::Train) {
        let warm = warm_only(history);
        visits.extend(offsets.iter().filter_map(|&offset| rated::visit(user, &warm, offset)));
    }
    visits
}

/// Lists with sampled negatives, by ascending user id, then in the order of the offsets. The negatives of a
/// user come from the train users in the other folds.
fn sampled_lists(histories: &Histories, offsets: &[usize], salt: &str) -> Vec<Visit> {
    let mut visits = Vec::new();
    for left_out in 0..FOLDS {
        let users: Vec<(u64, Vec<RatingEvent>)> = histories
            .of_split(Split::Train)
            .filter(|&(user, _)| fold(user) == left_out)
            .map(|(user, history)| (user, warm_only(history)))
            .collect();
        let excerpts: Vec<Excerpt<'_>> = users
            .iter()
            .flat_map(|(user, history)| {
                offsets.iter().map(|&offset| Excerpt { user: *user, history, offset })
            })
            .collect();
        visits.extend(cut(&PopularityIndex::without_fold(histories, left_out), &excerpts, salt));
    }
    visits.sort_by_key(|visit| visit.user);
    visits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::lists::sampled::tests::assert_invariants;
    use crate::data::rating::Opinion;
    use crate::data::split::is_cold;
    use crate::generate::ratings::{self, Shape};

    fn histories() -> Histories {
        ratings::ratings(&Shape::default()).into_iter().collect()
    }

    #[test]
    fn rated_lists_hold_train_users_and_warm_items_only() {
        let visits = rated_lists(&histories(), &[0, 20, 60]);
        assert!(visits.len() > 200);
        for visit in &visits {
            assert_eq!(Split::of(visit.user), Split::Train);
            assert!(visit.candidates.iter().all(|c| !is_cold(c.item)));
            assert!(visit.pool.iter().all(|p| !is_cold(p.0)));
        }
        let likes = visits.iter().flat_map(|v| &v.pool).filter(|p| Opinion::of(p.1) == Opinion::Like);
        assert!(likes.count() > visits.len());
    }

    #[test]
    fn sampled_lists_hold_warm_items_and_differ_by_salt() {
        let histories = histories();
        let visits = sampled_lists(&histories, &[0, 20], "a:");
        assert!(visits.len() > 100);
        for visit in &visits {
            assert_invariants(&histories, visit);
            assert_eq!(Split::of(visit.user), Split::Train);
            assert!(visit.candidates.iter().all(|c| !is_cold(c.item)));
            assert!(visit.pool.iter().all(|rated| !is_cold(rated.0)));
        }
        assert!(visits.is_sorted_by_key(|visit| visit.user));
        assert_ne!(visits, sampled_lists(&histories, &[0, 20], "b:"));
    }
}
