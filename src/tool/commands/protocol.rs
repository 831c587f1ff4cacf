//! In: the official data set. Out: each published check value beside the computed one; exit code 1 if one differs.
//! The protocols are only worth something while two implementations agree.

use crate::commands::data_folder;
use crate::error::Result;
use crate::evaluate::checks::checks;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with ratings.csv, movies.csv and tags.csv [default: the official ml-latest-small]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    let folder = data_folder::data(args.data.as_deref())?;
    let checks = checks(&folder)?;
    let mut wrong = 0;
    for check in &checks {
        let mark = if check.passed() { "ok  " } else { "DIFF" };
        println!(
            "{mark} {:<60} {} {}",
            check.name,
            check.expected,
            if check.passed() { "" } else { &check.actual }
        );
        wrong += usize::from(!check.passed());
    }
    println!("{} values agree, {wrong} differ", checks.len() - wrong);
    if wrong > 0 { Err(format!("{wrong} check values differ").into()) } else { Ok(()) }
}
