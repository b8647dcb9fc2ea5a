//! Which standard streams a replay compares.

use super::session::Session;
use clap::{Args, ValueEnum};
use playback_host::recording::Stream;
use serde::Deserialize;

/// Flags of every command that replays.
#[derive(Debug, Args)]
pub(crate) struct StreamArgs {
    /// Also compare the complete text that the service writes to `stdout`, `stderr` or both: `stdout,stderr`
    #[arg(
        long,
        value_name = "STREAMS",
        value_enum,
        value_delimiter = ',',
        hide_possible_values = true,
        env = "PLAYBACK_COMPARE_STREAMS",
        hide_env = true
    )]
    compare_streams: Vec<Named>,
}

/// A stream by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Named {
    Stdout,
    Stderr,
}

impl StreamArgs {
    /// The streams to compare, each once.
    pub(crate) fn streams(&self, session: &Session) -> Vec<Stream> {
        let file = &session.config.replay.compare_streams;
        let named = if self.compare_streams.is_empty() { file } else { &self.compare_streams };
        let all = [(Named::Stdout, Stream::Stdout), (Named::Stderr, Stream::Stderr)];
        all.into_iter().filter(|(name, _)| named.contains(name)).map(|(_, stream)| stream).collect()
    }
}
