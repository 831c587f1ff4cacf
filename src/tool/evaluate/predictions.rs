//! In: a method's scores for the candidates of visits. Out: a JSON-lines file of them, or the scores aligned with the
//! lists that they answer. Predictions that leave out, repeat or add a user, a size or an item are refused.

use crate::data::error::{DataError, Result};
use crate::data::split::Split;
use crate::data::visit::{ListItem, Visit};
use crate::evaluate::protocol::{FEEDBACK_SIZES, Protocol};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The scores of one list at one feedback size: one line of a predictions file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    pub user: u64,
    /// Number of pool entries that the method was told.
    pub k: usize,
    /// The list's items in any order.
    pub items: Vec<u64>,
    /// Their scores, finite, higher is better; in `[0, 1]` if `prob` is set.
    pub scores: Vec<f64>,
    /// Whether the scores are probabilities that the user gives 4 stars or more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prob: bool,
}

/// Scores every list at every given feedback size with `score(visit, k, candidate)`.
pub fn predict(
    visits: &[Visit],
    sizes: &[usize],
    prob: bool,
    mut score: impl FnMut(&Visit, usize, &ListItem) -> f64,
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
    let io = |cause: &std::io::Error| DataError::io(path, cause);
    let mut file = BufWriter::new(File::create(path).map_err(|cause| io(&cause))?);
    for (place, prediction) in predictions.iter().enumerate() {
        if prediction.scores.iter().any(|score| !score.is_finite()) {
            let place = format!("{} line {}", path.display(), place + 1);
            return Err(DataError::new(place, "a score is not finite"));
        }
        serde_json::to_writer(&mut file, prediction).map_err(|cause| io(&cause.into()))?;
        file.write_all(b"\n").map_err(|cause| io(&cause))?;
    }
    file.flush().map_err(|cause| io(&cause))
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

fn mismatch(place: impl std::fmt::Display, reason: &str) -> DataError {
    DataError::new(place, reason)
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
    use crate::data::hash::draw;

    fn visit(user: u64, items: &[u64]) -> Visit {
        let candidates = items.iter().map(|&item| ListItem { item, rating: None }).collect();
        Visit { user, pool: Vec::new(), candidates }
    }

    fn line(user: u64, k: usize, items: &[u64], scores: &[f64]) -> Prediction {
        Prediction { user, k, items: items.to_vec(), scores: scores.to_vec(), prob: false }
    }

    #[test]
    fn a_file_reads_back() {
        let visits = [visit(6, &[1, 2, 3])];
        let written =
            predict(&visits, &[0, 5], true, |_, k, c| draw(k as u64, c.item) as f64 / 2_f64.powi(64));
        let folder = crate::test_folder::Folder::new("predictions");
        let file = path(&folder.0, Protocol::V2, Split::Validation, "student_int8");
        assert!(file.ends_with("2-val-student_int8.jsonl"));
        write(&file, &written).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        for (prediction, line) in written.iter().zip(text.lines()) {
            let digits = format!("{:?}", prediction.scores).replace(' ', "");
            assert!(line.contains(&digits), "{line} should hold {digits}");
        }
        for (a, line) in written.iter().zip(text.lines()) {
            let b: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!((b["user"].as_u64(), b["k"].as_u64()), (Some(a.user), Some(a.k as u64)));
            assert_eq!((&b["items"], b["prob"].as_bool()), (&serde_json::json!(a.items), Some(a.prob)));
            for (x, y) in a.scores.iter().zip(b["scores"].as_array().unwrap()) {
                assert!((x - y.as_f64().unwrap()).abs() <= f64::EPSILON * x.abs());
            }
        }
        assert_eq!(written.len(), text.lines().count());
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
            ("none at all", "there are none", vec![]),
            ("a size that is not asked for", "no such feedback size", with(1, line(2, 4, &[12], &[3.0]))),
            ("a user without a list", "not evaluated", with(1, line(3, 0, &[12], &[3.0]))),
            ("a list twice", "scored twice", with(1, line(1, 0, &[10, 11], &[1.0, 2.0]))),
            ("a missing user", "1 users are missing", good()[..1].to_vec()),
            ("a missing item", "the items differ", with(0, line(1, 0, &[10], &[1.0]))),
            ("a strange item", "the items differ", with(0, line(1, 0, &[10, 12], &[1.0, 2.0]))),
            ("an item too many", "the items differ", with(0, line(1, 0, &[10, 11, 12], &[1.0, 2.0, 3.0]))),
            ("an item twice", "the items differ", with(0, line(1, 0, &[10, 10, 11], &[1.0, 2.0, 3.0]))),
            ("too few scores", "not as many scores", with(0, line(1, 0, &[10, 11], &[1.0]))),
            ("no number", "not finite", with(0, line(1, 0, &[10, 11], &[1.0, f64::NAN]))),
            (
                "a mixed flag",
                "flag is mixed",
                with(1, Prediction { prob: true, ..line(2, 0, &[12], &[0.5]) }),
            ),
            ("a probability of two", "outside [0, 1]", probabilities[..1].to_vec()),
        ];
        assert!(align(&visits, &good()).is_ok());
        for (name, reason, lines) in cases {
            let error = align(&visits, &lines).expect_err(name);
            assert!(error.to_string().contains(reason), "{name}: {error}");
        }
    }
}
