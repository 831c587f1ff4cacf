//! In: published values, and what this implementation computes. Out: [`Checks`], both side by side as text, so that
//! they are compared digit for digit.

use std::fmt::Display;

/// A published value and what this implementation computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is compared.
    pub name: String,
    /// The published value.
    pub expected: String,
    /// The value computed from the folder.
    pub actual: String,
}

impl Check {
    /// Whether both are the same, digit for digit.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.expected == self.actual
    }
}

/// Collects checks.
#[derive(Default)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    pub fn add(&mut self, name: &str, expected: impl Display, actual: impl Display) {
        self.0.push(Check {
            name: name.to_owned(),
            expected: expected.to_string(),
            actual: actual.to_string(),
        });
    }

    /// Adds a number, compared to six decimals.
    pub fn decimal(&mut self, name: &str, expected: f64, actual: Option<f64>) {
        let actual = actual.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.6}"));
        self.add(name, format!("{expected:.6}"), actual);
    }
}

/// Values as one text, blanks between them.
pub fn joined<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    texts.join(" ")
}
