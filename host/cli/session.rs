//! What every command has: the flags that all of them take, the configuration, and a place to print.

use super::config::Config;
use super::settings::{COMPONENT, FORMAT, Settings, VERBOSE};
use super::terminal::{Format, Terminal};
use anyhow::{Context, Error, Result};
use clap::{ArgAction, ArgMatches, Args};
use playback_host::sandbox::{Engine, Service};
use playback_host::tape::Rules;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct Global {
    /// The file with settings and rules [default: `playback.toml`, if it exists]
    #[arg(long, global = true, value_name = "FILE", env = "PLAYBACK_CONFIG", hide_env = true)]
    config: Option<PathBuf>,
    /// The format of the results [default: text]
    #[arg(long, global = true, value_enum, env = "PLAYBACK_FORMAT", hide_env = true)]
    format: Option<Format>,
    /// Print more details, and values in full
    #[arg(short, long, global = true, action = ArgAction::Count, env = "PLAYBACK_VERBOSE", hide_env = true)]
    verbose: u8,
}

/// How much is printed of each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What fits on a line.
    Short,
    /// Everything.
    Full,
}

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) terminal: Terminal,
    pub(crate) detail: Detail,
}

impl Session {
    /// `matches` are those of the subcommand.
    pub(crate) fn new(global: Global, matches: &ArgMatches) -> Result<Self> {
        let config = Config::load(global.config.as_deref())?;
        let settings = Settings::new(matches, config.name());
        let terminal = Terminal::new(settings.value(FORMAT, global.format, config.format, Format::default()));
        let verbose = Some(global.verbose).filter(|verbose| *verbose > 0);
        let verbose = settings.value(VERBOSE, verbose, config.verbose, 0);
        let detail = if verbose > 0 { Detail::Full } else { Detail::Short };
        Ok(Self { config, settings, terminal, detail })
    }

    pub(crate) fn is_json(&self) -> bool {
        self.terminal.format == Format::Json
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.detail == Detail::Full
    }

    /// Prints each of the warnings.
    pub(crate) fn warn_all(&self, warnings: &[impl Display]) {
        warnings.iter().for_each(|warning| self.terminal.warn(warning));
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.config.rules
    }

    /// The file of the service: `file`, or else the one of the configuration.
    pub(crate) fn component<'a>(&'a self, file: Option<&'a Path>) -> Option<&'a Path> {
        self.settings.optional(COMPONENT, file, self.config.service.component.as_deref())
    }

    /// Compiles the service, which is `file` or else the one of the configuration. Rules that are for none of its
    /// imports are warned of: they look like typing errors.
    pub(crate) fn service(&self, engine: &Engine, file: Option<&Path>) -> Result<Service> {
        let file = self.component(file).context(
            "no service was named; give its `.wasm` file, or `component` of `[service]` in playback.toml",
        )?;
        let service = Service::from_file(engine, file)?;
        if let Err(error) = self.rules().resolve(service.imports()) {
            let place = self.config.place(&error);
            return Err(Error::new(error).context(place));
        }
        for target in self.rules().unused(service.imports()) {
            let file = self.config.name();
            self.terminal.warn(format_args!(
                "the rule for `{target}` in `{file}` is for no import of `{}`; `playback-host inspect` lists its imports",
                service.name(),
            ));
        }
        Ok(service)
    }
}
