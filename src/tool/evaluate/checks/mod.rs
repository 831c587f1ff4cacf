//! In: a folder with ml-latest-small. Out: every published check value of both protocols beside the value computed
//! here. No model is judged: the values show that lists, statistics, metrics and intervals are the protocol's.

mod check;
mod lists;
mod scores;

use crate::data::error::Result;
use crate::data::hash::{fnv, tie};
use crate::data::history::Histories;
use crate::data::movielens::provenance::provenance;
use crate::data::stats::Stats;
use check::{Check, Checks};
use std::path::Path;

/// Computes every published check value. On other data than the official files they differ.
///
/// # Errors
/// The ratings cannot be read.
pub fn checks(folder: &Path) -> Result<Vec<Check>> {
    let histories = Histories::read(folder)?;
    let stats = Stats::of_train(&histories);
    let mut checks = Checks::default();
    for file in provenance(folder) {
        let found = if file.known { "official" } else { "unknown" };
        checks.add(&format!("{} of ml-latest-small", file.file), "official", found);
    }
    hashes(&mut checks);
    lists::counts(&mut checks, &histories, &stats);
    lists::compare(&mut checks, &histories);
    scores::v1(&mut checks, &histories, &stats)?;
    scores::v2(&mut checks, &histories, &stats)?;
    Ok(checks.0)
}

fn hashes(checks: &mut Checks) {
    let (user, item) = (fnv(format_args!("user:1")), fnv(format_args!("item:1")));
    checks.add("fnv user:1", "f7fd9aaa75081ceb", format_args!("{user:016x}"));
    checks.add("fnv item:1", "67345b13ab1a095f", format_args!("{item:016x}"));
    checks.add("fnv 1:1", "45543418180b0bd9", format_args!("{:016x}", fnv(format_args!("1:1"))));
    checks.add("tie 1 1", "44c8364dadd505b8", format_args!("{:016x}", tie(1, 1)));
    checks.add("buckets of user 1 and item 1", "47 31", format_args!("{} {}", user % 100, item % 100));
}
