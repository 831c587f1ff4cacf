//! In: a condition. Out: the list without the items that match it.
//! Blocked ids, items seen too often, out of stock: whatever must not be shown.
//! Must never be overruled: no pin brings a filtered item back.

use super::condition::Condition;
use super::state::State;
use crate::error::Result;
use serde::Deserialize;

/// Takes items out of the list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Which items go.
    #[serde(rename = "where")]
    pub condition: Condition,
}

pub(super) fn apply(state: &mut State, rule: usize, filter: &Filter) -> Result<()> {
    let goes = filter.condition.matches(state.input)?;
    state.remove(rule, |position| goes[position as usize]);
    Ok(())
}
