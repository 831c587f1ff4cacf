#![allow(clippy::unwrap_used)]
use super::*;
use crate::evaluate::plot::reliability;

fn chart(series: Vec<Series>) -> Chart {
    Chart {
        title: "NDCG@10 <k> & \"more\"".into(),
        x_label: "events".into(),
        y_label: "NDCG@10".into(),
        series,
    }
}

fn line(name: &str, points: &[(f64, f64)]) -> Series {
    Series { name: name.into(), points: points.to_vec(), ..Series::default() }
}

/// Every tag that opens also closes, in order; quotes pair up.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn names_are_escaped_and_every_finite_point_is_marked() {
    let points = [(0.0, 0.2), (1.0, 0.3), (2.0, f64::NAN), (f64::INFINITY, 1.0), (20.0, 0.25)];
    let mut student = line("student <int8>", &points);
    student.band = Some(vec![(0.1, 0.3), (0.2, 0.4), (0.0, 1.0), (0.0, 1.0), (0.2, f64::NAN)]);
    let svg = chart(vec![student, line("server", &[(0.0, 0.2), (20.0, 0.2)])]).svg();
    well_formed(&svg);
    assert!(svg.contains("NDCG@10 &lt;k&gt; &amp; &quot;more&quot;"));
    assert!(svg.contains("student &lt;int8&gt;"));
    assert_eq!(svg.matches("<circle").count(), 5);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn points_stand_where_their_values_say() {
    let svg = chart(vec![line("a", &[(0.0, 0.0), (10.0, 1.0)])]).svg();
    // The axes' corners, with the margin of 4 % above and below.
    assert!(svg.contains("cx=\"64.0\"") && svg.contains("cx=\"530.0\""), "{svg}");
    let y: Vec<f64> =
        svg.split("cy=\"").skip(1).map(|s| s.split('"').next().unwrap().parse().unwrap()).collect();
    assert!(y[0] > y[1] && (y[0] - y[1] - 304.0 / 1.08).abs() < 0.2, "{y:?}");
}

#[test]
fn degenerate_charts_are_still_images() {
    for series in [
        vec![],
        vec![line("empty", &[])],
        vec![line("nan", &[(f64::NAN, 1.0)])],
        vec![line("one", &[(3.0, 0.5)])],
        vec![line("flat", &[(0.0, 0.5), (1.0, 0.5)])],
        vec![line("tiny", &[(0.0, 1e-300), (1e-300, 2e-300)])],
        vec![line("huge", &[(-1e300, -1e300), (1e300, 1e300)])],
        (0..40).map(|n| line(&"many".repeat(n), &[(0.0, n as f64), (1.0, 0.0)])).collect(),
    ] {
        let svg = chart(series.clone()).svg();
        well_formed(&svg);
        assert!(svg.len() < 100_000 && !svg.contains("NaN") && !svg.contains("inf"), "{series:?}: {svg}");
    }
    assert!(chart(vec![]).svg().contains("no data"));
}

#[test]
fn ticks_are_round() {
    let scale = Scale { from: 0.0, to: 20.0, page: (0.0, 1.0) };
    assert_eq!(scale.ticks(8.0).1, [0.0, 5.0, 10.0, 15.0, 20.0]);
    assert_eq!(number(0.25, 0.05), "0.25");
    assert_eq!(number(-0.0, 1.0), "0");
    assert_eq!(number(1500.0, 500.0), "1500");
}

#[test]
fn reliability_of_two_bins() {
    let positive = [true, false, true, true];
    let chart = reliability("calibration", 2, &[("model", &[0.9, 0.1, 0.3, 0.7])], &positive).unwrap();
    let model = &chart.series[0];
    let close =
        |a: (f64, f64), b: (f64, f64)| assert!((a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12);
    close(model.points[0], (0.2, 0.5));
    close(model.points[1], (0.8, 1.0));
    // Wilson's interval of 1 in 2 is symmetric; of 2 in 2 it ends at 1.
    let band = model.band.as_ref().unwrap();
    assert!((band[0].0 + band[0].1 - 1.0).abs() < 1e-12 && (band[0].0 - 0.094_531).abs() < 1e-5, "{band:?}");
    assert!((band[1].1 - 1.0).abs() < 1e-12 && (band[1].0 - 0.342_380).abs() < 1e-5, "{band:?}");
    assert!(chart.series[1].reference);
    well_formed(&chart.svg());
    assert!(reliability("x", 2, &[("m", &[0.5])], &positive).is_none());
    assert!(reliability("x", 0, &[("m", &[0.5; 4])], &positive).is_none());
}
