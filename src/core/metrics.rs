//! Enters: scores, tie keys and labels of one list, or of pooled predictions for calibration.
//! Leaves: ranking and calibration metrics as `f64`, `None` wherever a metric is undefined.
//! Never: reads a clock, draws at random, or lets the order of arrival decide between equal scores.
//!
//! All functions take parallel slices, one entry a candidate, and answer `None` when their lengths
//! differ. Lists are ordered by score, highest first; equal scores by tie key, lowest first. `-0.0`
//! equals `0.0`, and a score that is not a number ranks below every other.

/// Probabilities are moved into `[CLIP, 1 - CLIP]` before a logarithm is taken.
pub const CLIP: f64 = 1e-6;

/// Indices of the list in rank order, best first; `None` when the lengths differ.
#[must_use]
pub fn ranking(scores: &[f64], ties: &[u64]) -> Option<Vec<usize>> {
    let places: Vec<usize> = (0..scores.len()).collect();
    in_rank_order(scores, ties, &places)
}

/// Normalised discounted cumulative gain of the first `cut` places, in `[0, 1]`.
///
/// `DCG = Σ gain_p / log2(p + 2)` over places `p = 0 .. cut`, divided by the DCG of the best possible
/// order (Järvelin and Kekäläinen, 2002). Gains are not negative: `0` or `1` for binary labels,
/// `2^grade - 1` for graded ones. `None` when no candidate has a gain.
#[must_use]
pub fn ndcg_at(cut: usize, scores: &[f64], ties: &[u64], gains: &[f64]) -> Option<f64> {
    let ranked = in_rank_order(scores, ties, gains)?;
    let mut ideal = ranked.clone();
    ideal.sort_unstable_by(|a, b| b.total_cmp(a));
    let best = discounted(cut, &ideal);
    (best > 0.0).then(|| discounted(cut, &ranked) / best)
}

/// Share of the pairs (positive, negative) in which the positive scores higher, an equal score
/// counting one half; in `[0, 1]`, 0.5 by chance.
///
/// The area under the ROC curve by the Mann-Whitney statistic (Hanley and McNeil, 1982), counted in
/// whole halves and therefore exact. `None` unless both classes are present.
#[must_use]
pub fn auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    if scores.len() != positive.len() {
        return None;
    }
    let mut rows: Vec<(f64, bool)> =
        scores.iter().map(|&score| comparable(score)).zip(positive.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut halves, mut positives, mut negatives) = (0_u64, 0_u64, 0_u64);
    for level in rows.chunk_by(|a, b| a.0 == b.0) {
        let here = level.iter().filter(|row| row.1).count() as u64;
        let rest = level.len() as u64 - here;
        halves += here * (2 * negatives + rest);
        positives += here;
        negatives += rest;
    }
    let pairs = positives * negatives;
    (pairs > 0).then(|| halves as f64 / (2 * pairs) as f64)
}

/// Mean negative log-likelihood of the labels, in nats: `-ln p` for a positive, `-ln(1 - p)` for a
/// negative, with `p` clipped by [`CLIP`]. `None` for an empty list.
#[must_use]
pub fn log_loss(probabilities: &[f64], positive: &[bool]) -> Option<f64> {
    if probabilities.len() != positive.len() || positive.is_empty() {
        return None;
    }
    let sum: f64 = probabilities.iter().zip(positive).map(|(&p, &y)| surprise(p, y)).sum();
    Some(sum / positive.len() as f64)
}

/// The loss of a single prediction, in nats: one term of [`log_loss`].
#[must_use]
pub fn surprise(probability: f64, positive: bool) -> f64 {
    let p = probability.clamp(CLIP, 1.0 - CLIP);
    if positive { -p.ln() } else { -(1.0 - p).ln() }
}

/// One over the rank (from 1) of the first positive among the first `cut` places, 0 when there is
/// none; averaged over lists this is the mean reciprocal rank (Voorhees, 1999). `None` without positives.
#[must_use]
pub fn mrr_at(cut: usize, scores: &[f64], ties: &[u64], positive: &[bool]) -> Option<f64> {
    let head = head(cut, scores, ties, positive)?;
    let first = head.hits.iter().position(|&hit| hit);
    Some(first.map_or(0.0, |place| 1.0 / (place + 1) as f64))
}

/// Positives among the first `cut` places, divided by as many as could be there: `min(cut, positives)`.
/// In `[0, 1]`; `None` without positives or with a `cut` of zero.
#[must_use]
pub fn recall_at(cut: usize, scores: &[f64], ties: &[u64], positive: &[bool]) -> Option<f64> {
    let head = head(cut, scores, ties, positive)?;
    let found = head.hits.iter().filter(|&&hit| hit).count();
    let reachable = head.positives.min(cut);
    (reachable > 0).then(|| found as f64 / reachable as f64)
}

/// 1 when a positive stands among the first `cut` places, else 0 (hit rate). `None` without positives.
#[must_use]
pub fn hit_at(cut: usize, scores: &[f64], ties: &[u64], positive: &[bool]) -> Option<f64> {
    let head = head(cut, scores, ties, positive)?;
    Some(f64::from(u8::from(head.hits.contains(&true))))
}

/// Expected calibration error over `bins` bins of equal count, in `[0, 1]`.
///
/// Predictions are sorted by probability (equal ones by tie key) and cut at `⌊j·n/bins⌋`; the error
/// is `Σ |bin|/n · |mean p - share of positives|` (Naeini et al., 2015, with equal-mass bins as in
/// Nguyen and O'Connor, 2015). `None` for an empty list or no bins.
#[must_use]
pub fn ece(bins: usize, probabilities: &[f64], ties: &[u64], positive: &[bool]) -> Option<f64> {
    let pairs: Vec<(f64, bool)> = probabilities.iter().copied().zip(positive.iter().copied()).collect();
    if bins == 0 || pairs.is_empty() || pairs.len() != positive.len() {
        return None;
    }
    let sorted = in_rank_order(probabilities, ties, &pairs)?;
    let mut left = sorted.as_slice();
    let mut gaps = 0.0;
    for bin in 0..bins {
        let size = (bin + 1) * sorted.len() / bins - bin * sorted.len() / bins;
        let (here, after) = left.split_at(size);
        let predicted: f64 = here.iter().map(|pair| pair.0).sum();
        let observed = here.iter().filter(|pair| pair.1).count() as f64;
        gaps += (predicted - observed).abs();
        left = after;
    }
    Some(gaps / sorted.len() as f64)
}

/// The labels of the first places and the number of positives in the whole list (at least one).
struct Head {
    hits: Vec<bool>,
    positives: usize,
}

fn head(cut: usize, scores: &[f64], ties: &[u64], positive: &[bool]) -> Option<Head> {
    let mut hits = in_rank_order(scores, ties, positive)?;
    let positives = hits.iter().filter(|&&hit| hit).count();
    hits.truncate(cut);
    (positives > 0).then_some(Head { hits, positives })
}

/// The labels from best to worst score.
fn in_rank_order<T: Copy>(scores: &[f64], ties: &[u64], labels: &[T]) -> Option<Vec<T>> {
    if scores.len() != ties.len() || scores.len() != labels.len() {
        return None;
    }
    let mut rows: Vec<(f64, u64, T)> = scores
        .iter()
        .zip(ties)
        .zip(labels)
        .map(|((&score, &tie), &label)| (comparable(score), tie, label))
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    Some(rows.into_iter().map(|row| row.2).collect())
}

/// A score that `total_cmp` orders as the module promises: one zero, and not-a-number last.
fn comparable(score: f64) -> f64 {
    if score.is_nan() { f64::NEG_INFINITY } else { score + 0.0 }
}

fn discounted(cut: usize, gains: &[f64]) -> f64 {
    gains.iter().take(cut).enumerate().map(|(place, gain)| gain / ((place + 2) as f64).log2()).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn close(actual: Option<f64>, expected: f64) {
        let actual = actual.expect("the metric is defined");
        assert!((actual - expected).abs() < 1e-12, "{actual} is not {expected}");
    }

    const NO: bool = false;
    const YES: bool = true;

    #[test]
    fn ndcg_of_three_graded_places() {
        let log3 = 3_f64.log2();
        let expected = (1.0 / log3 + 7.0 / 2.0) / (7.0 + 1.0 / log3);
        close(ndcg_at(10, &[3.0, 2.0, 1.0], &[0, 1, 2], &[0.0, 1.0, 7.0]), expected);
    }

    #[test]
    fn ndcg_looks_no_further_than_its_cut() {
        let scores: Vec<f64> = (0..12).rev().map(f64::from).collect();
        let ties = [0; 12];
        let mut gains = [0.0; 12];
        gains[10] = 1.0;
        close(ndcg_at(10, &scores, &ties, &gains), 0.0);
        close(ndcg_at(11, &scores, &ties, &gains), 1.0 / 12_f64.log2());
    }

    #[test]
    fn ndcg_without_gain_is_undefined() {
        assert_eq!(ndcg_at(10, &[1.0, 2.0], &[0, 1], &[0.0, 0.0]), None);
        assert_eq!(ndcg_at(10, &[], &[], &[]), None);
    }

    #[test]
    fn equal_scores_follow_the_tie_key() {
        close(ndcg_at(10, &[1.0, 1.0], &[9, 1], &[7.0, 0.0]), 1.0 / 3_f64.log2());
        close(ndcg_at(10, &[1.0, 1.0], &[1, 9], &[7.0, 0.0]), 1.0);
        assert_eq!(ranking(&[0.0, -0.0, 0.5], &[2, 1, 3]).unwrap(), [2, 1, 0]);
    }

    #[test]
    fn a_score_that_is_no_number_ranks_last() {
        assert_eq!(ranking(&[f64::NAN, -1e300, 2.0], &[0, 1, 2]).unwrap(), [2, 1, 0]);
        close(auc(&[f64::NAN, 0.0], &[NO, YES]), 1.0);
    }

    #[test]
    fn auc_counts_pairs_and_halves_ties() {
        // Pairs: 3>2 yes, 3>1 yes, 1>2 no, 1=1 half.
        close(auc(&[3.0, 2.0, 1.0, 1.0], &[YES, NO, YES, NO]), 2.5 / 4.0);
        close(auc(&[0.0, -0.0], &[YES, NO]), 0.5);
        assert_eq!(auc(&[1.0, 2.0], &[YES, YES]), None);
        assert_eq!(auc(&[1.0, 2.0], &[NO, NO]), None);
    }

    #[test]
    fn auc_agrees_with_counting_every_pair() {
        for case in 0..200_usize {
            let n = 2 + case % 37;
            let scores: Vec<f64> = (0..n).map(|j| ((j * j + case * 7) % 6) as f64).collect();
            let labels: Vec<bool> = (0..n).map(|j| (j * 5 + case) % 3 == 0).collect();
            let (mut sum, mut pairs) = (0.0, 0.0);
            for (a, _) in scores.iter().zip(&labels).filter(|row| *row.1) {
                for (b, _) in scores.iter().zip(&labels).filter(|row| !*row.1) {
                    pairs += 1.0;
                    sum += f64::from(u8::from(a > b) + u8::from(a >= b)) / 2.0;
                }
            }
            match auc(&scores, &labels) {
                Some(value) => close(Some(value), sum / pairs),
                None => assert_eq!(pairs, 0.0),
            }
        }
    }

    #[test]
    fn log_loss_is_clipped_on_both_sides() {
        close(log_loss(&[0.5, 0.25], &[YES, NO]), (2_f64.ln() - 0.75_f64.ln()) / 2.0);
        close(log_loss(&[0.0], &[YES]), -(1e-6_f64).ln());
        close(log_loss(&[1.0], &[NO]), -(1.0 - (1.0 - 1e-6_f64)).ln());
        assert_eq!(log_loss(&[], &[]), None);
    }

    #[test]
    fn head_metrics_of_a_known_list() {
        let (scores, ties, labels) = ([3.0, 2.0, 1.0], [0, 1, 2], [NO, YES, YES]);
        close(mrr_at(10, &scores, &ties, &labels), 0.5);
        close(recall_at(10, &scores, &ties, &labels), 1.0);
        close(recall_at(2, &scores, &ties, &labels), 0.5);
        close(hit_at(10, &scores, &ties, &labels), 1.0);
        close(hit_at(1, &scores, &ties, &labels), 0.0);
        close(mrr_at(1, &scores, &ties, &labels), 0.0);
    }

    #[test]
    fn head_metrics_without_positives_are_undefined() {
        assert_eq!(mrr_at(10, &[1.0], &[0], &[NO]), None);
        assert_eq!(recall_at(10, &[1.0], &[0], &[NO]), None);
        assert_eq!(hit_at(10, &[1.0], &[0], &[NO]), None);
        assert_eq!(recall_at(0, &[1.0], &[0], &[YES]), None);
    }

    #[test]
    fn recall_divides_by_the_cut_when_positives_abound() {
        let ties: Vec<u64> = (0..12).collect();
        close(recall_at(10, &[1.0; 12], &ties, &[YES; 12]), 1.0);
    }

    #[test]
    fn calibration_error_of_two_bins() {
        let probabilities = [0.9, 0.7, 0.2, 0.4];
        let labels = [YES, NO, NO, NO];
        // Upper bin: 1.6 predicted, 1 observed; lower bin: 0.6 predicted, 0 observed.
        close(ece(2, &probabilities, &[0; 4], &labels), (0.6 + 0.6) / 4.0);
        close(ece(1, &[0.5, 0.5], &[0, 1], &[YES, NO]), 0.0);
        assert_eq!(ece(10, &[], &[], &[]), None);
        assert_eq!(ece(0, &[0.5], &[0], &[YES]), None);
    }

    #[test]
    fn calibration_bins_may_outnumber_the_rows() {
        close(ece(10, &[0.25, 1.0], &[0, 1], &[NO, YES]), 0.125);
    }

    #[test]
    fn lengths_that_differ_are_refused() {
        assert_eq!(ranking(&[1.0], &[]), None);
        assert_eq!(ndcg_at(10, &[1.0], &[0], &[]), None);
        assert_eq!(auc(&[1.0], &[]), None);
        assert_eq!(log_loss(&[1.0], &[]), None);
        assert_eq!(ece(10, &[0.5], &[0], &[YES, NO]), None);
    }
}
