//! `playback-host man`: the manual's pages.

use super::Cli;
use super::Exit;
use super::exit::Stop;
use super::terminal::Terminal;
use anyhow::Result;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;
use std::io;
use std::path::{Path, PathBuf};

/// Print the manual's page, or write a page for each command
///
/// No configuration is read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host man | man -l -
  playback-host man --dir ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write the page of the program, and one for each command, as `playback-host-record.1`, into this directory, and
    /// print their names. The directory is made if it is missing; pages that it has already are replaced
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn exec(&self, terminal: &mut Terminal) -> Result<Exit> {
        // The page of `help` would say nothing but what the others are.
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let Some(directory) = &self.dir else {
            let mut page = Vec::new();
            Page::new(command).render(&mut page)?;
            terminal.document(&page);
            return Ok(Exit::Success);
        };
        std::fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
        write(&command, directory, terminal)?;
        Ok(Exit::Success)
    }
}

/// Writes the page of a command and those of its subcommands.
fn write(command: &Command, directory: &Path, terminal: &mut Terminal) -> Result<()> {
    let page = Page::new(command.clone());
    let file = page.generate_to(directory);
    let file = file.map_err(|error| failed(&directory.join(page.get_filename()), &error))?;
    terminal.line(file.display());
    command.get_subcommands().try_for_each(|below| write(below, directory, terminal))
}

fn failed(path: &Path, error: &io::Error) -> Stop {
    Stop::Failed(format!(
        "`{}` cannot be written: {error}; give another directory with `--dir`",
        path.display()
    ))
}
