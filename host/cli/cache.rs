//! Where compiled code is kept between runs.

use super::config;
use super::environment::yes_or_no;
use super::session::Session;
use anyhow::Result;
use clap::Args;
use playback_host::sandbox::{Engine, EngineError, Metering, Options};
use std::path::PathBuf;

/// Flags of every command that compiles a component.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct CacheArgs {
    /// The directory for compiled code [default: `$XDG_CACHE_HOME/playback-host`, or `~/.cache/playback-host`]
    #[arg(long, value_name = "DIR", env = "PLAYBACK_CACHE", hide_env = true)]
    cache: Option<PathBuf>,
    /// Do not keep compiled code
    #[arg(long, env = "PLAYBACK_NO_CACHE", hide_env = true, value_parser = yes_or_no)]
    no_cache: bool,
}

/// Where the folder's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    User,
    Default,
}

impl CacheArgs {
    /// An engine. A cache that cannot be used is done without.
    pub(crate) fn engine(&self, session: &Session, metering: Metering) -> Result<Engine> {
        let options = Options { metering, ..Options::default() };
        let Some((folder, source)) = self.folder(session) else {
            return Ok(Engine::new(&options)?);
        };
        match Engine::new(&Options { cache: Some(folder), ..options.clone() }) {
            Err(error @ EngineError::Cache { .. }) => {
                if source == Source::User || session.is_verbose() {
                    session.terminal.warn(format_args!("{error}; this run goes without"));
                }
                Ok(Engine::new(&options)?)
            }
            engine => Ok(engine?),
        }
    }

    fn folder(&self, session: &Session) -> Option<(PathBuf, Source)> {
        match (self.no_cache, &self.cache, &session.config.cache) {
            (true, _, _) | (false, None, Some(config::Cache::Wanted(false))) => None,
            (false, Some(folder), _) | (false, None, Some(config::Cache::Folder(folder))) => {
                Some((folder.clone(), Source::User))
            }
            (false, None, None | Some(config::Cache::Wanted(true))) => {
                Some((of_the_user()?, Source::Default))
            }
        }
    }
}

/// The folder that the XDG base directory specification gives.
fn of_the_user() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("playback-host"))
}
