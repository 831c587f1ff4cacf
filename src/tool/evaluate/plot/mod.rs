//! In: figures. Out: charts as SVG files, without a plotting library: [`chart`] draws lines and bands,
//! [`mod@reliability`] makes a chart of probabilities and outcomes.

pub mod chart;
mod reliability;

pub use reliability::reliability;
