//! In: numbers and names that a rule gives. Out: nothing, or a sentence that says what is out of bounds.
//! All rules check by these, so that the same mistake reads the same in every kind.

use crate::limits;
use crate::text::tag_id;

/// Refuses numbers that are out of bounds or not finite.
pub(super) fn within<T: PartialOrd + std::fmt::Display>(
    value: T,
    bounds: std::ops::RangeInclusive<T>,
    what: &str,
) -> Result<(), String> {
    if bounds.contains(&value) {
        return Ok(());
    }
    Err(format!("{what} is {value}, must be {} to {}", bounds.start(), bounds.end()))
}

/// Refuses names of no or more than [`limits::RULE_TEXT_BYTES`] bytes.
pub(super) fn name_fits(name: &str) -> Result<(), String> {
    match name.len() {
        1..=limits::RULE_TEXT_BYTES => Ok(()),
        bytes => Err(format!("a name has {bytes} bytes, must have 1 to {}", limits::RULE_TEXT_BYTES)),
    }
}

/// Refuses tags and prefixes that no item can bear.
pub(super) fn tag_fits(text: &str) -> Result<(), String> {
    name_fits(text)?;
    match tag_id(text) {
        Some(_) => Ok(()),
        None => Err(format!("`{text}` holds no letter or digit")),
    }
}
