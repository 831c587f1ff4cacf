//! In: one list of picked items a user, with weights. Out: [`Interactions`], a sparse matrix of users by items.
//! Dense algebra on its users is cubic in their number, so that only the most active ones enter.

use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// Users that enter the dense algebra at most, the most active first: its cost is cubic in them.
const MOST_USERS: usize = 1_500;

/// A sparse matrix of users by items.
#[derive(Debug, Clone, Default)]
pub struct Interactions {
    /// Ids of the columns, ascending.
    pub(super) items: Vec<u64>,
    /// Per column the rows with their weights, by ascending row.
    pub(super) columns: Vec<Vec<(usize, f32)>>,
    users: usize,
}

impl Interactions {
    /// Of one list a user: items with weights above 0, each item at most once a user.
    pub fn of(users: impl Iterator<Item = Vec<(u64, f32)>>) -> Interactions {
        let mut users: Vec<Vec<(u64, f32)>> = users.filter(|row| !row.is_empty()).collect();
        if users.len() > MOST_USERS {
            users.sort_by_key(|row| std::cmp::Reverse(row.len()));
            users.truncate(MOST_USERS);
        }
        let mut columns: BTreeMap<u64, Vec<(usize, f32)>> = BTreeMap::new();
        for (user, row) in users.iter().enumerate() {
            for &(item, weight) in row {
                columns.entry(item).or_default().push((user, weight));
            }
        }
        let (items, columns) = columns.into_iter().unzip();
        Interactions { items, columns, users: users.len() }
    }

    /// Ids of the items, ascending.
    pub fn items(&self) -> &[u64] {
        &self.items
    }

    /// The column of an item.
    pub fn column(&self, item: u64) -> Option<usize> {
        self.items.binary_search(&item).ok()
    }

    /// `Y·Yᵀ`, users by users.
    pub(super) fn gram(&self) -> DMatrix<f64> {
        let mut gram = DMatrix::zeros(self.users, self.users);
        for column in &self.columns {
            for &(a, x) in column {
                for &(b, y) in column {
                    gram[(a, b)] += f64::from(x) * f64::from(y);
                }
            }
        }
        gram
    }
}
