//! In: an attribute and a distance. Out: a [`BoundSpacing`] for the list.
//! No two items with a value in common stand within `within` slots of each other.

use crate::error;
use crate::limits;
use crate::rules::attribute::{Attribute, Values};
use crate::rules::bound_spacing::BoundSpacing;
use crate::rules::bounds::within;
use crate::rules::constraint::Constraint;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Keeps items with a value in common apart.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spacing {
    /// The attribute whose equal values are kept apart.
    pub by: Attribute,
    /// Any so many slots in a row hold each value at most once: 2 to [`limits::SLOTS`].
    pub within: u32,
    /// Slots from the top that it concerns; default and at most [`limits::SLOTS`].
    #[serde(default = "all")]
    pub top: u32,
}

fn all() -> u32 {
    limits::SLOTS as u32
}

impl RuleKind for Spacing {
    const NAME: &'static str = "spacing";
    const STAGE: Stage = Stage::Slots;

    fn check(&self) -> Result<(), String> {
        within(self.within, 2..=limits::SLOTS as u32, "within")?;
        within(self.top, 2..=limits::SLOTS as u32, "top")?;
        self.by.check()
    }

    fn fields(&self, names: &mut Vec<String>) {
        names.extend(self.by.field());
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
        let values = Values::of(&self.by, state.input)?;
        let (within, top) = (self.within as usize, self.top as usize);
        state.constraints.push((rule, Constraint::Spacing(BoundSpacing { values, within, top })));
        Ok(())
    }
}
