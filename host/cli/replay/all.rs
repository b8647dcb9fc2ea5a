//! Replaying many recordings: on all cores, told in the order in which they are listed.

use super::causes::Causes;
use super::planned::Planned;
use super::selection::Selection;
use crate::cli::Exit;
use crate::cli::abreast::{Abreast, Next};
use crate::cli::exit::{self, Stop};
use crate::cli::interrupts::Interrupts;
use crate::cli::left_out;
use crate::cli::playback::finding::findings;
use crate::cli::playback::{self, Verdict};
use crate::cli::session::Session;
use crate::cli::units::count;
use anyhow::{Error, Result};
use playback_host::cassette::Cassette;
use playback_host::recording::{LimitKind, RecordingId};
use playback_host::sandbox::Replayer;
use playback_host::tape::Playback;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many findings are told of each recording.
const TOLD: usize = 3;

/// What is left of a replay once it is over.
#[derive(Debug)]
struct Told {
    id: RecordingId,
    verdict: Option<Verdict>,
    report: Report,
    causes: HashSet<String>,
}

/// What is told of a replay.
#[derive(Debug)]
enum Report {
    /// Nothing: it is equal.
    Nothing,
    /// In brief.
    Lines(Vec<String>),
    /// All of it, written from where it is.
    Whole(Box<Playback>),
    /// Why there is none.
    Failed(String),
}

/// What of a playback is told.
#[derive(Debug, Clone, Copy)]
enum Telling {
    Findings,
    Everything,
}

/// Replays all of `recordings` whose operation the service has, or that a plugin plays as another.
pub(crate) async fn replay(
    mut recordings: Selection,
    jobs: Option<NonZeroUsize>,
    cassette: &Cassette,
    planned: &Planned,
    session: &mut Session,
) -> Result<Exit> {
    let replayer = &planned.replayer;
    let everything = session.is_json() || session.is_verbose();
    let telling = if everything { Telling::Everything } else { Telling::Findings };
    let mut interrupts = Interrupts::listen();
    let mut summary = Summary::default();
    let mut replays = Abreast::new(jobs);
    session.terminal.start("replaying", recordings.len());
    loop {
        while interrupts.count() == 0
            && replays.has_room()
            && let Some(id) = recordings.next(cassette, planned).await
        {
            replays.begin(tell(id, cassette.clone(), planned.clone(), telling));
        }
        match replays.next("the replays", &mut interrupts, session).await? {
            Next::Ended(told) => {
                session.terminal.advance();
                summary.add(session, replayer, told);
            }
            Next::None | Next::GivenUp => break,
        }
    }
    summary.not_replayed = replays.len() + recordings.len();
    summary.is_interrupted = interrupts.count() > 0;
    session.terminal.finish();
    summary.left_out = recordings.left_out();
    if summary.is_empty() {
        return Err(
            left_out::nothing(cassette.location(), replayer.service().name(), &summary.left_out).into()
        );
    }
    summary.print(session, replayer.service().name())
}

async fn tell(id: RecordingId, cassette: Cassette, planned: Planned, telling: Telling) -> Told {
    match play(&id, &cassette, &planned).await {
        Ok(playback) => told(id, playback, telling),
        Err(error) => {
            let problem = exit::message(&error);
            let causes = HashSet::from([problem.replace(&format!("recording `{id}`"), "a recording")]);
            Told { id, verdict: None, report: Report::Failed(problem), causes }
        }
    }
}

async fn play(id: &RecordingId, cassette: &Cassette, planned: &Planned) -> Result<Playback, Error> {
    let recording = Arc::new(cassette.load(id).await?);
    planned.play(&recording).await
}

fn told(id: RecordingId, playback: Playback, telling: Telling) -> Told {
    let verdict = Verdict::of(&playback);
    let findings = findings(&playback);
    let causes = findings.iter().map(|finding| finding.cause(&playback)).collect();
    let report = match telling {
        Telling::Everything => Report::Whole(Box::new(playback)),
        Telling::Findings if verdict == Verdict::Equal => Report::Nothing,
        Telling::Findings => {
            let mut lines = vec![format!("{verdict:<10} {id}")];
            lines.extend(
                findings.iter().take(TOLD).map(|it| format!("  {}", it.text().replace('\n', "\n  "))),
            );
            if findings.len() > TOLD {
                lines.push(format!("  and {} more", findings.len() - TOLD));
            }
            Report::Lines(lines)
        }
    };
    Told { id, verdict: Some(verdict), report, causes }
}

/// All replays together.
#[derive(Debug, Default)]
struct Summary {
    equal: usize,
    different: usize,
    diverged: usize,
    stopped: BTreeMap<LimitKind, usize>,
    failed: usize,
    causes: Causes,
    not_replayed: usize,
    /// Recordings of operations that the service does not have, by their operations.
    left_out: BTreeMap<String, usize>,
    is_interrupted: bool,
}

impl Summary {
    fn add(&mut self, session: &mut Session, replayer: &Replayer, told: Told) {
        let Told { id, verdict, report, causes } = told;
        *match verdict {
            Some(Verdict::Equal) => &mut self.equal,
            Some(Verdict::Different) => &mut self.different,
            Some(Verdict::Diverged) => &mut self.diverged,
            Some(Verdict::Stopped(kind)) => self.stopped.entry(kind).or_default(),
            None => &mut self.failed,
        } += 1;
        self.causes.add(causes);
        match report {
            Report::Nothing => {}
            Report::Lines(lines) => lines.iter().for_each(|line| session.terminal.line(line)),
            Report::Whole(playback) => {
                playback::tell(&playback, replayer.service(), session);
                if !session.is_json() {
                    session.terminal.line("");
                }
            }
            Report::Failed(problem) if session.is_json() => {
                let json = json!({ "recording": id, "verdict": "failed", "problem": problem });
                session.terminal.json(&json);
            }
            Report::Failed(problem) => {
                session.terminal.line(format_args!("failed     {id}\n  {problem}"));
            }
        }
    }

    /// Whether there was nothing to replay but what was left out.
    fn is_empty(&self) -> bool {
        let replayed = self.equal + self.different + self.diverged + self.failed + self.not_replayed;
        replayed == 0 && self.stopped.is_empty() && !self.left_out.is_empty()
    }

    fn print(self, session: &mut Session, service: &str) -> Result<Exit> {
        let Self {
            equal,
            different,
            diverged,
            stopped,
            failed,
            causes,
            not_replayed,
            left_out,
            is_interrupted,
        } = &self;
        let all_left_out: usize = left_out.values().sum();
        if session.is_json() {
            let causes = causes
                .sorted()
                .into_iter()
                .map(|(cause, count)| json!({ "cause": cause, "recordings": count }));
            session.terminal.json(&json!({ "summary": {
                "equal": equal, "different": different, "diverged": diverged, "stopped": stopped,
                "failed": failed, "not-replayed": not_replayed,
                "left-out": all_left_out, "operations-left-out": left_out,
                "causes": causes.collect::<Vec<_>>(),
            }}));
        } else {
            let limits = stopped.iter().map(|(kind, count)| format!(", {count} stopped at the {kind} limit"));
            let limits: String = limits.collect();
            let failures = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
            let rest =
                if *not_replayed > 0 { format!(", {not_replayed} not replayed") } else { String::new() };
            let lines = causes.lines();
            if !lines.is_empty() {
                session.terminal.line("causes, and how many recordings have each");
            }
            lines.iter().for_each(|line| session.terminal.line(line));
            let others = if all_left_out > 0 { format!(", {all_left_out} left out") } else { String::new() };
            if all_left_out > 0 {
                session.terminal.line(left_out::line(service, left_out));
            }
            session.terminal.line(format_args!(
                "{equal} equal, {different} different, {diverged} diverged{limits}{failures}{others}{rest}"
            ));
        }
        if *is_interrupted {
            return Ok(Exit::Interrupted);
        }
        match (different + diverged + stopped.values().sum::<usize>(), failed) {
            (0, 0) => Ok(Exit::Success),
            (_, 0) => Ok(Exit::Different),
            (others, _) => {
                let all = count(equal + others + failed, "recording");
                Err(Stop::Failed(format!("{failed} of {all} could not be replayed")).into())
            }
        }
    }
}
