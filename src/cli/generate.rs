//! In: sizes and a seed. Out: an invented log, and how many clicks it holds.
//! The same arguments give the same bytes on every machine.
//! Must never be mistaken for real data: the log carries the probabilities that it was drawn from.

use super::Outcome;
use crate::generate::{Ads, ads};
use crate::logs::LogWriter;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    world: World,
}

#[derive(clap::Subcommand)]
enum World {
    /// Advertisements on pages: position bias, interests, context, fatigue
    Ads(AdsArgs),
}

#[derive(clap::Args)]
struct AdsArgs {
    /// The log to write (.jsonl or .jsonl.gz)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Visitors
    #[arg(long, default_value_t = Ads::default().users)]
    users: usize,
    /// Visits of a visitor, on average
    #[arg(long, default_value_t = Ads::default().visits)]
    visits: usize,
    /// Advertisements
    #[arg(long, default_value_t = Ads::default().items)]
    items: usize,
    /// Advertisements on a page
    #[arg(long, default_value_t = Ads::default().list)]
    list: usize,
    /// Seed of the world and of everything in it
    #[arg(long, default_value_t = Ads::default().seed)]
    seed: u64,
}

pub fn run(args: &Args) -> Outcome {
    let World::Ads(args) = &args.world;
    let AdsArgs { out, users, visits, items, list, seed } = args;
    let sizes = Ads { users: *users, visits: *visits, items: *items, list: *list, seed: *seed };
    if [sizes.users, sizes.visits, sizes.items, sizes.list].contains(&0) {
        return Err("--users, --visits, --items and --list must be 1 or more".into());
    }
    let mut log = LogWriter::create(out)?;
    let made = ads(&sizes, |record| log.write(&record))?;
    log.finish()?;
    println!(
        "{}: {} rankings, {} impressions, {} clicks ({:.2} %); next: ranklet ctr --data {}",
        out.display(),
        made.rankings,
        made.impressions,
        made.clicks,
        100.0 * made.clicks as f64 / made.impressions.max(1) as f64,
        out.display()
    );
    Ok(())
}
