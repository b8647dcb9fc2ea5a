//! `playback-host config`: the settings in force, and where each comes from.

use super::Exit;
use super::printable::one_line;
use super::record::Record;
use super::session::Session;
use super::settings::{InForce, Place};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value as Json;

/// Show the settings in force, and where each comes from
///
/// The flags are those of `record`, and what they would make of the settings is shown. A setting comes from the command
/// line, else from an environment variable, else from playback.toml, else it is the default. Nothing is run or opened.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  playback-host config
  playback-host config --max-memory 2GiB --config staging.toml
  playback-host config schema > playback.schema.json
  playback-host config --format json | jq -r 'select(.source != \"default\").setting'"
)]
pub(crate) struct Config {
    #[command(subcommand)]
    about: Option<About>,
    #[command(flatten)]
    record: Box<Record>,
}

#[derive(Debug, Subcommand)]
enum About {
    /// Print a JSON schema of playback.toml, with which editors complete and check it
    ///
    /// Editors that know Taplo take it by a first line of playback.toml: `#:schema ./playback.schema.json`. No
    /// configuration is read.
    #[command(after_help = "\
Examples:
  playback-host config schema > playback.schema.json")]
    Schema,
}

impl Config {
    /// Whether the schema is asked for, and not what is in force.
    pub(crate) fn is_schema(&self) -> bool {
        matches!(self.about, Some(About::Schema))
    }

    pub(crate) fn exec(self, session: &mut Session) -> Result<Exit> {
        self.record.settle(session)?;
        let mut settings = session.settings.take();
        let place = session.settings.in_file();
        let alone = session.config.of_file_alone();
        settings.extend(alone.map(|(key, value)| InForce { key, value, place: place.clone() }));
        match session.is_json() {
            true => settings.iter().for_each(|setting| session.terminal.json(setting)),
            false => print(session, &settings),
        }
        Ok(Exit::Success)
    }
}

fn print(session: &mut Session, settings: &[InForce]) {
    let rows = settings.iter().map(|InForce { key, value, place }| {
        [&**key, of(place), &text(value)].map(|cell| one_line(cell).into_owned())
    });
    let heading = ["SETTING", "FROM", "VALUE"].map(str::to_owned);
    let rows: Vec<[String; 3]> = std::iter::once(heading).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (first, second) = (width(0), width(1));
    for [setting, from, value] in &rows {
        session.terminal.line(format_args!("{setting:<first$}  {from:<second$}  {value}"));
    }
}

fn of(place: &Place) -> &str {
    match place {
        Place::CommandLine(name) | Place::Environment(name) | Place::File(name) => name,
        Place::Default => "default",
    }
}

/// A value as people read it.
fn text(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) if items.is_empty() => "none".to_owned(),
        value => value.to_string(),
    }
}
