//! Which cassette a command works on.

use super::session::Session;
use super::settings::CASSETTE;
use anyhow::{Result, bail};
use clap::Args;
use playback_host::cassette::{Access, Cassette, Location, Selector};
use std::path::PathBuf;

/// Flags of every command that works on a cassette.
#[derive(Debug, Args)]
pub(crate) struct CassetteArgs {
    /// Where recordings are kept: a directory, `./dir` or `file:dir`, or `memory:`, which lasts only for this command
    /// [default: ./cassette]
    #[arg(long, value_name = "LOCATION", env = "PLAYBACK_CASSETTE", hide_env = true)]
    cassette: Option<Location>,
}

impl CassetteArgs {
    /// Opens the cassette. For writing, a folder that is not there is made.
    pub(crate) async fn open(&self, session: &Session, access: Access) -> Result<Cassette> {
        Ok(Cassette::open(&self.location(session), access).await?)
    }

    /// Where it is.
    pub(crate) fn location(&self, session: &Session) -> Location {
        let default = Location::Directory(PathBuf::from("./cassette"));
        session.settings.value(CASSETTE, self.cassette.clone(), session.config.cassette.clone(), default)
    }
}

/// Which recording is meant. Not for the parser of arguments to read: it would repeat a text of any length.
pub(crate) fn selector(text: &str) -> Result<Selector> {
    /// No id is longer.
    const LONGEST: usize = 174;
    let length = text.chars().count();
    if length > LONGEST {
        let start: String = text.chars().take(40).collect();
        bail!(
            "`{}…` is not a recording's id: it has {length} characters, and an id at most {LONGEST}",
            start.escape_debug()
        );
    }
    Ok(text.parse()?)
}
