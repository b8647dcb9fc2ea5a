//! `playback-host prune`: removes what interrupted saves left behind.

use super::Exit;
use super::cassette::CassetteArgs;
use super::session::Session;
use super::units::count;
use anyhow::Result;
use clap::Args;
use futures_util::TryStreamExt;
use playback_host::cassette::Access;
use serde_json::json;

/// Delete tapes without metadata, which interrupted saves leave behind
///
/// Such tapes are not recordings: no command lists or replays them. Tapes younger than a day are kept, because a save may
/// still be running. Do not prune while you copy recordings into the cassette: a tape may arrive before its metadata.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host prune
  playback-host prune -v                           print each deleted tape")]
pub(crate) struct Prune {
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl Prune {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        // Opened to be read first: that makes no folder where the path is wrong.
        self.cassette.open(session, Access::Read).await?;
        let cassette = self.cassette.open(session, Access::Write).await?;
        let mut leftovers = cassette.leftovers();
        let mut removed = 0usize;
        while let Some(id) = leftovers.try_next().await? {
            cassette.remove(&id).await?;
            removed += 1;
            match session.is_json() {
                true => session.terminal.json(&json!({ "id": id, "removed": true })),
                false if session.is_verbose() => session.terminal.line(format_args!("removed  {id}")),
                false => {}
            }
        }
        match session.is_json() {
            true => session.terminal.json(&json!({ "summary": { "removed": removed } })),
            false => session.terminal.line(format_args!("{} removed", count(removed, "leftover"))),
        }
        Ok(Exit::Success)
    }
}
