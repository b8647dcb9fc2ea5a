//! `playback-host completions`: scripts with which shells complete the command line.

use super::Cli;
use super::Exit;
use super::terminal::Terminal;
use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print a script with which a shell completes commands, flags and their values
///
/// The script is of this version: make it anew after an update. No configuration is read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host completions bash > ~/.local/share/bash-completion/completions/playback-host
  playback-host completions zsh > ~/.zfunc/_playback-host         a directory of `fpath`
  playback-host completions fish > ~/.config/fish/completions/playback-host.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn exec(&self, terminal: &mut Terminal) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "playback-host", &mut script);
        terminal.document(&script);
        Ok(Exit::Success)
    }
}
