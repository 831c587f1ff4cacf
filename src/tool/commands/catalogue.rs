//! In: film ids with themes, a folder of ratings. Out: the demo's catalogue as JSON. Titles, years, genres and themes
//! are facts; scores are statistics of train users' ratings, which a cold item does not have.

use crate::commands::data_folder;
use crate::data::catalogue::Catalogue;
use crate::data::history::Histories;
use crate::error::Result;
use crate::evaluate::serve;
use ranklet::Ranker;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with ratings.csv, movies.csv and tags.csv [default: the official ml-latest-small]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The model that the vectors are for
    #[arg(long, value_name = "FILE", default_value = "www/movies/movies.onnx")]
    model: PathBuf,
    /// JSON object: film id → list of themes
    #[arg(long, value_name = "FILE")]
    themes: PathBuf,
    /// The JSON file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Film<'a> {
    id: u64,
    title: &'a str,
    year: Option<u16>,
    genres: &'a [String],
    themes: &'a [String],
    score: Option<f64>,
    popularity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a [i8]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
}

pub fn run(args: &Args) -> Result {
    let folder = data_folder::data(args.data.as_deref())?;
    let catalogue = Catalogue::read(&folder)?;
    let bytes = std::fs::read(&args.model).map_err(|e| format!("{}: {e}", args.model.display()))?;
    let mut ranker = Ranker::load(&bytes)?;
    let (served, _) = serve::served(&Histories::read(&folder)?, &catalogue, &mut ranker)?;
    let stats = &served.stats;
    let basis = ranker.manifest().vectors.as_ref().map(|vectors| vectors.basis.as_str());
    let themes =
        std::fs::read_to_string(&args.themes).map_err(|e| format!("{}: {e}", args.themes.display()))?;
    let themes: BTreeMap<u64, Vec<String>> = serde_json::from_str(&themes)?;
    let mut lines = Vec::with_capacity(themes.len());
    for (&id, themes) in &themes {
        let facts = catalogue.get(id).ok_or_else(|| format!("film {id} is not in movies.csv"))?;
        let popularity = stats.popularity(id);
        let rated = popularity > 0;
        lines.push(serde_json::to_string(&Film {
            id,
            title: &facts.title,
            year: facts.year.is_finite().then_some(facts.year as u16),
            genres: &facts.genres,
            themes,
            score: rated.then(|| (stats.server_score(id) * 1e4).round() / 1e4),
            popularity: rated.then_some(popularity),
            vector: served.vectors.get(id),
            basis: served.vectors.get(id).and(basis),
        })?);
    }
    std::fs::write(&args.out, format!("[\n{}\n]\n", lines.join(",\n")))?;
    println!("{}: {} films", args.out.display(), lines.len());
    Ok(())
}
