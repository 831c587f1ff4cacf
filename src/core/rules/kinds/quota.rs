//! In: a condition or an attribute, bounds, a number of slots. Out: a [`BoundQuota`] for the list.
//! At least and at most so many of the top match; or at most so many of any one value.

use crate::error;
use crate::limits;
use crate::rules::attribute::{Attribute, Values};
use crate::rules::bound_quota::{BoundQuota, Groups};
use crate::rules::bounds::within;
use crate::rules::condition::Condition;
use crate::rules::constraint::Constraint;
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// At least and at most so many of the top slots hold items that match.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Which items count. Give this or `each`.
    #[serde(default)]
    pub of: Option<Condition>,
    /// Counts each value of an attribute by itself, with `most` alone: a ceiling by topic.
    #[serde(default)]
    pub each: Option<Attribute>,
    /// At least so many, 0 to `top`.
    #[serde(default)]
    pub least: Option<u32>,
    /// At most so many, `least` to `top`.
    #[serde(default)]
    pub most: Option<u32>,
    /// Of so many slots from the top: 1 to [`limits::SLOTS`].
    pub top: u32,
}

impl RuleKind for Quota {
    const NAME: &'static str = "quota";
    const STAGE: Stage = Stage::Slots;

    fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        let least = self.least.unwrap_or(0);
        within(least, 0..=self.top, "least")?;
        within(self.most.unwrap_or(self.top), least..=self.top, "most")?;
        match (&self.of, &self.each) {
            _ if self.least.or(self.most).is_none() => Err("gives neither `least` nor `most`".into()),
            (Some(of), None) => of.check(),
            (None, Some(each)) if self.least.is_none() => each.check(),
            (None, Some(_)) => Err("`each` takes `most` alone".into()),
            _ => Err("give one of `of` and `each`".into()),
        }
    }

    fn fields(&self, names: &mut Vec<String>) {
        names.extend(self.each.as_ref().and_then(Attribute::field));
        self.of.iter().for_each(|of| of.fields(names));
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
        let groups = match (&self.each, &self.of) {
            (Some(each), _) => Groups::Each(Values::of(each, state.input)?),
            (None, Some(of)) => Groups::One(of.matches(state.input)?),
            (None, None) => Groups::One(vec![false; state.input.items.len()]),
        };
        let (least, most, top) = (self.least.unwrap_or(0), self.most, self.top as usize);
        state.constraints.push((rule, Constraint::Quota(BoundQuota { groups, least, most, top })));
        Ok(())
    }
}
