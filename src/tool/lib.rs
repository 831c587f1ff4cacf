//! The native tool: reads logs, trains, evaluates and inspects models, simulates visitors.
//! Features, tokens, metrics and scores are those of the crate `ranklet`, which runs on the device.
//! `run` is all that is public; the binary `ranklet` calls it.
//!
//! Rooms in the order of use: `data` ← `baselines` ← `train` ← `evaluate` ← `commands`; `generate` and
//! `simulate` stand beside them.

mod baselines;
mod commands;
mod data;
mod error;
mod evaluate;
mod generate;
mod progress;
mod simulate;
mod train;

pub use commands::run;

#[cfg(test)]
#[path = "../../tests/tool/support/folder.rs"]
mod test_folder;
