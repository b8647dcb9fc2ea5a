//! Everything that is printed goes through here: results to standard output, notes and progress to standard error.

use super::exit::Stop;
use super::printable::{self, printable};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, StdoutLock, Write};
use std::time::Duration;

/// The format of the results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Text for people.
    #[default]
    Text,
    /// JSON for programs, one object on each line.
    Json,
}

/// Where a command prints.
#[derive(Debug)]
pub(crate) struct Terminal {
    pub(crate) format: Format,
    progress: ProgressBar,
    /// What became of standard output. Nothing is written to it any more after an error.
    written: io::Result<()>,
}

impl Terminal {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, progress: ProgressBar::hidden(), written: Ok(()) }
    }

    /// Prints a line of a result. It goes out as it is formatted, and is never in memory as a whole.
    pub(crate) fn line(&mut self, line: impl Display) {
        self.print(|out| printable::write_line(out, line));
    }

    /// Prints a result as one line of JSON, which goes out as it is serialized.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        self.print(|out| {
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, printable::Json))?;
            out.write_all(b"\n")
        });
    }

    /// Prints a document for other programs as it is. Nothing in it may come from outside this program.
    pub(crate) fn document(&mut self, bytes: &[u8]) {
        self.print(|out| out.write_all(bytes));
    }

    fn print(&mut self, write: impl FnOnce(&mut StdoutLock<'static>) -> io::Result<()>) {
        if self.written.is_ok() {
            self.written = self.progress.suspend(|| write(&mut io::stdout().lock()));
        }
    }

    /// Prints something that is wrong and does not stop the command.
    pub(crate) fn warn(&self, warning: impl Display) {
        self.note(format_args!("warning: {warning}"));
    }

    /// Prints a note beside the results.
    pub(crate) fn note(&self, note: impl Display) {
        // Notes are not worth failing for.
        let note = note.to_string();
        let _ = self.progress.suspend(|| writeln!(io::stderr(), "{}", printable(&note)));
    }

    /// Shows progress towards `length` steps, where somebody is watching.
    pub(crate) fn start(&mut self, doing: &'static str, length: usize) {
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() || length < 2 {
            return;
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}, {eta} left");
        self.progress = ProgressBar::new(length as u64).with_message(doing);
        self.progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.progress.enable_steady_tick(Duration::from_millis(100));
    }

    /// Shows how many steps are done, where nobody knows how many there are.
    pub(crate) fn start_endless(&mut self, done: &'static str) {
        if !io::stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return;
        }
        let style = ProgressStyle::with_template("{spinner} {msg} {human_pos}, {per_sec}");
        self.progress = ProgressBar::no_length().with_message(done);
        self.progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        self.progress.enable_steady_tick(Duration::from_millis(100));
    }

    /// One step is done.
    pub(crate) fn advance(&self) {
        self.progress.inc(1);
    }

    /// Takes the progress away.
    pub(crate) fn finish(&mut self) {
        self.progress.finish_and_clear();
        self.progress = ProgressBar::hidden();
    }

    /// Whether nobody reads standard output any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.written.is_err()
    }

    /// Ends the output. That its reader has gone, as `head` does, is fine.
    pub(crate) fn close(&mut self) -> anyhow::Result<()> {
        self.finish();
        let flushed = io::stdout().flush();
        match std::mem::replace(&mut self.written, Ok(())).and(flushed) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Stop::Failed(format!("the result cannot be written to standard output: {error}")).into())
            }
            _ => Ok(()),
        }
    }
}
