//! Enters: a method's scores for the candidates of visits.
//! Leaves: a JSON-lines file of them, or the scores aligned with the lists that they answer.
//! Never: accepts a file that leaves out, repeats or adds a user, a feedback size or an item.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorKind, Result};
use super::{Candidate, FEEDBACK_SIZES, Protocol, Split, Visit};

/// The scores of one list at one feedback size: one line of a predictions file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The visit's user.
    pub user: u64,
    /// Number of pool entries that the method was told.
    pub k: usize,
    /// The list's items in any order.
    pub items: Vec<u64>,
    /// Their scores, finite, higher is better; in `[0, 1]` if `prob` is set.
    pub scores: Vec<f64>,
    /// Whether the scores are probabilities that the user gives 4 stars or more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub prob: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Scores every list at every given feedback size with `score(visit, k, candidate)`.
pub fn predict(
    visits: &[Visit],
    sizes: &[usize],
    prob: bool,
    mut score: impl FnMut(&Visit, usize, &Candidate) -> f64,
) -> Vec<Prediction> {
    let mut predictions = Vec::with_capacity(visits.len() * sizes.len());
    for visit in visits {
        for &k in sizes {
            predictions.push(Prediction {
                user: visit.user,
                k,
                items: visit.candidates.iter().map(|c| c.item).collect(),
                scores: visit.candidates.iter().map(|c| score(visit, k, c)).collect(),
                prob,
            });
        }
    }
    predictions
}

/// Where a method's predictions lie in a folder: `2-val-student_int8.jsonl`.
#[must_use]
pub fn path(folder: &Path, protocol: Protocol, split: Split, method: &str) -> PathBuf {
    folder.join(format!("{}-{split}-{method}.jsonl", protocol.number()))
}

/// Writes one JSON object a line; scores carry as many digits as it takes to read back the same `f64`.
///
/// # Errors
/// The file cannot be written, or a score is not finite, which JSON cannot express.
pub fn write(path: &Path, predictions: &[Prediction]) -> Result<()> {
    let io = |cause: &std::io::Error| Error::io(path, cause);
    let mut file = BufWriter::new(File::create(path).map_err(|cause| io(&cause))?);
    for (place, prediction) in predictions.iter().enumerate() {
        if prediction.scores.iter().any(|score| !score.is_finite()) {
            let place = format!("{} line {}", path.display(), place + 1);
            return Err(Error::new(ErrorKind::BadValue, place, "a score is not finite"));
        }
        serde_json::to_writer(&mut file, prediction).map_err(|cause| io(&cause.into()))?;
        file.write_all(b"\n").map_err(|cause| io(&cause))?;
    }
    file.flush().map_err(|cause| io(&cause))
}

/// Reads a predictions file; blank lines are skipped.
///
/// # Errors
/// The file cannot be read, or a line is not a prediction.
pub fn read(path: &Path) -> Result<Vec<Prediction>> {
    let file = File::open(path).map_err(|cause| Error::io(path, &cause))?;
    let mut predictions = Vec::new();
    for (place, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|cause| Error::io(path, &cause))?;
        if line.trim().is_empty() {
            continue;
        }
        let prediction = serde_json::from_str(&line).map_err(|cause| {
            let place = format!("{} line {}", path.display(), place + 1);
            Error::new(ErrorKind::Malformed, place, cause)
        })?;
        predictions.push(prediction);
    }
    Ok(predictions)
}

/// The scores of a method at one feedback size, in the order of the visits and their candidates.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// One row a visit, one score a candidate.
    pub scores: Vec<Vec<f64>>,
    /// Whether the scores are probabilities.
    pub prob: bool,
}

/// Matches predictions with the lists they answer, by feedback size.
///
/// # Errors
/// Any departure from exactly one prediction for each visit at each feedback size that occurs:
/// unknown users or sizes, repetitions, gaps, other items than the list's, scores that are not
/// finite or, as probabilities, outside `[0, 1]`, and a `prob` flag that varies within a size.
pub fn align(visits: &[Visit], predictions: &[Prediction]) -> Result<BTreeMap<usize, Aligned>> {
    let places: HashMap<u64, usize> = visits.iter().map(|visit| visit.user).zip(0..).collect();
    let mut found = BTreeMap::<usize, (Vec<Option<Vec<f64>>>, bool)>::new();
    for prediction in predictions {
        let Prediction { user, k, prob, .. } = *prediction;
        let refuse = |reason: &str| mismatch(format!("user {user}, k={k}"), reason);
        if !FEEDBACK_SIZES.contains(&k) {
            return Err(refuse("the protocol has no such feedback size"));
        }
        let place = *places.get(&user).ok_or_else(|| refuse("the user is not evaluated"))?;
        let visit = visits.get(place).ok_or_else(|| refuse("the user is not evaluated"))?;
        let (rows, flag) = found.entry(k).or_insert_with(|| (vec![None; visits.len()], prob));
        if *flag != prob {
            return Err(refuse("the prob flag is mixed"));
        }
        let scores = in_list_order(visit, prediction).map_err(refuse)?;
        match rows.get_mut(place) {
            Some(row @ None) => *row = Some(scores),
            _ => return Err(refuse("the list is scored twice")),
        }
    }
    if found.is_empty() {
        return Err(mismatch("predictions", "there are none"));
    }
    found
        .into_iter()
        .map(|(k, (rows, prob))| {
            let missing = rows.iter().filter(|row| row.is_none()).count();
            let scores: Option<Vec<_>> = rows.into_iter().collect();
            let refuse = || mismatch(format!("k={k}"), &format!("{missing} users are missing"));
            Ok((k, Aligned { scores: scores.ok_or_else(refuse)?, prob }))
        })
        .collect()
}

fn mismatch(place: impl std::fmt::Display, reason: &str) -> Error {
    Error::new(ErrorKind::Mismatch, place, reason)
}

/// The prediction's scores in the order of the list's candidates.
fn in_list_order(visit: &Visit, prediction: &Prediction) -> std::result::Result<Vec<f64>, &'static str> {
    let Prediction { items, scores, prob, .. } = prediction;
    if items.len() != scores.len() {
        return Err("there are not as many scores as items");
    }
    if scores.iter().any(|score| !score.is_finite()) {
        return Err("a score is not finite");
    }
    if *prob && scores.iter().any(|score| !(0.0..=1.0).contains(score)) {
        return Err("a probability lies outside [0, 1]");
    }
    let by_item: HashMap<u64, f64> = items.iter().copied().zip(scores.iter().copied()).collect();
    let wanted: Option<Vec<f64>> = visit.candidates.iter().map(|c| by_item.get(&c.item).copied()).collect();
    wanted.filter(|row| row.len() == items.len()).ok_or("the items differ from the list's candidates")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::replay::hash::draw;

    fn visit(user: u64, items: &[u64]) -> Visit {
        let candidates = items.iter().map(|&item| Candidate { item, rating: None }).collect();
        Visit { user, time: 0, pool: Vec::new(), candidates }
    }

    fn line(user: u64, k: usize, items: &[u64], scores: &[f64]) -> Prediction {
        Prediction { user, k, items: items.to_vec(), scores: scores.to_vec(), prob: false }
    }

    #[test]
    fn a_file_reads_back() {
        let visits = [visit(6, &[1, 2, 3])];
        let written =
            predict(&visits, &[0, 5], true, |_, k, c| draw(k as u64, c.item) as f64 / 2_f64.powi(64));
        let name = format!("replay-predictions-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let file = path(&folder, Protocol::V2, Split::Validation, "student_int8");
        assert!(file.ends_with("2-val-student_int8.jsonl"));
        write(&file, &written).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let read_back = read(&file).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        for (prediction, line) in written.iter().zip(text.lines()) {
            let digits = format!("{:?}", prediction.scores).replace(' ', "");
            assert!(line.contains(&digits), "{line} should hold {digits}");
        }
        for (a, b) in written.iter().zip(&read_back) {
            assert_eq!((a.user, a.k, &a.items, a.prob), (b.user, b.k, &b.items, b.prob));
            for (x, y) in a.scores.iter().zip(&b.scores) {
                assert!((x - y).abs() <= f64::EPSILON * x.abs());
            }
        }
        assert_eq!(written.len(), read_back.len());
    }

    #[test]
    fn the_order_of_lines_and_items_carries_no_meaning() {
        let visits = [visit(1, &[10, 11]), visit(2, &[12])];
        let lines = [line(2, 0, &[12], &[3.0]), line(1, 0, &[11, 10], &[1.0, 2.0])];
        let aligned = align(&visits, &lines).unwrap();
        assert_eq!(aligned[&0].scores, [vec![2.0, 1.0], vec![3.0]]);
    }

    #[test]
    fn every_departure_from_the_protocol_is_refused() {
        let visits = [visit(1, &[10, 11]), visit(2, &[12])];
        let good = || vec![line(1, 0, &[10, 11], &[1.0, 2.0]), line(2, 0, &[12], &[3.0])];
        let mut probabilities = good();
        probabilities[0].prob = true;
        let with = |place: usize, other: Prediction| {
            let mut lines = good();
            lines[place] = other;
            lines
        };
        let cases = [
            ("none at all", vec![]),
            ("a size that is not asked for", with(1, line(2, 4, &[12], &[3.0]))),
            ("a user without a list", with(1, line(3, 0, &[12], &[3.0]))),
            ("a list twice", with(1, line(1, 0, &[10, 11], &[1.0, 2.0]))),
            ("a missing user", good()[..1].to_vec()),
            ("a missing item", with(0, line(1, 0, &[10], &[1.0]))),
            ("a strange item", with(0, line(1, 0, &[10, 12], &[1.0, 2.0]))),
            ("an item too many", with(0, line(1, 0, &[10, 11, 12], &[1.0, 2.0, 3.0]))),
            ("an item twice", with(0, line(1, 0, &[10, 10, 11], &[1.0, 2.0, 3.0]))),
            ("too few scores", with(0, line(1, 0, &[10, 11], &[1.0]))),
            ("no number", with(0, line(1, 0, &[10, 11], &[1.0, f64::NAN]))),
            ("a mixed flag", with(1, Prediction { prob: true, ..line(2, 0, &[12], &[0.5]) })),
            ("a probability of two", probabilities[..1].to_vec()),
        ];
        assert!(align(&visits, &good()).is_ok());
        for (name, lines) in cases {
            let error = align(&visits, &lines).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Mismatch, "{name}");
        }
    }
}
