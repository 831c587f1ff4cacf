//! The stand-in for anyhow says what anyhow says: `{}` the last context, `{:#}` all that led to it.
#![allow(clippy::unwrap_used)]

use anyhow::{anyhow, bail, ensure, format_err, Context, Error, Result};
use std::fmt;

#[derive(Debug)]
struct Root;

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("root")
    }
}

impl std::error::Error for Root {}

fn said(error: &Error) -> [String; 3] {
    [format!("{error}"), format!("{error:#}"), format!("{error:?}")]
}

fn fails<T>(result: Result<T>) -> [String; 3] {
    said(&result.err().unwrap())
}

#[test]
fn messages_are_said_as_they_are() {
    let (a, name) = (1, String::from("own"));
    assert_eq!(said(&anyhow!("plain")), ["plain"; 3]);
    assert_eq!(said(&anyhow!("inline {a}")), ["inline 1"; 3]);
    assert_eq!(said(&format_err!("with {:?}, {b}", a, b = 2)), ["with 1, 2"; 3]);
    assert_eq!(said(&anyhow!(name)), ["own"; 3]);
    assert_eq!(said(&Error::msg("made")), ["made"; 3]);
}

#[test]
fn contexts_stand_before_their_cause() {
    let failed = || -> Result<()> { Err(Root)? };
    assert_eq!(fails(failed().context("here").context("there"))[..2], ["there", "there: here: root"]);
    assert_eq!(fails(failed().with_context(|| format!("at {}", 3)))[..2], ["at 3", "at 3: root"]);
    assert_eq!(fails("x".parse::<u8>().context("reading"))[1], "reading: invalid digit found in string");
    assert_eq!(fails(None::<u8>.context("nothing")), ["nothing"; 3]);
    assert_eq!(fails(None::<u8>.with_context(|| "nothing")), ["nothing"; 3]);
}

#[test]
fn a_cause_is_known_by_its_type_through_all_contexts() {
    let bailed = || -> Result<()> { bail!(Root) };
    for error in [bailed(), Err(Root).context("a"), Err(Error::from(Root).context("b").context("c"))] {
        assert!(error.unwrap_err().root_cause().is::<Root>());
    }
    assert!(!anyhow!("root").root_cause().is::<Root>());
}

#[test]
fn a_condition_that_fails_returns() {
    let checked = |x: i32| -> Result<i32> {
        ensure!(x > 0);
        ensure!(x > 1, "is {x}");
        ensure!(x > 2, Root);
        Ok(x)
    };
    assert_eq!(fails(checked(0)), ["Condition failed: `x > 0`"; 3]);
    assert_eq!(fails(checked(1)), ["is 1"; 3]);
    assert!(checked(2).unwrap_err().root_cause().is::<Root>());
    assert_eq!(checked(3).unwrap(), 3);
}
