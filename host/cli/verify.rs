//! `playback-host verify`: whether recordings are whole.

use super::Exit;
use super::cassette::{CassetteArgs, selector};
use super::exit::Stop;
use super::interrupts::Interrupts;
use super::list;
use super::session::Session;
use super::units::count;
use anyhow::Result;
use clap::Args;
use playback_host::cassette::{Access, Cassette, LoadError};
use playback_host::recording::RecordingId;
use serde_json::json;

/// Check that recordings are whole: both halves there, checksums right, contents in agreement
///
/// Nothing is changed. Exits with 3 if any recording is broken. A tape without metadata that is older than a day is a
/// leftover of an interrupted save, and no recording: `prune` removes it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host verify                             all recordings
  playback-host verify latest
  playback-host verify --format json | jq -r 'select(.problem).id'")]
pub(crate) struct Verify {
    /// A recording: its id, a unique part of it, or `latest` [default: all of them]
    id: Option<String>,
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl Verify {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let selector = self.id.as_deref().map(selector).transpose()?;
        let cassette = self.cassette.open(session, Access::Read).await?;
        let mut tally = Tally::default();
        match &selector {
            None => every(&cassette, session, &mut tally).await?,
            Some(selector) => {
                let id = cassette.find(selector).await?;
                tally.add(session, &id, cassette.verify(&id).await);
            }
        }
        tally.print(session, &cassette)
    }
}

async fn every(cassette: &Cassette, session: &mut Session, tally: &mut Tally) -> Result<()> {
    let interrupts = Interrupts::listen();
    let mut verification = cassette.verify_all();
    while let Some(verified) = verification.next().await {
        if interrupts.count() > 0 {
            tally.is_interrupted = true;
            return Ok(());
        }
        let verified = verified?;
        tally.add(session, &verified.id, verified.result);
    }
    Ok(())
}

/// How many were checked, and what came of it.
#[derive(Debug, Default)]
struct Tally {
    whole: usize,
    broken: usize,
    leftovers: usize,
    is_interrupted: bool,
}

impl Tally {
    fn add(&mut self, session: &mut Session, id: &RecordingId, result: Result<(), LoadError>) {
        let (count, state) = match &result {
            Ok(()) => (&mut self.whole, "whole"),
            Err(LoadError::Leftover { .. }) => (&mut self.leftovers, "leftover"),
            Err(_) => (&mut self.broken, "broken"),
        };
        *count += 1;
        match result.err().map(|problem| problem.to_string()) {
            told if session.is_json() => {
                let problem = told.filter(|_| state == "broken");
                session.terminal.json(&json!({ "id": id, "state": state, "problem": problem }));
            }
            Some(told) => session.terminal.line(format_args!("{state:<8}  {id}\n          {told}")),
            None if session.is_verbose() => session.terminal.line(format_args!("{state:<8}  {id}")),
            None => {}
        }
    }

    fn print(self, session: &mut Session, cassette: &Cassette) -> Result<Exit> {
        let Self { whole, broken, leftovers, is_interrupted } = self;
        if whole + broken + leftovers == 0 && !is_interrupted {
            return Err(list::nothing(cassette.location(), None).into());
        }
        if session.is_json() {
            let summary = json!({ "whole": whole, "broken": broken, "leftovers": leftovers });
            session.terminal.json(&json!({ "summary": summary }));
        } else {
            let left = count(leftovers, "leftover");
            let left = if leftovers > 0 { format!(", {left}") } else { String::new() };
            session.terminal.line(format_args!("{} whole, {broken} broken{left}", count(whole, "recording")));
        }
        if is_interrupted {
            return Ok(Exit::Interrupted);
        }
        if broken == 0 {
            return Ok(Exit::Success);
        }
        let all = count(whole + broken, "recording");
        Err(Stop::Failed(format!("{broken} of {all} in `{}` cannot be replayed", cassette.location())).into())
    }
}
