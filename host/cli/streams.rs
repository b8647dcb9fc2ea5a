//! Which standard streams a replay compares.

use super::session::Session;
use super::settings::COMPARE_STREAMS;
use clap::{Args, ValueEnum};
use playback_host::recording::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Named {
    Stdout,
    Stderr,
}

impl StreamArgs {
    /// The streams to compare, each once.
    pub(crate) fn streams(&self, session: &Session) -> Vec<Stream> {
        let file = &session.config.replay.compare_streams;
        let named = session.settings.list(COMPARE_STREAMS, &self.compare_streams, file);
        let all = [(Named::Stdout, Stream::Stdout), (Named::Stderr, Stream::Stderr)];
        all.into_iter().filter(|(name, _)| named.contains(name)).map(|(_, stream)| stream).collect()
    }
}
