//! Replaying many recordings: on all cores, told in the order in which they are listed.

use super::causes::Causes;
use crate::cli::Exit;
use crate::cli::exit::{self, Stop};
use crate::cli::playback::finding::findings;
use crate::cli::playback::{self, Verdict};
use crate::cli::session::{Detail, Session};
use crate::cli::units::count;
use anyhow::{Error, Result};
use playback_host::cassette::Cassette;
use playback_host::recording::RecordingId;
use playback_host::sandbox::Replayer;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many findings are told of each recording.
const TOLD: usize = 3;

/// How a recording is told.
#[derive(Debug, Clone, Copy)]
enum Telling {
    Text(Detail),
    Json(Detail),
}

/// What is left of a replay once it is over.
#[derive(Debug)]
struct Told {
    verdict: Option<Verdict>,
    text: Vec<String>,
    json: Json,
    causes: Vec<String>,
}

/// Replays all of `ids`.
pub(crate) async fn replay(
    ids: Vec<RecordingId>,
    cassette: &Cassette,
    replayer: &Replayer,
    session: &mut Session,
) -> Result<Exit> {
    // Two a core: one that computes, and one that is ready when it ends.
    let abreast = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    let telling =
        if session.is_json() { Telling::Json(session.detail) } else { Telling::Text(session.detail) };
    let mut summary = Summary::default();
    let mut running = VecDeque::new();
    let mut ids = ids.into_iter();
    session.terminal.start("replaying", ids.len());
    loop {
        running.extend(
            ids.by_ref()
                .take(abreast - running.len())
                .map(|id| tokio::spawn(tell(id, cassette.clone(), replayer.clone(), telling))),
        );
        // The oldest first: whichever ends first, the order of what is printed stays.
        let Some(next) = running.pop_front() else { break };
        let told =
            next.await.map_err(|error| Stop::Failed(format!("a replay ended unexpectedly: {error}")))?;
        session.terminal.advance();
        summary.add(session, told);
    }
    session.terminal.finish();
    summary.print(session)
}

async fn tell(id: RecordingId, cassette: Cassette, replayer: Replayer, telling: Telling) -> Told {
    match play(&id, &cassette, &replayer, telling).await {
        Ok(told) => told,
        Err(error) => {
            let problem = exit::message(&error);
            Told {
                verdict: None,
                text: vec![format!("failed     {id}"), format!("  {problem}")],
                json: json!({ "recording": id, "verdict": "failed", "problem": problem }),
                causes: vec![problem.replace(&format!("recording `{id}` "), "")],
            }
        }
    }
}

async fn play(
    id: &RecordingId,
    cassette: &Cassette,
    replayer: &Replayer,
    telling: Telling,
) -> Result<Told, Error> {
    let recording = Arc::new(cassette.load(id).await?);
    let playback = replayer.replay(&recording).await?;
    let verdict = Verdict::of(&playback);
    let findings = findings(&playback);
    let causes = findings.iter().map(|finding| finding.cause(&playback)).collect();
    let (mut text, mut json) = (Vec::new(), Json::Null);
    match telling {
        Telling::Json(detail) => json = playback::to_json(&playback, replayer.service(), detail),
        Telling::Text(Detail::Full) => {
            text = playback::lines(&playback, replayer.service(), Detail::Full);
            text.push(String::new());
        }
        Telling::Text(Detail::Short) if verdict == Verdict::Equal => {}
        Telling::Text(Detail::Short) => {
            text.push(format!("{verdict:<10} {id}"));
            text.extend(
                findings.iter().take(TOLD).map(|it| format!("  {}", it.text().replace('\n', "\n  "))),
            );
            if findings.len() > TOLD {
                text.push(format!("  and {} more", findings.len() - TOLD));
            }
        }
    }
    Ok(Told { verdict: Some(verdict), text, json, causes })
}

/// All replays together.
#[derive(Debug, Default)]
struct Summary {
    equal: usize,
    different: usize,
    diverged: usize,
    failed: usize,
    causes: Causes,
}

impl Summary {
    fn add(&mut self, session: &mut Session, told: Told) {
        *match told.verdict {
            Some(Verdict::Equal) => &mut self.equal,
            Some(Verdict::Different) => &mut self.different,
            Some(Verdict::Diverged) => &mut self.diverged,
            None => &mut self.failed,
        } += 1;
        self.causes.add(told.causes);
        match session.is_json() {
            true => session.terminal.json(&told.json),
            false => told.text.iter().for_each(|line| session.terminal.line(line)),
        }
    }

    fn print(self, session: &mut Session) -> Result<Exit> {
        let Self { equal, different, diverged, failed, causes } = &self;
        if session.is_json() {
            let causes = causes
                .sorted()
                .into_iter()
                .map(|(cause, count)| json!({ "cause": cause, "recordings": count }));
            session.terminal.json(&json!({ "summary": {
                "equal": equal, "different": different, "diverged": diverged, "failed": failed,
                "causes": causes.collect::<Vec<_>>(),
            }}));
        } else {
            let failures = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
            let lines = causes.lines();
            if !lines.is_empty() {
                session.terminal.line("causes, and how many recordings have each");
            }
            lines.iter().for_each(|line| session.terminal.line(line));
            session
                .terminal
                .line(format_args!("{equal} equal, {different} different, {diverged} diverged{failures}"));
        }
        match (different + diverged, failed) {
            (0, 0) => Ok(Exit::Success),
            (_, 0) => Ok(Exit::Different),
            (others, _) => {
                let all = count(equal + others + failed, "recording");
                Err(Stop::Failed(format!("{failed} of {all} could not be replayed")).into())
            }
        }
    }
}
