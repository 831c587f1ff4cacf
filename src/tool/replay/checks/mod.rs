//! Enters: a folder with ml-latest-small.
//! Leaves: every published check value of both protocols beside the value computed here.
//! Never: judges a model; it proves that lists, statistics, metrics and intervals are the protocol's.

mod lists;
mod scores;

use std::fmt::Display;
use std::path::Path;

use super::error::Result;
use super::hash::{fnv, tie};
use super::history::Histories;
use super::provenance::provenance;
use super::stats::Stats;

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

/// Computes every published check value. On other data than the official files they differ.
///
/// # Errors
/// The ratings cannot be read.
pub fn checks(folder: &Path) -> Result<Vec<Check>> {
    let histories = Histories::read(folder)?;
    let stats = Stats::of_train(&histories);
    let mut sheet = Sheet::default();
    for file in provenance(folder) {
        let found = if file.known { "official" } else { "unknown" };
        sheet.note(&format!("{} of ml-latest-small", file.file), "official", found);
    }
    hashes(&mut sheet);
    lists::counts(&mut sheet, &histories, &stats);
    lists::compare(&mut sheet, &histories);
    scores::v1(&mut sheet, &histories, &stats)?;
    scores::v2(&mut sheet, &histories, &stats)?;
    Ok(sheet.0)
}

/// Collects checks.
#[derive(Default)]
struct Sheet(Vec<Check>);

impl Sheet {
    fn note(&mut self, name: &str, expected: impl Display, actual: impl Display) {
        self.0.push(Check {
            name: name.to_owned(),
            expected: expected.to_string(),
            actual: actual.to_string(),
        });
    }

    fn decimal(&mut self, name: &str, expected: f64, actual: Option<f64>) {
        let actual = actual.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.6}"));
        self.note(name, format!("{expected:.6}"), actual);
    }
}

fn hashes(sheet: &mut Sheet) {
    let (user, item) = (fnv(format_args!("user:1")), fnv(format_args!("item:1")));
    sheet.note("fnv user:1", "f7fd9aaa75081ceb", format_args!("{user:016x}"));
    sheet.note("fnv item:1", "67345b13ab1a095f", format_args!("{item:016x}"));
    sheet.note("fnv 1:1", "45543418180b0bd9", format_args!("{:016x}", fnv(format_args!("1:1"))));
    sheet.note("tie 1 1", "44c8364dadd505b8", format_args!("{:016x}", tie(1, 1)));
    sheet.note("buckets of user 1 and item 1", "47 31", format_args!("{} {}", user % 100, item % 100));
}

fn joined<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    texts.join(" ")
}
