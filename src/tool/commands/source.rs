//! In: where ratings or a log lie, and what its interactions say. Out: histories and a catalogue, and on the terminal
//! what was passed over. Shared by all commands that learn from people or replay them.

use crate::commands::data_folder;
use crate::data::gather::{Gathered, Reading, SignalKinds, gather};
use crate::data::logs::fault::Faults;
use crate::data::logs::read::LogReader;
use crate::data::logs::split::SplitBy;
use crate::error::Result;
use crate::progress::BytesBar;
use std::path::{Path, PathBuf};

/// The options of every command that learns from people or replays them.
#[derive(clap::Args)]
pub struct SourceArgs {
    /// A folder with ratings.csv, movies.csv and tags.csv; or a log: JSON Lines, plain or .gz, or a
    /// folder of them [default: the official ml-latest-small]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Stop at the first malformed line instead of counting and passing over
    #[arg(long)]
    strict: bool,
    /// Interaction types that say that an item was liked [default: like,save,share,purchase]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', help_heading = "Of a log")]
    likes: Vec<String>,
    /// Interaction types that say that an item was picked; in a log without likes, what is learnt
    /// [default: click,dwell,watch,neutral]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', help_heading = "Of a log")]
    picks: Vec<String>,
    /// Interaction types that say that an item was refused [default: dislike,hide,low_rating]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', help_heading = "Of a log")]
    refusals: Vec<String>,
}

/// What was read, and of what.
pub struct Source {
    /// Where it lay.
    pub path: PathBuf,
    /// Histories and catalogue.
    pub gathered: Gathered,
}

impl Source {
    /// The data set's name: its file's or folder's.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy();
        let ends = [".gz", ".jsonl", ".json"];
        let bare = ends.iter().fold(&*name, |name, end| name.strip_suffix(end).unwrap_or(name));
        if bare.is_empty() { "ratings".to_owned() } else { bare.to_owned() }
    }

    /// Whether it is the official ml-latest-small.
    pub fn official(&self) -> bool {
        data_folder::official(&self.path)
    }
}

/// Reads what the options name.
pub fn read(args: &SourceArgs, split: SplitBy) -> Result<Source> {
    let path = match args.data.as_deref() {
        Some(path) if !path.join("ratings.csv").is_file() => log(path)?,
        given => data_folder::data(given)?,
    };
    let or = |given: &[String], default: Vec<String>| if given.is_empty() { default } else { given.to_vec() };
    let default = SignalKinds::default();
    let signals = SignalKinds {
        likes: or(&args.likes, default.likes),
        picks: or(&args.picks, default.picks),
        refusals: or(&args.refusals, default.refusals),
    };
    let mut faults = Faults::new(args.strict);
    let mut bar = BytesBar::new("reading");
    let reading = Reading { signals, split };
    let gathered = gather(&path, &reading, &mut faults, &mut |done, total| bar.set(done, total))?;
    drop(bar);
    report_faults(&faults);
    eprintln!(
        "{}: {} opinions of {} users on {} items",
        path.display(),
        gathered.opinions,
        gathered.histories.iter().count(),
        gathered.catalogue.iter().count()
    );
    if gathered.picks_are_likes {
        eprintln!("no interaction says that something was liked: picks are taken for likes");
    }
    for (kind, count) in &gathered.passed_over {
        eprintln!("not read: {count} × {kind}");
    }
    Ok(Source { path, gathered })
}

/// Says what was passed over.
pub fn report_faults(faults: &Faults) {
    if faults.count() > 0 {
        eprintln!("{} faults, passed over (--strict stops at the first):\n{faults}", faults.count());
    }
}

fn log(path: &Path) -> Result<PathBuf> {
    if !path.exists() {
        return Err(format!("{}: there is no such file or folder", path.display()).into());
    }
    match LogReader::open(path) {
        Ok(_) => Ok(path.to_path_buf()),
        Err(error) => Err(format!("{error}; nor is there a ratings.csv").into()),
    }
}
