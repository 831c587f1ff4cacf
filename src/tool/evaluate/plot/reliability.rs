//! In: predicted probabilities and what came of them. Out: a reliability diagram as a [`Chart`].
//! Bins are of equal count, as those of the calibration error, so that the figure and the chart agree.

use crate::evaluate::plot::chart::{Chart, Series};
use ranklet::internals::metrics;

/// A reliability diagram: the share of positives against the mean prediction, in `bins` of equal
/// count as in [`metrics::ece`], with Wilson's 95 % interval (Wilson, 1927) and the diagonal of a
/// perfect calibration. `None` when the lengths differ or there is nothing to bin.
#[must_use]
pub fn reliability(
    title: &str,
    bins: usize,
    predictions: &[(&str, &[f64])],
    positive: &[bool],
) -> Option<Chart> {
    let mut series = Vec::new();
    let mut end = 0.0_f64;
    for (name, probabilities) in predictions {
        let mut line = Series { name: (*name).to_owned(), ..Series::default() };
        let mut band = Vec::new();
        for bin in equal_bins(bins, probabilities, positive)? {
            line.points.push((bin.predicted, bin.observed));
            let (low, high) = wilson(bin.observed, bin.count);
            band.push((low, high));
            end = end.max(bin.predicted).max(bin.observed);
        }
        line.band = Some(band);
        series.push(line);
    }
    let diagonal =
        Series { name: "perfect".into(), points: vec![(0.0, 0.0), (end, end)], band: None, reference: true };
    series.push(diagonal);
    Some(Chart {
        title: title.to_owned(),
        x_label: "mean prediction of a bin".into(),
        y_label: "share of positives".into(),
        series,
    })
}

/// A bin of predictions of about equal size.
struct Bin {
    predicted: f64,
    observed: f64,
    count: f64,
}

fn equal_bins(bins: usize, probabilities: &[f64], positive: &[bool]) -> Option<Vec<Bin>> {
    if probabilities.len() != positive.len() || positive.is_empty() || bins == 0 {
        return None;
    }
    let ties: Vec<u64> = (0..probabilities.len() as u64).collect();
    let mut places = metrics::ranking(probabilities, &ties)?;
    places.reverse();
    let n = places.len();
    let cut = |bin: usize| bin * n / bins;
    let bins = (0..bins).map(|bin| &places[cut(bin)..cut(bin + 1)]).filter(|bin| !bin.is_empty());
    Some(
        bins.map(|bin| {
            let count = bin.len() as f64;
            let predicted = bin.iter().map(|&place| probabilities[place]).sum::<f64>() / count;
            let observed = bin.iter().filter(|&&place| positive[place]).count() as f64 / count;
            Bin { predicted, observed, count }
        })
        .collect(),
    )
}

fn wilson(share: f64, count: f64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    let z2 = Z * Z / count;
    let centre = (share + z2 / 2.0) / (1.0 + z2);
    let half = Z * (share * (1.0 - share) / count + z2 / (4.0 * count)).sqrt() / (1.0 + z2);
    ((centre - half).max(0.0), (centre + half).min(1.0))
}
