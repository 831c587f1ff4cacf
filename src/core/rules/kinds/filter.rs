//! In: a condition. Out: the list without the items that match it.
//! For whatever must not be shown: blocked ids, items seen too often, out of stock. Filters act before pins
//! look for their items, so that no pin brings a filtered item back.

use crate::error::Result;
use crate::rules::condition::Condition;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Takes items out of the list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Which items go.
    #[serde(rename = "where")]
    pub condition: Condition,
}

impl RuleKind for Filter {
    const NAME: &'static str = "filter";
    const STAGE: Stage = Stage::Remove;

    fn check(&self) -> std::result::Result<(), String> {
        self.condition.check()
    }

    fn fields(&self, names: &mut Vec<String>) {
        self.condition.fields(names);
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> Result<()> {
        let goes = self.condition.matches(state.input)?;
        state.remove(rule.index, &goes);
        Ok(())
    }
}
