//! Where compiled code is kept between runs.

use super::config;
use super::environment::yes_or_no;
use super::session::Session;
use super::settings::{CACHE, NO_CACHE, Place};
use anyhow::Result;
use clap::Args;
use etcetera::BaseStrategy;
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

impl CacheArgs {
    /// An engine. A cache that cannot be used is done without.
    pub(crate) fn engine(&self, session: &Session, metering: Metering) -> Result<Engine> {
        let options = Options { metering, ..Options::default() };
        let (Some(folder), place) = self.folder(session) else {
            return Ok(Engine::new(&options)?);
        };
        match Engine::new(&Options { cache: Some(folder), ..options.clone() }) {
            Err(error @ EngineError::Cache { .. }) => {
                if place != Place::Default || session.is_verbose() {
                    session.terminal.warn(format_args!("{error}; this run goes without"));
                }
                Ok(Engine::new(&options)?)
            }
            engine => Ok(engine?),
        }
    }

    /// The folder, if any, and where it was said.
    pub(crate) fn folder(&self, session: &Session) -> (Option<PathBuf>, Place) {
        let (settings, file) = (&session.settings, &session.config.cache);
        let (folder, place) = match (self.no_cache, &self.cache, file) {
            (true, _, _) => (None, settings.said(NO_CACHE)),
            (false, Some(folder), _) => (Some(folder.clone()), settings.said(CACHE)),
            (false, None, Some(config::Cache::Folder(folder))) => (Some(folder.clone()), settings.in_file()),
            (false, None, Some(config::Cache::Wanted(false))) => (None, settings.in_file()),
            (false, None, None | Some(config::Cache::Wanted(true))) => (of_the_user(), Place::Default),
        };
        match &folder {
            Some(folder) => settings.note(CACHE, folder, place.clone()),
            None => settings.note(CACHE, &false, place.clone()),
        }
        (folder, place)
    }
}

/// Returns the directory for compiled code among the user's caches, if the system names one.
fn of_the_user() -> Option<PathBuf> {
    let caches = etcetera::choose_base_strategy().ok()?.cache_dir();
    // A home that is not an absolute path would be another one in each working directory.
    caches.is_absolute().then(|| caches.join("playback-host"))
}
