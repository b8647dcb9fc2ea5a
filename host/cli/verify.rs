//! `playback-host verify`: whether recordings are whole.

use super::Exit;
use super::cassette::CassetteArgs;
use super::exit::Stop;
use super::list;
use super::session::Session;
use super::units::count;
use anyhow::Result;
use clap::Args;
use playback_host::cassette::{Access, Cassette, LoadError, Selector};
use playback_host::recording::RecordingId;
use serde_json::json;

/// Check that recordings are whole: both halves there, checksums right, contents in agreement
///
/// Nothing is changed. Exits with 3 if any recording is broken.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host verify                             all recordings
  playback-host verify latest
  playback-host verify --format json | jq -r 'select(.problem).id'")]
pub(crate) struct Verify {
    /// A recording: its id, a unique part of it, or `latest` [default: all of them]
    id: Option<Selector>,
    #[command(flatten)]
    cassette: CassetteArgs,
}

impl Verify {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let cassette = self.cassette.open(session, Access::Read).await?;
        let mut tally = Tally::default();
        match &self.id {
            None => every(&cassette, session, &mut tally).await?,
            Some(selector) => {
                let id = found(&cassette, selector).await?;
                match cassette.verify(&id).await {
                    // There is nothing of it that could be broken.
                    Err(problem @ LoadError::NotFound { .. }) => {
                        return Err(Stop::Nothing(problem.to_string()).into());
                    }
                    result => tally.add(session, &id, result),
                }
            }
        }
        tally.print(session, &cassette)
    }
}

/// Half a recording is not listed, but can be asked for by its full id.
async fn found(cassette: &Cassette, selector: &Selector) -> Result<RecordingId> {
    match selector {
        Selector::Id(id) => Ok(id.clone()),
        selector => Ok(cassette.find(selector).await?),
    }
}

async fn every(cassette: &Cassette, session: &mut Session, tally: &mut Tally) -> Result<()> {
    let mut verification = cassette.verify_all();
    while let Some(verified) = verification.next().await {
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
}

impl Tally {
    fn add(&mut self, session: &mut Session, id: &RecordingId, result: Result<(), LoadError>) {
        let problem = result.err().map(|problem| problem.to_string());
        match problem {
            None => self.whole += 1,
            Some(_) => self.broken += 1,
        }
        match &problem {
            problem if session.is_json() => session.terminal.json(&json!({ "id": id, "problem": problem })),
            Some(problem) => session.terminal.line(format_args!("broken  {id}\n        {problem}")),
            None if session.is_verbose() => session.terminal.line(format_args!("whole   {id}")),
            None => {}
        }
    }

    fn print(self, session: &mut Session, cassette: &Cassette) -> Result<Exit> {
        let Self { whole, broken } = self;
        if whole + broken == 0 {
            return Err(list::nothing(cassette.location(), None).into());
        }
        match session.is_json() {
            true => session.terminal.json(&json!({ "summary": { "whole": whole, "broken": broken } })),
            false => {
                session.terminal.line(format_args!("{} whole, {broken} broken", count(whole, "recording")))
            }
        }
        if broken == 0 {
            return Ok(Exit::Success);
        }
        let all = count(whole + broken, "recording");
        Err(Stop::Failed(format!("{broken} of {all} in `{}` cannot be replayed", cassette.location())).into())
    }
}
