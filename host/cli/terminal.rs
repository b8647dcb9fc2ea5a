//! Everything that is printed goes through here: results to standard output, notes and progress to standard error.

use super::exit::Stop;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
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

    /// Prints a line of a result.
    pub(crate) fn line(&mut self, line: impl Display) {
        self.print(&printable(&line.to_string()));
    }

    /// Prints a result as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            // JSON has its own way to write what would steer a terminal.
            Ok(text) => self.print(&escaped(&text, |c| format!("\\u{:04x}", u32::from(c)))),
            Err(error) => self.written = Err(io::Error::other(error)),
        }
    }

    fn print(&mut self, line: &str) {
        if self.written.is_ok() {
            self.written = self.progress.suspend(|| writeln!(io::stdout().lock(), "{line}"));
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

/// The text without characters that would do something to a terminal: names and texts of a recording are whatever
/// somebody put there.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c.escape_default().to_string())
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && c != '\n';
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_control(c) { escape(c) } else { c.to_string() }).collect())
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_would_steer_a_terminal_is_shown_and_not_done() {
        assert_eq!(printable("a\n  é"), "a\n  é");
        assert_eq!(printable("\u{1b}[2J\u{9b}2J\r"), "\\u{1b}[2J\\u{9b}2J\\r");
    }
}
