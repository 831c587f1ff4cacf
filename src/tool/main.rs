//! The native tool. See `ranklet --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ranklet_tool::run()
}
