//! `playback-host compare`: what a build of a service does otherwise than recorded, or than another build.

mod args;
mod costs;
pub(super) mod reports;
mod run;
mod selection;
pub(super) mod text;
mod tuning;

use super::Exit;
use super::session::Session;
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;

pub(super) use args::ComparisonArgs;
pub(super) use run::{Scope, compare};

/// Replay recordings on a build of the service, and report what changed
///
/// Every output and the result of each operation are compared with what was recorded or, with `--baseline`, with what
/// another build does on the same recording. Rules in playback.toml say what may differ. Changes are grouped by their cause.
/// The exit status is 1 if anything changed that was not accepted, or if a cost increased more than it may.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host compare orders-v2.wasm --category place-order
  playback-host compare orders-v2.wasm --baseline orders-v1.wasm --report playback-report
  playback-host compare orders-v2.wasm place-order/20260102/0190a3
  playback-host compare orders-v2.wasm --baseline orders-v1.wasm --cost
  playback-host compare orders-v2.wasm --shard 2/4 --format json > shard-2.ndjson

The verdict of a recording is `equal`, `different`, `failed` (the operation ends worse than recorded), `fixed` (it ends
better) or `equalizer-failure` (it could not be compared).")]
pub(crate) struct Compare {
    /// The build that is judged [default: `component` in `[service]` of playback.toml]
    #[arg(value_name = "SERVICE.WASM")]
    service: Option<PathBuf>,
    /// Only these recordings: ids, or unique parts of ids
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    comparison: ComparisonArgs,
}

impl Compare {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let Self { service, ids, comparison } = self;
        if let Some(service) = &service
            && !service.is_file()
            && service.extension().is_none_or(|extension| extension != "wasm")
        {
            bail!("`{}` is not a file; write the service's `.wasm` file before the ids", service.display());
        }
        compare(Scope { service, ids, categories: Vec::new() }, &comparison, session).await
    }
}
