//! In: the circumstances of a ranking as the caller gives them. Out: [`Context`], checked.
//! All optional: a model's features read what they name, and have their `missing` value without.
//! They are given anew with each ranking; a session does not keep them.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use crate::error::{Error, Kind};
use crate::limits;
use serde::{Deserialize, Serialize};

/// When and where a ranking is for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Hour of the visitor's day, 0 up to 24, fractions allowed.
    pub hour: Option<f64>,
    /// Day of the visitor's week: 0 is Sunday, 6 Saturday.
    pub weekday: Option<f64>,
    /// BCP 47 tag such as `de-AT`.
    pub locale: Option<String>,
    /// Class of device, in the model's own words, such as `phone`.
    pub device: Option<String>,
}

/// What a feature may read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circumstance {
    /// sin(2π · hour / 24): with the cosine, a time of day without a jump at midnight.
    HourSin,
    /// cos(2π · hour / 24).
    HourCos,
    /// 1 on Saturday and Sunday, else 0.
    Weekend,
    /// 1 if the locale is this one or a narrower one (`de` holds `de-AT`), letter case aside, else 0.
    Locale(String),
    /// 1 on this class of device, else 0.
    Device(String),
}

impl Context {
    /// Drops what is out of range, and says so.
    pub fn check(&mut self) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, what: String| {
            errors.push(Error::new(Kind::RankContext, format!("options.context.{field}"), what));
        };
        if let Some(hour) = self.hour.take_if(|hour| !(0.0..24.0).contains(hour)) {
            refuse("hour", format!("is {hour}"));
        }
        if let Some(day) = self.weekday.take_if(|day| !(0.0..=6.0).contains(day) || day.fract() != 0.0) {
            refuse("weekday", format!("is {day}"));
        }
        for (field, text) in [("locale", &mut self.locale), ("device", &mut self.device)] {
            if let Some(long) = text.take_if(|text| text.is_empty() || text.len() > limits::CONTEXT_BYTES) {
                refuse(field, format!("has {} bytes, must have 1 to {}", long.len(), limits::CONTEXT_BYTES));
            }
        }
        errors
    }

    /// What a feature reads; NaN if it was not given.
    pub fn value(&self, circumstance: &Circumstance) -> f32 {
        let turn = || self.hour.map(|hour| hour / 24.0 * std::f64::consts::TAU);
        let value = match circumstance {
            Circumstance::HourSin => turn().map(libm::sin),
            Circumstance::HourCos => turn().map(libm::cos),
            Circumstance::Weekend => self.weekday.map(|day| f64::from(day == 0.0 || day == 6.0)),
            Circumstance::Locale(is) => self.locale.as_deref().map(|own| f64::from(holds(is, own))),
            Circumstance::Device(is) => self.device.as_deref().map(|own| f64::from(own == is)),
        };
        value.map_or(f32::NAN, |value| value as f32)
    }
}

fn holds(wide: &str, own: &str) -> bool {
    let start = own.get(..wide.len()).is_some_and(|start| start.eq_ignore_ascii_case(wide));
    start && matches!(own.as_bytes().get(wide.len()), None | Some(b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_not_given_is_missing() {
        let nothing = Context::default();
        for circumstance in [Circumstance::HourSin, Circumstance::Weekend, Circumstance::Locale("de".into())]
        {
            assert!(nothing.value(&circumstance).is_nan());
        }
    }

    #[test]
    fn values_are_what_the_features_say() {
        let context = Context {
            hour: Some(6.0),
            weekday: Some(6.0),
            locale: Some("de-AT".into()),
            device: Some("phone".into()),
        };
        assert_eq!(context.value(&Circumstance::HourSin), 1.0);
        assert!(context.value(&Circumstance::HourCos).abs() < 1e-6);
        assert_eq!(context.value(&Circumstance::Weekend), 1.0);
        for (wide, is) in [("DE", 1.0), ("de-AT", 1.0), ("d", 0.0), ("de-ATX", 0.0), ("en", 0.0)] {
            assert_eq!(context.value(&Circumstance::Locale(wide.into())), is, "{wide}");
        }
        assert_eq!(context.value(&Circumstance::Device("tablet".into())), 0.0);
    }

    #[test]
    fn what_is_out_of_range_is_dropped_and_said() {
        for hour in [-0.1, 24.0, f64::NAN, f64::INFINITY] {
            let mut context = Context { hour: Some(hour), ..Context::default() };
            let errors = context.check();
            assert_eq!((errors.len(), errors[0].code(), context.hour), (1, "rank/context", None));
        }
        let long = "x".repeat(limits::CONTEXT_BYTES + 1);
        let mut context = Context {
            hour: Some(23.9),
            weekday: Some(1.5),
            locale: Some(long.clone()),
            device: Some(long[1..].into()),
        };
        assert_eq!(context.check().len(), 2);
        assert_eq!(
            (context.hour, context.device.map(|d| d.len())),
            (Some(23.9), Some(limits::CONTEXT_BYTES))
        );
    }
}
