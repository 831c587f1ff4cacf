//! In: a log. Out: how well models foresee clicks on what held-out visitors saw, side by side. Baselines and the
//! student learn here, from the log's own train split; test visits are looked at only when asked for.

use crate::baselines::hashed_features::Inputs;
use crate::baselines::logistic::{FtrlParams, Logistic};
use crate::baselines::reference::{BaseRate, Oracle};
use crate::commands::source::report_faults;
use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::logs::fault::Faults;
use crate::data::logs::join;
use crate::data::logs::kinds::Kinds;
use crate::data::logs::split::SplitBy;
use crate::data::logs::visit::JoinOptions;
use crate::data::logs::visits::VisitLog;
use crate::data::split::Split;
use crate::error::Result;
use crate::evaluate::bootstrap::{Difference, Estimate};
use crate::evaluate::click_models::{BINS, Comparison, ModelFigures, compare};
use crate::evaluate::plot;
use crate::progress::{self, BytesBar};
use crate::train::clicks::{self, ClickStudent, PageModels, half};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The log: JSON Lines, plain or .gz, or a folder of them
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// How visits are split: `user` (70/10/20 by a hash of the id), a time from which on they test, or
    /// two times, VALIDATION,TEST
    #[arg(long, default_value = "user", value_name = "RULE")]
    split_at: SplitBy,
    /// Which visits: val while building, test once a release
    #[arg(long, default_value = "val", value_parser = ["val", "test"])]
    split: String,
    /// Interaction types that count as a click
    #[arg(long, default_value = "click", value_delimiter = ',')]
    clicks: Vec<String>,
    /// Hours within which an interaction counts as the outcome of its ranking
    #[arg(long, default_value_t = 24.0)]
    window: f64,
    /// Stop at the first malformed line instead of counting and passing over
    #[arg(long)]
    strict: bool,
    /// Share of the student's steps to take: above 0; less is a quick look
    #[arg(long, default_value_t = 1.0)]
    effort: f64,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the reliability of every model but the base rate, as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// The place of the regression without history among the models: what others are compared with.
const REFERENCE: usize = 1;

pub fn run(args: &Args) -> Result {
    if !(args.window > 0.0 && args.window < 1e6) {
        return Err("--window must be a number of hours above 0".into());
    }
    if !(args.effort > 0.0 && args.effort <= 100.0) {
        return Err("--effort must be above 0, at most 100".into());
    }
    let log = read(args)?;
    let task = ClickTask { log: &log, by: args.split_at, clicks: clicks_of(&log, &args.clicks)? };
    let split: Split = args.split.parse()?;
    println!(
        "{}: {} rankings, {} visitors, {} items; split by {}",
        args.data.display(),
        log.len(),
        log.user_count(),
        log.item_count(),
        args.split_at
    );
    let mut models = models(&task, args)?;
    let comparison = compare(&task, split, &mut models, REFERENCE)?;
    if comparison.positive.is_empty() {
        return Err(format!("nothing was seen in the {split} split").into());
    }
    print(&comparison, split);
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&document(args, &comparison, split))?;
        std::fs::write(path, text + "\n").map_err(|e| format!("{}: {e}", path.display()))?;
    }
    if let Some(path) = &args.plot {
        draw(&comparison, path)?;
    }
    Ok(())
}

fn read(args: &Args) -> Result<VisitLog> {
    let mut faults = Faults::new(args.strict);
    let attribution_ms = (args.window * 3_600_000.0) as i64;
    let options = JoinOptions { attribution_ms, ..JoinOptions::default() };
    let mut bar = BytesBar::new("reading");
    let log = join::read(&args.data, &options, &mut faults, &mut |done, total| bar.set(done, total))?;
    drop(bar);
    report_faults(&faults);
    Ok(log)
}

/// The interaction types that count as a click.
fn clicks_of(log: &VisitLog, names: &[String]) -> Result<Kinds> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let clicks = log.kinds().set(&names);
    if clicks.is_empty() {
        let known: Vec<&str> = log.kinds().iter().collect();
        return Err(format!(
            "no interaction is of type {}; the log has: {}",
            names.join(", "),
            known.join(", ")
        )
        .into());
    }
    Ok(clicks)
}

/// The reliability of every model but the base rate.
fn draw(comparison: &Comparison, path: &Path) -> Result {
    let rows = comparison.rows.iter().skip(1);
    let predictions: Vec<(&str, &[f64])> =
        rows.map(|row| (row.name.as_str(), row.predictions.as_slice())).collect();
    let title = "Click probability: predicted and observed";
    let chart =
        plot::reliability(title, BINS, &predictions, &comparison.positive).ok_or("nothing to draw")?;
    std::fs::write(path, chart.svg()).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(())
}

/// What is compared. Any other [`ClickModel`] joins here; the oracle stays last.
fn models<'a>(task: &ClickTask<'a>, args: &Args) -> Result<Vec<Box<dyn ClickModel + 'a>>> {
    let mut told = |line: &str| eprintln!("{line}");
    let mut models: Vec<Box<dyn ClickModel + 'a>> = vec![Box::new(BaseRate::learn(task))];
    let mut page = None;
    for (name, inputs) in [("logistic", Inputs::Page), ("logistic + history", Inputs::PageAndHistory)] {
        let model = Logistic::train(name, task, inputs, FtrlParams::default(), &mut told)?;
        eprintln!("{name}: kept {}", model.chosen);
        page.get_or_insert_with(|| model.clone());
        models.push(Box::new(model));
    }
    students(task, args, page, &mut models)?;
    let mut shown = task.log.visits().flat_map(|visit| visit.candidates);
    if !task.log.is_empty() && shown.all(|candidate| candidate.truth.is_finite()) {
        models.push(Box::new(Oracle));
    }
    Ok(models)
}

/// The ranklet students: one that hears of everything, and one that never hears of exposures.
fn students<'a>(
    task: &ClickTask<'a>,
    args: &Args,
    page: Option<Logistic>,
    models: &mut Vec<Box<dyn ClickModel + 'a>>,
) -> Result {
    let Some(all) = page else { return Ok(()) };
    let crossed = |own: bool| {
        let admit = |user: &str| half(user) == own;
        Logistic::train_on("half", task, Inputs::Page, FtrlParams::default(), &admit, &mut |_| ())
    };
    eprintln!("the page, cross-fitted in two halves of the train visitors");
    let pages = PageModels { all, one: crossed(true)?, other: crossed(false)? };
    for (name, exposures) in [("ranklet", true), ("ranklet, no exposure", false)] {
        let bar = progress::steps(name, clicks::steps(args.effort) as u64);
        let student = ClickStudent::train(name, task, &pages, exposures, args.effort, || bar.inc(1))?;
        bar.finish_and_clear();
        models.push(Box::new(student));
    }
    Ok(())
}

fn print(comparison: &Comparison, split: Split) {
    let clicks = comparison.positive.iter().filter(|&&clicked| clicked).count();
    println!(
        "{} items seen by {} visitors of the {split} split, {clicks} clicked\n",
        comparison.positive.len(),
        comparison.users
    );
    println!("{:<20} {:>26} {:>8} {:>26} {:>8}", "model", "LogLoss", "AUC", "GAUC", "ECE");
    for row in &comparison.rows {
        println!(
            "{:<20} {:>26} {:>8} {:>26} {:>8}",
            row.name,
            interval(row.log_loss),
            number(row.auc),
            interval(row.gauc),
            number(row.ece)
        );
    }
    let base = comparison.rows.get(REFERENCE).map_or("", |row| row.name.as_str());
    println!("\ndifference to {base}, paired by visitor:");
    for row in &comparison.rows {
        let (Some(loss), Some(area)) = (row.log_loss_over, row.gauc_over) else { continue };
        println!("{:<20} LogLoss {}   GAUC {}", row.name, difference(loss), difference(area));
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

fn interval(estimate: Option<Estimate>) -> String {
    match estimate {
        Some(Estimate { mean, lo, hi, .. }) if lo.is_finite() => format!("{mean:.4} [{lo:.4}, {hi:.4}]"),
        Some(Estimate { mean, .. }) => format!("{mean:.4}"),
        None => "–".into(),
    }
}

fn difference(Difference { diff, lo, hi }: Difference) -> String {
    format!("{diff:+.4} [{lo:+.4}, {hi:+.4}]")
}

fn document(args: &Args, comparison: &Comparison, split: Split) -> Value {
    let estimate =
        |e: Option<Estimate>| e.map(|e| json!({"mean": e.mean, "lo": finite(e.lo), "hi": finite(e.hi)}));
    let over = |d: Option<Difference>| d.map(|d| json!({"diff": d.diff, "lo": d.lo, "hi": d.hi}));
    let rows = comparison.rows.iter().map(|row: &ModelFigures| {
        json!({
            "method": row.name,
            "log_loss": estimate(row.log_loss),
            "auc": row.auc,
            "gauc": estimate(row.gauc),
            "ece": row.ece,
            "log_loss_over_logistic": over(row.log_loss_over),
            "gauc_over_logistic": over(row.gauc_over),
        })
    });
    json!({
        "task": "ctr",
        "data": args.data.display().to_string(),
        "split": split.name(),
        "split_at": args.split_at.to_string(),
        "users": comparison.users,
        "seen": comparison.positive.len(),
        "clicked": comparison.positive.iter().filter(|&&clicked| clicked).count(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}
