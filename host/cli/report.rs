//! `playback-host report merge`: the reports of several machines as one.

use super::Exit;
use super::compare::reports::{self, Reports};
use super::compare::text;
use super::exit::Stop;
use super::session::Session;
use anyhow::Result;
use clap::{Args, Subcommand};
use playback_host::compare::Accepted;
use playback_host::compare::report::{MergeError, merge};
use std::path::PathBuf;

/// Work on reports that `compare` and `studio` wrote
#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Merge(Merge),
}

/// Merge the reports of all shards into one
///
/// The exit status is that of one run over all recordings.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host report merge shard-1 shard-2 shard-3 --into playback-report")]
struct Merge {
    /// The reports: directories, or their `report.ndjson`
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    /// Write the merged reports into this directory
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

impl Report {
    pub(crate) fn exec(self, session: &mut Session) -> Result<Exit> {
        let Command::Merge(Merge { reports, into }) = self.command;
        let readers = reports.iter().map(|report| reports::open(report)).collect::<Result<Vec<_>>>()?;
        let mut merged = Reports::create(&into)?;
        let summary = merge(readers, &mut merged).map_err(|error| named(&error, &reports))?;
        let page = merged.page();
        merged.finish()?;
        if session.is_json() {
            session.terminal.json(&playback_host::compare::report::Line::Summary(summary.clone()));
        } else {
            text::summary(&summary, &Accepted::default(), "", Some(&page), session);
        }
        text::exit(&summary)
    }
}

/// The error with the names of the reports that it counts.
fn named(error: &MergeError, reports: &[PathBuf]) -> Stop {
    let names = reports.iter().enumerate().map(|(at, path)| format!("{} is `{}`", at + 1, path.display()));
    let names: Vec<String> = names.collect();
    Stop::Failed(format!("the reports cannot be merged: {error} (report {})", names.join(", ")))
}
