//! In: sizes and a seed. Out: an invented log or data set, and how much is in it. The same arguments give the same
//! bytes on every machine.

use crate::data::logs::write::LogWriter;
use crate::error::Result;
use crate::generate::ads::{Ads, ads};
use crate::generate::ratings::{self, Shape};
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
    /// Ratings of films with genres, in MovieLens' CSV files
    Ratings(RatingsArgs),
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

#[derive(clap::Args)]
struct RatingsArgs {
    /// The folder to write ratings.csv, movies.csv and tags.csv into; created if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Users
    #[arg(long, default_value_t = Shape::default().users)]
    users: u64,
    /// Films
    #[arg(long, default_value_t = Shape::default().items)]
    items: u64,
    /// Ratings of a user, at most one a film
    #[arg(long, default_value_t = Shape::default().per_user)]
    per_user: usize,
    /// Seed of the world and of everything in it
    #[arg(long, default_value_t = Shape::default().seed)]
    seed: u64,
}

pub fn run(args: &Args) -> Result {
    match &args.world {
        World::Ads(args) => write_ads(args),
        World::Ratings(args) => write_ratings(args),
    }
}

fn write_ratings(args: &RatingsArgs) -> Result {
    let RatingsArgs { out, users, items, per_user, seed } = args;
    let shape = Shape { users: *users, items: *items, per_user: *per_user, seed: *seed };
    if shape.users == 0 || shape.items == 0 || shape.per_user == 0 {
        return Err("--users, --items and --per-user must be 1 or more".into());
    }
    ratings::write(out, &shape)?;
    println!("{}: {users} users, {items} films; next: ranklet train --data {0}", out.display());
    Ok(())
}

fn write_ads(args: &AdsArgs) -> Result {
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
