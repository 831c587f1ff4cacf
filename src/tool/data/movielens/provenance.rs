//! In: a data folder. Out: for each file whether it is the official ml-latest-small one, by its SHA-256.
//! Other data is read all the same; only the published check values do not hold for it.

use crate::data::hash::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Files of ml-latest-small (GroupLens, September 2018) and their SHA-256 digests.
const OFFICIAL: [(&str, &str); 3] = [
    ("ratings.csv", "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646"),
    ("movies.csv", "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07"),
    ("tags.csv", "92a9f8bb7916dceef6151209845788c3643f794dfa79d1feaec7121b5960399d"),
];

/// A data file and whether it is the official one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The file's name inside the folder.
    pub file: &'static str,
    /// Whether its bytes have the digest of the official file. An unknown file is read all the same, but
    /// the published check values will not hold for it.
    pub known: bool,
}

/// Compares the folder's files with [`OFFICIAL`]; a file that is absent counts as unknown.
#[must_use]
pub fn provenance(folder: &Path) -> Vec<Provenance> {
    OFFICIAL
        .iter()
        .map(|&(file, official)| {
            let known = file_sha256(&folder.join(file)).is_ok_and(|found| found == official);
            Provenance { file, known }
        })
        .collect()
}

fn file_sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let (mut state, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&state.finalize())),
            size => state.update(buffer.get(..size).unwrap_or_default()),
        }
    }
}
