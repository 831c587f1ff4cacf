//! Values to run a stage with in order to find out whether other numbers of rows than a block give the same.
//! They vary, and the largest and the smallest lie in the last rows: an operator that compares rows finds there
//! what fewer rows do not have.
#![deny(clippy::indexing_slicing)]

use super::manifest::Role;
use super::stage_input::StageInput;
use std::collections::HashMap;
use std::ops::Range;

/// Values for each role.
pub(super) struct ProbeValues(HashMap<Role, Values>);

struct Values {
    width: usize,
    ids: Vec<i64>,
    floats: Vec<f32>,
}

impl ProbeValues {
    /// Values for `rows` rows of the roles that have a row for each item, of which the last of a `block` and the
    /// last of all hold the extremes; token ids lie below `bound`.
    pub fn new(inputs: &[(Role, [usize; 2])], block: usize, rows: usize, bound: i64) -> ProbeValues {
        let values = |&(role, [own_rows, width]): &(Role, [usize; 2])| {
            let per_item = role.has_row_per_item();
            let length = width * if per_item { rows } else { own_rows };
            let ids = (0..length as i64).map(|i| i * 7919 % bound.max(1)).collect();
            let float = |i: usize| {
                let base = (i * 37 % 101) as f32 / 25.0 - 2.0;
                match i / width.max(1) + 1 {
                    row if per_item && (row == block || row == rows) => base + 50.0,
                    row if per_item && (row + 1 == block || row + 1 == rows) => base - 50.0,
                    _ => base,
                }
            };
            (role, Values { width, ids, floats: (0..length).map(float).collect() })
        };
        ProbeValues(inputs.iter().map(values).collect())
    }

    /// The values of some rows of a role; of the session's roles, all of them.
    pub fn of(&self, role: Role, rows: Range<usize>) -> Option<StageInput<'_>> {
        let Values { width, ids, floats } = self.0.get(&role)?;
        let cells =
            if role.has_row_per_item() { rows.start * width..rows.end * width } else { 0..floats.len() };
        Some(match role {
            Role::Tokens => StageInput::Ids(ids.get(cells)?),
            _ => StageInput::Floats(floats.get(cells)?),
        })
    }
}
