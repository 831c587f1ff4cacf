//! In: a timestamp field and the time. Out: utilities lifted by how new an item is.
//! Exponential decay: `weight · 2^(−age / half-life)`, full at age 0, half after one half-life.
//! Must never lift an item for a timestamp in the future, nor bury it for having none.

use super::condition::{name_fits, within};
use super::state::State;
use crate::error::Result;
use crate::limits;
use serde::Deserialize;

/// Lifts what is new.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freshness {
    /// The field that holds when the item appeared. Fields are f32: times of today in milliseconds
    /// are known to about two minutes.
    pub field: String,
    /// Age in milliseconds after which half of the lift is left: [`limits::HALF_LIFE_MS`].
    pub half_life_ms: f64,
    /// Lift of an item of age 0, in standard deviations of the scores: 0 to [`limits::SHIFT`].
    pub weight: f64,
    /// Milliseconds in one unit of the field, above 0; default 1. 1000 for seconds since 1970.
    #[serde(default = "one")]
    pub unit_ms: f64,
}

fn one() -> f64 {
    1.0
}

impl Freshness {
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        within(self.half_life_ms, limits::HALF_LIFE_MS, "halfLifeMs")?;
        within(self.weight, 0.0..=limits::SHIFT, "weight")?;
        within(self.unit_ms, 1.0 / limits::RULE_NUMBER..=limits::RULE_NUMBER, "unitMs")?;
        name_fits(&self.field)
    }

    /// Lift in standard deviations; `at` in the field's unit, NaN if absent.
    fn lift(&self, at: f64, now_ms: f64) -> f64 {
        let age = now_ms - at * self.unit_ms;
        // An item without a time, or a clock without one, gets no lift; one of tomorrow the full lift.
        if age.is_nan() { 0.0 } else { self.weight * libm::exp2(-age.max(0.0) / self.half_life_ms) }
    }
}

pub(super) fn apply(state: &mut State, rule: usize, freshness: &Freshness) -> Result<()> {
    let column = state.input.column(&freshness.field)?;
    let unit = state.utility.unit();
    for (position, shift) in state.shift.iter_mut().enumerate() {
        *shift += freshness.lift(f64::from(column.value(position)), state.input.now_ms) * unit;
    }
    state.advance(rule, state.resorted());
    Ok(())
}
