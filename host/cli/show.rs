//! `playback-host show`: everything that is in one recording.

use super::Exit;
use super::cassette::CassetteArgs;
use super::events;
use super::session::{Detail, Session};
use super::units::{count, duration, moment, size};
use anyhow::Result;
use clap::Args;
use playback_host::cassette::{Access, Selector};
use playback_host::recording::{Header, Recording};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Show one recording: what was called, every call it made, how it ended
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host show latest
  playback-host show 0190a3 -v                     values in full
  playback-host show latest --format json | jq '.events[] | select(.event == \"output\")'")]
pub(crate) struct Show {
    /// A recording: its id, a unique part of it, or `latest`
    id: Selector,
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl Show {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let cassette = self.cassette.open(session, Access::Read).await?;
        let recording = cassette.load(&cassette.find(&self.id).await?).await?;
        if session.is_json() {
            session.terminal.json(&to_json(&recording));
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
        header.host
    ));
    terminal.line(format_args!("component  {}", header.component));
    let counts = metadata.counts;
    terminal.line(format_args!(
        "size       {}, {}, {}, {} of the surroundings",
        size(metadata.size),
        count(counts.inputs, "input"),
        count(counts.outputs, "output"),
        count(counts.ambient, "reading"),
    ));
    for (name, value) in &header.environment {
        terminal.line(format_args!("env        {name}={value}"));
    }
    for argument in &header.program_arguments {
        terminal.line(format_args!("argument   {argument}"));
    }
    for (key, value) in &metadata.more {
        terminal.line(format_args!("{key:<10} {value}"));
    }

    terminal.line("\ncalled with");
    for (name, value) in header.operation.parameters.iter().zip(&header.arguments) {
        terminal.line(format_args!("       {name} = {}", events::shown(value, detail)));
    }
    for lines in events::lines(recording, detail) {
        terminal.line(lines);
    }
    let outcome = recording.outcome.as_ref();
    let outcome =
        outcome.map_or("unknown: the recording ends before it".to_owned(), |it| events::outcome(it, detail));
    terminal.line(outcome);
    if metadata.incomplete {
        terminal.line("incomplete: the operation was stopped before it ended by itself");
    }
}

/// The operation's name, and its type where all is to be shown.
fn operation(header: &Header, detail: Detail) -> String {
    match detail {
        Detail::Short => header.operation.name.to_string(),
        Detail::Full => format!("{}: {}", header.operation.name, header.operation.signature),
    }
}

fn to_json(recording: &Recording) -> Json {
    let Recording { header, metadata, outcome, .. } = recording;
    let seed: String = header.seed.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "id": header.id,
        "metadata": metadata,
        "operation": { "name": &*header.operation.name, "type": &*header.operation.signature },
        "component": header.component,
        "host": header.host,
        "seed": seed,
        "environment": header.environment,
        "program-arguments": header.program_arguments,
        "arguments": events::arguments_json(&header.operation.parameters, &header.arguments),
        "events": events::to_json(recording),
        "outcome": outcome.as_ref().map(events::outcome_json),
    })
}
