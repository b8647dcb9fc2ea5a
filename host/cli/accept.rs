//! `playback-host accept`: a change that is meant is written into a file that is checked in.

use super::Exit;
use super::compare::reports;
use super::session::Session;
use super::settings;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Zoned;
use jiff::civil::Date;
use playback_host::compare::{Accept as Entry, Accepted, CauseId};
use playback_host::recording::Category;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where accepted changes are kept.
pub(crate) const ACCEPTED: &str = "playback-accepted.toml";

/// Where reports are looked for.
const REPORT: &str = "playback-report";

/// Accept a change that is meant
///
/// The cause of the change is written into a file that is checked in beside the code. Comparisons then report the change as
/// `accepted`, and say when it no longer happens. Never runs where `CI` is set.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host accept e2642158 --reason 'totals round half to even since v2'
  playback-host accept e2642158 --reason 'until the migration is done' --until 2026-12-31")]
pub(crate) struct Accept {
    /// The cause, as reports name it: eight hexadecimal digits
    #[arg(value_name = "CAUSE")]
    cause: CauseId,
    /// Why the change is meant
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decided it
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// The last day on which it is accepted: `2026-12-31`
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// Accept it in this category alone
    #[arg(long, value_name = "NAME")]
    category: Option<Category>,
    /// The report that has the cause: a directory, or its `report.ndjson` [default: playback-report]
    #[arg(long, value_name = "REPORT", env = "PLAYBACK_REPORT", hide_env = true)]
    report: Option<PathBuf>,
    /// The file with the changes that were accepted [default: playback-accepted.toml]
    #[arg(long, value_name = "FILE", env = "PLAYBACK_ACCEPTED", hide_env = true)]
    accepted: Option<PathBuf>,
}

impl Accept {
    pub(crate) fn exec(self, session: &mut Session) -> Result<Exit> {
        if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
            bail!(
                "`accept` does not run where `CI` is set: a person accepts a change; run it on your own machine"
            );
        }
        if self.reason.trim().is_empty() {
            bail!("the reason is empty; say why the change is meant");
        }
        let compare = &session.config.compare;
        let report =
            session.settings.optional(settings::REPORT, self.report.as_deref(), compare.report.as_deref());
        let report = report.unwrap_or(Path::new(REPORT));
        let file = session.settings.optional(
            settings::ACCEPTED,
            self.accepted.as_deref(),
            compare.accepted.as_deref(),
        );
        let file = file.unwrap_or(Path::new(ACCEPTED)).to_owned();
        let summary = reports::summary(report)
            .context("the cause is looked up in a report; write one with `compare --report DIR`")?;
        let found = summary.causes.into_iter().find(|cause| cause.id == self.cause);
        let cause = found.map(|found| found.cause).with_context(|| {
            format!(
                "the report `{}` has no cause `{}`; its causes are listed in its summary",
                report.display(),
                self.cause
            )
        })?;
        let accepted = read(&file)?;
        let text = cause.to_string();
        let mut entry = Entry::new(cause, self.reason);
        entry.who = self.who;
        entry.until = self.until;
        entry.category = self.category.map(|category| category.to_string());
        write(&file, &accepted.with(entry)?)?;
        session.terminal.line(format_args!("accepted {} {text}, in `{}`", self.cause, file.display()));
        Ok(Exit::Success)
    }
}

fn read(file: &Path) -> Result<Accepted> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Accepted::default()),
        text => {
            let text = text.with_context(|| format!("`{}` cannot be read", file.display()))?;
            Accepted::parse(&text, Zoned::now().date())
                .with_context(|| format!("`{}` is no file of accepted changes", file.display()))
        }
    }
}

/// Replaces the file as a whole, or leaves it as it is.
fn write(file: &Path, text: &str) -> Result<()> {
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, file));
    written.with_context(|| format!("`{}` cannot be written", file.display()))
}
