//! In: any failure. Out: the error that a command prints in one line before it exits with 1.
//! A tool that people run needs the sentence, not the type; where the type matters, modules have their own.

/// A result whose error is any error; the value is `()` unless it is given.
pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
