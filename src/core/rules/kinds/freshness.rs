//! In: a timestamp field and the time. Out: utilities raised by how new an item is.
//! Exponential decay: `weight · 2^(−age / half-life)`, full at age 0, half after one half-life. A timestamp in
//! the future counts as age 0; an item without one is not shifted.

use crate::error::Result;
use crate::limits;
use crate::rules::bounds::{name_fits, within};
use crate::rules::kind::{RuleKind, Stage};
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Raises what is new.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freshness {
    /// The field that holds when the item appeared. Fields are f32: times of today in milliseconds
    /// are known to about two minutes.
    pub field: String,
    /// Age in milliseconds after which half of the shift is left: [`limits::HALF_LIFE_MS`].
    pub half_life_ms: f64,
    /// Shift of an item of age 0, in standard deviations of the scores: 0 to [`limits::SHIFT`].
    pub weight: f64,
    /// Milliseconds in one unit of the field, above 0; default 1. 1000 for seconds since 1970.
    #[serde(default = "one")]
    pub unit_ms: f64,
}

fn one() -> f64 {
    1.0
}

impl Freshness {
    /// Shift in standard deviations; `at` in the field's unit, NaN if absent.
    fn shift(&self, at: f64, now_ms: f64) -> f64 {
        let age = now_ms - at * self.unit_ms;
        // NaN if the item has no time, or the caller gave none.
        if age.is_nan() { 0.0 } else { self.weight * libm::exp2(-age.max(0.0) / self.half_life_ms) }
    }
}

impl RuleKind for Freshness {
    const NAME: &'static str = "freshness";
    const STAGE: Stage = Stage::Shift;

    fn check(&self) -> std::result::Result<(), String> {
        within(self.half_life_ms, limits::HALF_LIFE_MS, "halfLifeMs")?;
        within(self.weight, 0.0..=limits::SHIFT, "weight")?;
        within(self.unit_ms, 1.0 / limits::RULE_NUMBER..=limits::RULE_NUMBER, "unitMs")?;
        name_fits(&self.field)
    }

    fn fields(&self, names: &mut Vec<String>) {
        names.push(self.field.clone());
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> Result<()> {
        let column = state.input.column(&self.field)?;
        let unit = state.utility.unit();
        for (position, shift) in state.shift.iter_mut().enumerate() {
            *shift += self.shift(f64::from(column.value(position)), state.input.now_ms) * unit;
        }
        state.reorder(rule.index, state.resorted());
        Ok(())
    }
}
