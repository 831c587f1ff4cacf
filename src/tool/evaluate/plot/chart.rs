//! In: named series of points, with bands where there are intervals. Out: one self-contained SVG, readable on light
//! and dark backgrounds and without colours. Values that are not numbers are left out.

use std::fmt::Write;

/// A line chart. [`Chart::svg`] draws it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// Above the chart; also the image's name for screen readers.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// The lines; those beyond the eighth repeat colours.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Points (x, y) in the order of drawing. Those that are not finite are left out.
    pub points: Vec<(f64, f64)>,
    /// For each point the lower and upper end of its interval.
    pub band: Option<Vec<(f64, f64)>>,
    /// Drawn thin, dashed and without marks: a reference rather than a measurement.
    pub reference: bool,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 52.0;
/// Letters of a name in the legend, which is as wide as [`RIGHT`].
const LEGEND_LETTERS: usize = 22;

/// Colours that people with the common kinds of colour blindness tell apart (Okabe and Ito, 2008),
/// each readable on white and on near-black.
const COLOURS: [&str; 8] =
    ["#0a84c6", "#d98200", "#009e73", "#c55a94", "#d55e00", "#4aa3df", "#8a7f00", "#888888"];
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#222}.t{font-size:15px;font-weight:600}\
.g{stroke:#ddd}.a{stroke:#555}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}.a{stroke:#aaa}}";

/// From data to the page.
struct Scale {
    from: f64,
    to: f64,
    page: (f64, f64),
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        self.page.0 + share * (self.page.1 - self.page.0)
    }

    /// Round values, about `count` of them: steps of 1, 2 or 5 times a power of ten.
    fn ticks(&self, count: f64) -> (f64, Vec<f64>) {
        let rough = (self.to - self.from) / count;
        let power = 10_f64.powf(rough.log10().floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].into_iter().find(|s| s * power >= rough * 0.999).unwrap_or(10.0) * power;
        let first = (self.from / step - 1e-6).ceil() as i64;
        let last = (self.to / step + 1e-6).floor() as i64;
        (step, (first..=last).map(|tick| tick as f64 * step).collect())
    }
}

impl Chart {
    /// The chart as SVG. Without a single finite point it says so.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut svg = String::new();
        let title = escaped(&self.title);
        // Writing into a String cannot fail.
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\
             <title>{title}</title><style>{STYLE}</style>\
             <text class=\"t\" x=\"{LEFT}\" y=\"24\">{title}</text>"
        );
        match self.scales() {
            Some((x, y)) => {
                self.axes(&mut svg, &x, &y);
                for (index, series) in self.series.iter().enumerate() {
                    series.draw(&mut svg, index, &x, &y);
                }
            }
            None => {
                let _ = write!(svg, "<text x=\"{LEFT}\" y=\"{}\">no data</text>", HEIGHT / 2.0);
            }
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Ranges of both axes: the data's, widened where it is a single value.
    fn scales(&self) -> Option<(Scale, Scale)> {
        let points = || self.series.iter().flat_map(Series::finite);
        let bands =
            points().flat_map(|(_, y, band)| [Some(y), band.map(|b| b.0), band.map(|b| b.1)]).flatten();
        let x = range(points().map(|(x, ..)| x))?;
        let (low, high) = range(bands)?;
        let margin = (high - low) * 0.04;
        let x = Scale { from: x.0, to: x.1, page: (LEFT, WIDTH - RIGHT) };
        let y = Scale { from: low - margin, to: high + margin, page: (HEIGHT - BOTTOM, TOP) };
        Some((x, y))
    }

    fn axes(&self, svg: &mut String, x: &Scale, y: &Scale) {
        let (left, right, bottom, top) = (LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, TOP);
        let (step, ticks) = y.ticks(6.0);
        for tick in ticks {
            let (at, text) = (y.at(tick), number(tick, step));
            let _ = write!(
                svg,
                "<path class=\"g\" d=\"M{left} {at:.1}H{right}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                left - 6.0,
                at + 4.0
            );
        }
        let (step, ticks) = x.ticks(8.0);
        for tick in ticks {
            let (at, text) = (x.at(tick), number(tick, step));
            let _ = write!(
                svg,
                "<path class=\"a\" d=\"M{at:.1} {bottom}v4\"/>\
                 <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
                bottom + 18.0
            );
        }
        let _ = write!(
            svg,
            "<path class=\"a\" fill=\"none\" d=\"M{left} {top}V{bottom}H{right}\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
             <text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            (left + right) / 2.0,
            HEIGHT - 12.0,
            escaped(&self.x_label),
            (top + bottom) / 2.0,
            escaped(&self.y_label)
        );
    }
}

impl Series {
    /// Points that can be drawn, with their interval where that can be.
    fn finite(&self) -> impl Iterator<Item = (f64, f64, Option<(f64, f64)>)> {
        let band = |place: usize| {
            let ends = self.band.as_ref()?.get(place).copied()?;
            (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
        };
        let points = self.points.iter().enumerate();
        points
            .filter(|(_, (x, y))| x.is_finite() && y.is_finite())
            .map(move |(place, &(x, y))| (x, y, band(place)))
    }

    fn draw(&self, svg: &mut String, index: usize, x: &Scale, y: &Scale) {
        let colour = COLOURS[index % COLOURS.len()];
        let (width, dash) = if self.reference { (1.0, "4 4") } else { (2.0, DASHES[index % DASHES.len()]) };
        let stroke =
            format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\"");
        let points: Vec<_> = self.finite().collect();
        let upper = points.iter().filter_map(|(at, _, band)| band.map(|band| (*at, band.1)));
        let lower = points.iter().rev().filter_map(|(at, _, band)| band.map(|band| (*at, band.0)));
        let outline = path(upper.chain(lower), x, y);
        if !outline.is_empty() {
            let _ = write!(svg, "<path d=\"{outline}Z\" fill=\"{colour}\" opacity=\".15\"/>");
        }
        let line = path(points.iter().map(|&(at, value, _)| (at, value)), x, y);
        let _ = write!(svg, "<path d=\"{line}\" {stroke}/>");
        if !self.reference {
            for &(at, value, _) in &points {
                let _ = write!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                    x.at(at),
                    y.at(value)
                );
            }
        }
        let (left, top) = (WIDTH - RIGHT + 14.0, TOP + 10.0 + 20.0 * index as f64);
        let name: String = self.name.chars().take(LEGEND_LETTERS).collect();
        let _ = write!(
            svg,
            "<path d=\"M{left} {top}h26\" {stroke}/><text x=\"{}\" y=\"{}\">{}</text>",
            left + 32.0,
            top + 4.0,
            escaped(&name)
        );
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return None;
    }
    // A single value still wants an axis.
    let wide = (high - low) > 1e-12 * high.abs().max(1e-12);
    Some(if wide { (low, high) } else { (low - 0.5 * low.abs().max(1.0), high + 0.5 * high.abs().max(1.0)) })
}

fn path(points: impl Iterator<Item = (f64, f64)>, x: &Scale, y: &Scale) -> String {
    let mut path = String::new();
    for (place, (at, value)) in points.enumerate() {
        let letter = if place == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{:.1} {:.1}", x.at(at), y.at(value));
    }
    path
}

/// A tick's text: as many decimals as its step has.
fn number(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    // No "-0".
    format!("{:.decimals$}", value + 0.0)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no other control characters, not even escaped.
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
#[path = "../../../../tests/tool/evaluate/plot.rs"]
mod tests;
