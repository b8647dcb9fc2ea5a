//! `playback-host show`: everything that is in one recording.

use super::Exit;
use super::cassette::{CassetteArgs, selector};
use super::events;
use super::json::{self, Ended, Entries};
use super::printable::one_line;
use super::session::{Detail, Session};
use super::shown::shown;
use super::units::{count, duration, moment, size};
use anyhow::Result;
use clap::Args;
use playback_host::cassette::Access;
use playback_host::recording::{EventsView, Function, Header, Recording};
use playback_host::value::Hex;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::time::Duration;

/// Show one recording: its operation, every recorded call and the outcome
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host show latest
  playback-host show 0190a3 -v                     values in full
  playback-host show latest --format json | jq '.events[] | select(.event == \"output\")'")]
pub(crate) struct Show {
    /// The recording: an id, a unique part of an id, or `latest`
    id: String,
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl Show {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let selector = selector(&self.id)?;
        let cassette = self.cassette.open(session, Access::Read).await?;
        let recording = cassette.load(&cassette.find(&selector).await?).await?;
        if session.is_json() {
            session.terminal.json(&Shown(&recording));
        } else {
            print(session, &recording);
        }
        Ok(Exit::Success)
    }
}

fn print(session: &mut Session, recording: &Recording) {
    let (terminal, detail) = (&mut session.terminal, session.detail);
    let Recording { header, metadata, .. } = recording;
    let took = duration(Duration::from_micros(metadata.duration_us));
    terminal.line(format_args!("recording  {}", header.id));
    terminal.line(format_args!("operation  {}", operation(header, detail)));
    terminal.line(format_args!(
        "recorded   {}, in {took}, by playback-host {}",
        moment(metadata.recorded_at),
        one_line(&header.host)
    ));
    terminal.line(format_args!("component  {}", one_line(&header.component)));
    for (sort, events) in recording.skipped() {
        let (sort, events) = (one_line(sort), count(events, "event"));
        terminal.line(format_args!("skipped    {events} `{sort}` of a newer format than this build knows"));
    }
    let counts = metadata.counts;
    terminal.line(format_args!(
        "size       {}, {}, {}, {} of the surroundings",
        size(metadata.size),
        count(counts.inputs, "input"),
        count(counts.outputs, "output"),
        count(counts.ambient, "reading"),
    ));
    for (name, value) in &header.environment {
        terminal.line(format_args!("env        {}={}", one_line(name), one_line(value)));
    }
    for argument in &header.program_arguments {
        terminal.line(format_args!("argument   {}", one_line(argument)));
    }
    for (key, value) in &metadata.more {
        terminal.line(format_args!("{:<10} {value}", one_line(key)));
    }

    terminal.line("\ncalled with");
    for (name, value) in header.operation.parameters.iter().zip(&header.arguments) {
        terminal.line(format_args!("       {} = {}", one_line(name), shown(value, detail)));
    }
    for lines in events::lines(recording, detail) {
        terminal.line(lines);
    }
    match &recording.outcome {
        Some(outcome) => terminal.line(events::outcome(outcome, Some(&header.operation), detail)),
        None => terminal.line("unknown: the recording ends before it"),
    }
    if metadata.incomplete {
        terminal.line("incomplete: the operation was stopped before it ended by itself");
    }
    if header.sockets {
        terminal.line(format_args!("not hermetic: {}", events::NOT_HERMETIC));
    }
    if let Some(problem) = &metadata.unverified {
        terminal.line(format_args!("unverified: {}", one_line(problem)));
    }
}

/// The operation's name, and its type where all is to be shown.
fn operation(header: &Header, detail: Detail) -> String {
    let name = one_line(&header.operation.name);
    match detail {
        Detail::Short => name.into_owned(),
        Detail::Full => format!("{name}: {}", one_line(&header.operation.signature)),
    }
}

/// The recording as JSON.
struct Shown<'r>(&'r Recording);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Recording { header, metadata, outcome, .. } = self.0;
        let Function { name, signature, .. } = &header.operation;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", &header.id)?;
        object.serialize_entry("metadata", metadata)?;
        object.serialize_entry("operation", &Entries(|| [("name", &**name), ("type", signature)]))?;
        object.serialize_entry("component", &header.component)?;
        object.serialize_entry("host", &header.host)?;
        object.serialize_entry("seed", &Hex(&header.seed).to_string())?;
        object.serialize_entry("environment", &header.environment)?;
        object.serialize_entry("program-arguments", &header.program_arguments)?;
        object.serialize_entry("secret-headers", &header.secret_headers)?;
        let arguments = json::arguments(name, &header.operation.parameters, &header.arguments);
        object.serialize_entry("arguments", &arguments)?;
        object.serialize_entry("events", &EventsView(self.0))?;
        object.serialize_entry("outcome", &outcome.as_ref().map(Ended::from))?;
        object.end()
    }
}
