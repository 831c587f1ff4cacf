//! The native tool: reads logs, trains, evaluates and inspects models, simulates visitors.
//! Features, tokens, metrics and scores are those of the crate `ranklet`, which runs on the device.
//! `run` is all that is public; the binary `ranklet` calls it.

mod baseline;
mod catalogue;
mod collaborative;
mod commands;
mod generate;
mod import;
mod logs;
mod plot;
mod replay;
mod simulate;
mod train;

pub use commands::run;
