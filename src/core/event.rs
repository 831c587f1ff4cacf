//! In: one event as the caller gives it. Out: [`Event`], validated, with its strength by channel.
//! What an event type means is data: the manifest's actions.
//! A NaN, an unknown type or an unbounded value is refused before it reaches the session.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use crate::error::{Error, Kind, Result};
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Channels of a strength: positive, negative, exposed.
pub const CHANNELS: usize = 3;

/// How strongly something speaks for, against, or merely of an item: positive, negative, exposed.
/// Each is 0 to 1.
pub type Strength = [f32; CHANNELS];

/// What one event type says about its item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Interest, 0 to 1.
    #[serde(default)]
    pub positive: f32,
    /// Rejection, 0 to 1.
    #[serde(default)]
    pub negative: f32,
    /// Seen without a verdict, 0 to 1.
    #[serde(default)]
    pub exposed: f32,
    /// For types with a value (dwell in seconds, watch as a fraction): the value at which the
    /// strengths are reached in full. Smaller values count in proportion, larger ones as this one.
    #[serde(default)]
    pub full_at: Option<f32>,
}

impl Action {
    /// Says what is wrong with an action of a manifest.
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        let strengths = [self.positive, self.negative, self.exposed];
        if strengths.iter().any(|s| !(0.0..=1.0).contains(s)) {
            return Err(format!("strengths {strengths:?} must be 0 to 1"));
        }
        match self.full_at {
            Some(full) if !(full > 0.0 && full.is_finite()) => Err(format!("full_at is {full}")),
            _ => Ok(()),
        }
    }
}

/// One event as it arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// Its type: an action of the manifest.
    pub kind: &'a str,
    /// Its own id, for idempotence; empty if it has none.
    pub id: &'a str,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: f64,
    /// Seconds for dwell, a fraction for watch; NaN if absent.
    pub value: f64,
}

impl Event<'_> {
    /// Checks the event against the manifest's actions and gives its strength.
    ///
    /// # Errors
    /// [`Kind::EventUnknownType`], [`Kind::EventTime`], [`Kind::EventValue`].
    pub fn strength(&self, actions: &BTreeMap<String, Action>) -> Result<Strength> {
        let action = actions.get(self.kind).ok_or_else(|| {
            let kind: String = self.kind.chars().take(40).collect();
            let known: Vec<&str> = actions.keys().map(String::as_str).collect();
            let what = format!("`{kind}` is not one of {}", known.join(", "));
            Error::new(Kind::EventUnknownType, "event.type", what)
        })?;
        if !self.at_ms.is_finite() {
            return Err(Error::new(Kind::EventTime, "event.at", format!("is {}", self.at_ms)));
        }
        if self.id.len() > limits::EVENT_ID_BYTES {
            let what = format!("has {} bytes, at most {}", self.id.len(), limits::EVENT_ID_BYTES);
            return Err(Error::new(Kind::EventId, "event.id", what));
        }
        let share = match action.full_at {
            None => 1.0,
            // Infinity is merely more than enough.
            Some(_) if self.value.is_nan() || self.value < 0.0 => {
                let what = format!("is {}, must be 0 or more", self.value);
                return Err(Error::new(Kind::EventValue, "event.value", what));
            }
            Some(full) => (self.value as f32 / full).min(1.0),
        };
        Ok([action.positive, action.negative, action.exposed].map(|strength| strength * share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn actions() -> BTreeMap<String, Action> {
        let like = Action { positive: 1.0, negative: 0.0, exposed: 0.0, full_at: None };
        let dwell = Action { positive: 0.5, full_at: Some(60.0), ..like };
        BTreeMap::from([("like".into(), like), ("dwell".into(), dwell)])
    }

    fn event(kind: &str, at_ms: f64, value: f64) -> Result<Strength> {
        Event { kind, id: "", at_ms, value }.strength(&actions())
    }

    #[test]
    fn strength_follows_the_manifest_and_saturates() {
        assert_eq!(event("like", 0.0, f64::NAN), Ok([1.0, 0.0, 0.0]));
        assert_eq!(event("dwell", 0.0, 30.0), Ok([0.25, 0.0, 0.0]));
        for long in [60.0, 3_600.0, f64::INFINITY] {
            assert_eq!(event("dwell", 0.0, long), Ok([0.5, 0.0, 0.0]));
        }
    }

    #[test]
    fn nonsense_is_refused_with_its_code() {
        let code = |result: Result<Strength>| result.unwrap_err().code();
        assert_eq!(code(event("lick", 0.0, 0.0)), "event/unknown-type");
        assert_eq!(code(event("like", f64::NAN, 0.0)), "event/bad-time");
        assert_eq!(code(event("like", f64::INFINITY, 0.0)), "event/bad-time");
        for value in [f64::NAN, -1.0, f64::NEG_INFINITY] {
            assert_eq!(code(event("dwell", 0.0, value)), "event/bad-value");
        }
    }
}
