//! In: a MovieLens folder or a log. Out: the other of the two, and what was not carried over. Which way it goes is
//! told by what is found at `--data`.

use crate::commands::source::report_faults;
use crate::data::logs::fault::Faults;
use crate::data::logs::read::LogReader;
use crate::data::logs::write::LogWriter;
use crate::data::movielens::from_log::log_to_movielens;
use crate::data::movielens::to_log::movielens_to_log;
use crate::error::Result;
use crate::progress::BytesBar;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// A folder with movies.csv, ratings.csv and tags.csv; or a log: JSON Lines, plain or .gz, or a
    /// folder of them
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// The log to write (.jsonl or .jsonl.gz); or, of a log, the folder for the CSV files
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Stop at the first malformed line instead of counting and passing over
    #[arg(long)]
    strict: bool,
}

pub fn run(args: &Args) -> Result {
    let mut faults = Faults::new(args.strict);
    if args.data.join("ratings.csv").is_file() {
        to_log(&args.data, &args.out, &mut faults)?;
    } else {
        to_folder(&args.data, &args.out, &mut faults)?;
    }
    report_faults(&faults);
    Ok(())
}

fn to_log(data: &Path, out: &Path, faults: &mut Faults) -> Result {
    let mut log = LogWriter::create(out)?;
    let mut bar = BytesBar::new("importing");
    let imported = movielens_to_log(data, &mut log, faults, &mut |done, total| bar.set(done, total))?;
    log.finish()?;
    drop(bar);
    println!(
        "{}: {} items, {} ratings, {} tags of train users ({} of others left out)",
        out.display(),
        imported.items,
        imported.ratings,
        imported.tags,
        imported.tags_left_out
    );
    Ok(())
}

fn to_folder(data: &Path, out: &Path, faults: &mut Faults) -> Result {
    let mut reader = LogReader::open(data)?;
    if let (Ok(from), Ok(to)) = (data.canonicalize(), out.canonicalize())
        && from == to
    {
        return Err(format!("{}: is both what is read and where to write", out.display()).into());
    }
    let mut bar = BytesBar::new("exporting");
    let exported = log_to_movielens(&mut reader, out, faults, &mut |done, total| bar.set(done, total))?;
    drop(bar);
    println!(
        "{}: {} items, {} ratings, {} tags",
        out.display(),
        exported.items,
        exported.ratings,
        exported.tags
    );
    for (what, count) in &exported.lost {
        println!("not carried over: {count} × {what}");
    }
    Ok(())
}
