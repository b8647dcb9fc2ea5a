//! The `playback-host` program: parses the command line, runs the command, exits with its code.

mod cli;

use std::process::ExitCode;

/// Recordings are many small values: this allocator gives them out, and takes them back, faster than most systems'.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::exit_where_threads_fail();
    cli::Cli::run().unwrap_or_else(|error| cli::Exit::report(&error)).into()
}
