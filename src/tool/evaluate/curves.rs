//! In: a report. Out: SVG files: NDCG@10 and GAUC over feedback, reliability of the student's probabilities.
//! Bands are 95 % intervals over users.

use crate::data::visit::{POOL, Visit};
use crate::error::Result;
use crate::evaluate::methods::{Method, STUDENT};
use crate::evaluate::plot;
use crate::evaluate::plot::chart::{Chart, Series};
use crate::evaluate::report::{GAUC, NDCG, Report};
use crate::evaluate::score::{BINS, Measure};
use std::path::Path;

/// Writes `v{protocol}-{split}-{ndcg10,gauc,reliability}.svg` into a folder.
pub fn draw(folder: &Path, report: &Report, methods: &[Method], visits: &[Visit]) -> Result {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let stem = format!("v{}-{}", report.protocol.number(), report.split);
    let save = |name: &str, chart: &Chart| {
        let path = folder.join(format!("{stem}-{name}.svg"));
        std::fs::write(&path, chart.svg()).map_err(|e| format!("{}: {e}", path.display()))
    };
    save("ndcg10", &curve(report, NDCG, "NDCG@10"))?;
    save("gauc", &curve(report, GAUC, "GAUC"))?;
    if let Some(chart) = reliability(report, methods, visits) {
        save("reliability", &chart)?;
    }
    Ok(())
}

fn curve(report: &Report, measure: Measure, label: &str) -> Chart {
    let mut series = Vec::new();
    for (name, fixed, cards) in &report.methods {
        let estimates = cards.iter().filter_map(|(&k, card)| {
            let estimate = report.bootstrap.estimate(card.columns.get(&measure)?)?;
            Some((k as f64, estimate))
        });
        let (mut points, mut band) = (Vec::new(), Vec::new());
        for (k, estimate) in estimates {
            points.push((k, estimate.mean));
            band.push((estimate.lo, estimate.hi));
        }
        // One band is readable: the student's, which the figures are about.
        let band = (*name == STUDENT).then_some(band);
        series.push(Series { name: (*name).into(), points, band, reference: *fixed });
    }
    Chart {
        title: format!("Protocol {}, {} users: {label}", report.protocol.number(), report.split),
        x_label: "feedback events".into(),
        y_label: label.into(),
        series,
    }
}

fn reliability(report: &Report, methods: &[Method], visits: &[Visit]) -> Option<Chart> {
    let student = methods.iter().find(|method| method.name == STUDENT)?;
    let positive: Vec<bool> =
        visits.iter().flat_map(|visit| visit.candidates.iter().map(|c| c.relevant())).collect();
    let at = |k: usize| -> Vec<f64> {
        let own = student.answers.probabilities.iter().filter(|prediction| prediction.k == k);
        own.flat_map(|prediction| prediction.scores.iter().copied()).collect()
    };
    let (none, all) = (at(0), at(POOL));
    let title = format!(
        "Protocol {}, {} users: probability of `{}`",
        report.protocol.number(),
        report.split,
        report.protocol.head()
    );
    plot::reliability(&title, BINS, &[("no events", &none), ("20 events", &all)], &positive)
}
