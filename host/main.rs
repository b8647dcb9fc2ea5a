//! The `playback-host` program: parses the command line, runs the command, exits with its code.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::Cli::parse().exec().unwrap_or_else(|error| cli::Exit::report(&error)).into()
}
