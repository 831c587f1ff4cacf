//! In: the `--data` option. Out: the folder to read. Without the option, the official data set is looked for, and its
//! checksums have to match: an unknown data set is read only when it is named.

use crate::data::movielens::provenance::provenance;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Where the data set is published.
const PUBLISHED: &str = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip";

/// The folder of ratings: the one given, or the official one where it is usually unpacked.
pub fn data(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(folder) = given {
        if !folder.join("ratings.csv").is_file() {
            return Err(format!("{}: holds no ratings.csv", folder.display()).into());
        }
        if !official(folder) {
            eprintln!("note: {} is not the official ml-latest-small; figures will differ", folder.display());
        }
        return Ok(folder.to_path_buf());
    }
    let places = places();
    for folder in places.iter().filter(|folder| folder.join("ratings.csv").is_file()) {
        if official(folder) {
            return Ok(folder.clone());
        }
        eprintln!(
            "note: {} does not have the official checksums; pass it with --data to use it",
            folder.display()
        );
    }
    let tried: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    Err(format!(
        "no data found in {}. Unpack {PUBLISHED} there (research use; see its README), or pass --data DIR",
        tried.join(", ")
    )
    .into())
}

fn places() -> Vec<PathBuf> {
    let name = "ml-latest-small";
    let mut places = vec![PathBuf::from("target/data").join(name), PathBuf::from(name)];
    if let Some(folder) = std::env::var_os("RANKLET_DATA") {
        places.insert(0, PathBuf::from(folder));
    }
    places
}

/// Whether every file has the checksum of the official archive.
pub fn official(folder: &Path) -> bool {
    provenance(folder).iter().all(|file| file.known)
}
