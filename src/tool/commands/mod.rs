//! In: the command line. Out: what the command prints and writes, and the exit code: 1 with a sentence for what is
//! wrong with a file or an argument. One file a command; the work is done in the other rooms.

mod ablate;
mod catalogue;
mod ctr;
mod data_folder;
mod evaluate;
mod generate;
mod import;
mod inspect;
mod protocol;
mod simulate;
mod source;
mod train;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "ranklet", version, about = "Trains, evaluates and inspects ranklet models")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model from ratings or a log of interactions and write one ONNX file
    Train(train::Args),
    /// Train variants of the student that differ in one part, and compare them on validation users
    Ablate(ablate::Args),
    /// Replay held-out users through a model and print ranking metrics
    Evaluate(evaluate::Args),
    /// Show what is in a model file, after checking it as the loader does
    Inspect(inspect::Args),
    /// Write the films of the demo with their server scores as JSON
    Catalogue(catalogue::Args),
    /// Turn MovieLens CSV into a log of the four-event JSON Lines format, or a log into CSV
    Import(import::Args),
    /// Simulate visitors and show how topics concentrate, with and without guardrails
    Simulate(simulate::Args),
    /// Write an invented log, for trying things out and for tests
    Generate(generate::Args),
    /// Compare models that foresee clicks, on a log's held-out visits
    Ctr(ctr::Args),
    /// Check this build's evaluation protocols against their published values
    Protocol(protocol::Args),
}

/// Runs the tool.
pub fn run() -> ExitCode {
    let result = match Args::parse().command {
        Command::Train(args) => train::run(&args),
        Command::Ablate(args) => ablate::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Catalogue(args) => catalogue::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Ctr(args) => ctr::run(&args),
        Command::Protocol(args) => protocol::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ranklet: {error}");
            ExitCode::FAILURE
        }
    }
}
