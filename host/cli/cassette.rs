//! Which cassette a command works on.

use super::session::Session;
use anyhow::Result;
use clap::Args;
use playback_host::cassette::{Access, Cassette, Location};
use std::path::PathBuf;

/// Flags of every command that works on a cassette.
#[derive(Debug, Args)]
pub(crate) struct CassetteArgs {
    /// Where recordings are kept: a folder, `./dir` or `file:dir`; or `memory:`, which is gone afterwards
    /// [default: ./cassette]
    #[arg(long, value_name = "LOCATION", env = "PLAYBACK_CASSETTE", hide_env = true)]
    cassette: Option<Location>,
}

impl CassetteArgs {
    /// Opens the cassette. For writing, a folder that is not there is made.
    pub(crate) async fn open(&self, session: &Session, access: Access) -> Result<Cassette> {
        let default = Location::Directory(PathBuf::from("./cassette"));
        let location = self.cassette.as_ref().or(session.config.cassette.as_ref()).unwrap_or(&default);
        Ok(Cassette::open(location, access).await?)
    }
}
