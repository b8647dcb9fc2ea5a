//! What plays recordings: the replayer, or the players of their categories, which say what it plays.

use crate::cli::plugins::{Loaded, PlannedPlayer};
use crate::cli::session::Session;
use anyhow::{Result, anyhow};
use playback_host::recording::{Category, Recording, RecordingId};
use playback_host::sandbox::{Engine, Replayer};
use playback_host::tape::Playback;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Plays recordings as their categories want it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) replayer: Replayer,
    players: Arc<BTreeMap<Category, PlannedPlayer>>,
}

impl Planned {
    /// With the players of the configuration.
    ///
    /// # Errors
    ///
    /// A file is no player.
    pub(crate) fn new(replayer: Replayer, engine: &Engine, session: &Session) -> Result<Self> {
        let limits = session.config.limits.plugins.unwrap_or_default().limits();
        let mut plugins = Loaded::new(engine, limits);
        let players = session.config.players();
        let players =
            players.map(|(category, file)| Ok((category.clone(), plugins.player(file, &replayer)?)));
        let players = Arc::new(players.collect::<Result<_>>()?);
        Ok(Self { replayer, players })
    }

    /// Returns true if a plugin says what is played, so that the service need not have the recorded operation.
    pub(crate) fn has_player(&self, id: &RecordingId) -> bool {
        self.players.contains_key(id.category())
    }

    pub(crate) async fn play(&self, recording: &Arc<Recording>) -> Result<Playback> {
        match self.players.get(recording.id().category()) {
            Some(player) => player.play(recording).await.map_err(|error| anyhow!(error)),
            None => Ok(self.replayer.replay(recording).await?),
        }
    }
}
