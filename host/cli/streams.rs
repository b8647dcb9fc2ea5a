//! Which standard streams a replay compares.

use super::config::StreamName;
use super::session::Session;
use super::settings::COMPARE_STREAMS;
use clap::Args;
use playback_host::recording::Stream;

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
    compare_streams: Vec<StreamName>,
}

impl StreamArgs {
    /// The streams to compare, each once.
    pub(crate) fn streams(&self, session: &Session) -> Vec<Stream> {
        let file = &session.config.replay.compare_streams;
        let named = session.settings.list(COMPARE_STREAMS, &self.compare_streams, file);
        let all = [(StreamName::Stdout, Stream::Stdout), (StreamName::Stderr, Stream::Stderr)];
        all.into_iter().filter(|(name, _)| named.contains(name)).map(|(_, stream)| stream).collect()
    }
}
