//! In: nothing. Out: [`RuleKind`], what every kind of rule provides, and [`Stage`], when it acts.
//! A kind is one `impl` in a file of its own and one line of the table in `kinds/mod.rs`; reading, checking
//! and applying go through this trait alone.

use super::state::{RuleRef, State};
use crate::error;

/// When a kind acts: stages follow each other in this order; within a stage, kinds as in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Items leave the list.
    Remove,
    /// Pins find their items.
    Pin,
    /// Utilities are shifted and the list is sorted by them.
    Shift,
    /// The best of each group stay.
    Group,
    /// The top is chosen anew.
    Choose,
    /// What the slots must obey, and how they are explored, is collected; then they are filled.
    Slots,
}

/// How several rules of one kind in a ruleset apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Several {
    /// One after the other, as declared.
    AsDeclared,
    /// One after the other, the highest priority first.
    ByPriority,
    /// The one of the highest priority, or of equal ones the first; the others are contradictions.
    One,
}

/// A kind of rule: what its JSON says, as data that serde reads.
pub(super) trait RuleKind {
    /// Its name in JSON, the value of `rule`.
    const NAME: &'static str;
    const STAGE: Stage;
    const SEVERAL: Several = Several::AsDeclared;

    /// Says what of it is out of bounds.
    fn check(&self) -> Result<(), String>;

    /// Adds the names of the numeric fields that it reads.
    fn fields(&self, _names: &mut Vec<String>) {}

    /// Applies it to a list.
    ///
    /// # Errors
    /// [`crate::Kind::RulesUnknownField`]; then the rule is reported and changes nothing.
    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()>;
}
