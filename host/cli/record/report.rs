//! What `record` tells: of each operation, and of all of them at the end.

use crate::cli::events;
use crate::cli::exit;
use crate::cli::json::{self, Ended};
use crate::cli::list::first_line;
use crate::cli::session::{Detail, Session};
use crate::cli::units::{count, duration, size};
use anyhow::Error;
use playback_host::cassette::{Cassette, SaveError};
use playback_host::recording::{Category, Metadata, Outcome, Stream};
use playback_host::sandbox::Recorded;
use serde::Serialize;
use serde_json::json;

/// How many of each sort of problem are told one by one.
const TOLD: usize = 10;
/// Up to how many bytes the result of the one operation that was asked for is shown whole.
const LONGEST: usize = 64 << 10;

/// Where the requests come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Invoke,
    /// By its name.
    File(String),
}

/// What was recorded so far.
#[derive(Debug)]
pub(crate) struct Report {
    source: Source,
    requests: Option<usize>,
    category: Category,
    cassette: String,
    recorded: usize,
    exceptions: Problems,
    lost: Problems,
    /// The loss after which nothing more can be recorded.
    broken: Option<String>,
    abandoned: usize,
}

/// The first of some problems, and how many there are.
#[derive(Debug, Default)]
struct Problems {
    count: usize,
    told: Vec<String>,
}

impl Problems {
    fn add(&mut self, problem: String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(problem);
        }
    }

    fn print(&self, session: &mut Session) {
        for problem in &self.told {
            session.terminal.line(format_args!("  {problem}"));
        }
        if self.count > self.told.len() {
            session.terminal.line(format_args!("  and {} more", self.count - self.told.len()));
        }
    }
}

impl Report {
    pub(crate) fn new(
        source: Source,
        requests: Option<usize>,
        category: &Category,
        cassette: &Cassette,
    ) -> Self {
        Self {
            source,
            requests,
            category: category.clone(),
            cassette: cassette.location().to_owned(),
            recorded: 0,
            exceptions: Problems::default(),
            lost: Problems::default(),
            broken: None,
            abandoned: 0,
        }
    }

    /// An operation ended, and its recording was saved or lost.
    pub(crate) fn add(
        &mut self,
        session: &mut Session,
        line: Option<usize>,
        recorded: &Recorded,
        saved: Result<Metadata, Error>,
    ) {
        let is_broken = saved.as_ref().is_err_and(is_of_the_cassette);
        let saved = saved.map_err(|error| exit::message(&error));
        self.count(line, recorded, &saved);
        if is_broken {
            self.broken = saved.as_ref().err().map(|problem| self.loss(line, problem));
        }
        match (&self.source, session.is_json()) {
            (_, true) => self.print_json(session, line, recorded, &saved),
            (Source::Invoke, false) => print_whole(session, recorded, &saved),
            (Source::File(_), false) if session.is_verbose() => {
                let at = self.at(line);
                let operation = recorded.recording.as_ref().ok().map(|recording| &recording.header.operation);
                let outcome = events::outcome(&recorded.outcome, operation, Detail::Short);
                let id = saved.map_or("not recorded".to_owned(), |metadata| metadata.id.to_string());
                session.terminal.line(format_args!("{at}{id}  {outcome}"));
            }
            (Source::File(_), false) => {}
        }
    }

    /// The operation that was running was given up.
    pub(crate) fn abandoned(&mut self) {
        self.abandoned += 1;
    }

    /// Whether nothing more can be recorded.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// What was lost, in a sentence. Of several losses the summary has told. `None`: nothing.
    pub(crate) fn lost(&self) -> Option<String> {
        match (&self.broken, self.lost.told.as_slice()) {
            (Some(problem), _) if self.left() > 0 => Some(format!("{problem}; nothing was run after it")),
            (Some(problem), _) => Some(problem.clone()),
            (None, []) => None,
            (None, [problem]) => Some(problem.clone()),
            (None, _) => {
                let ran = count(self.ran(), "operation");
                Some(format!("{} of {ran} ran and were not recorded", self.lost.count))
            }
        }
    }

    /// How many operations ended.
    fn ran(&self) -> usize {
        self.recorded + self.lost.count
    }

    /// How many requests there are. Of what comes through a pipe, nobody knows what would have come.
    fn requests(&self) -> usize {
        self.requests.unwrap_or(self.ran() + self.abandoned)
    }

    /// How many requests nothing was done with.
    fn left(&self) -> usize {
        self.requests().saturating_sub(self.ran() + self.abandoned)
    }

    /// The summary. One call alone needs none.
    pub(crate) fn print(&self, session: &mut Session) {
        let left = self.left();
        if self.source == Source::Invoke && self.abandoned + left == 0 {
            return;
        }
        if session.is_json() {
            session.terminal.json(&json!({ "summary": {
                "cassette": self.cassette,
                "category": self.category,
                "requests": self.requests(),
                "recorded": self.recorded,
                "exceptions": self.exceptions.count,
                "lost": self.lost.count,
                "abandoned": self.abandoned,
                "not-run": left,
            }}));
            return;
        }
        let (ran, exceptions) = (self.ran(), self.exceptions.count);
        let of = if self.lost.count > 0 { format!("{} of ", self.recorded) } else { String::new() };
        session.terminal.line(format_args!(
            "{of}{} recorded as `{}` in `{}`: {} returned, {exceptions} ended in an exception",
            count(ran, "operation"),
            self.category,
            self.cassette,
            ran.saturating_sub(exceptions),
        ));
        self.exceptions.print(session);
        // One alone is told as the error that it is.
        if self.lost.count > 1 {
            session
                .terminal
                .line(format_args!("{} lost, whose operations ran", count(self.lost.count, "recording")));
            self.lost.print(session);
        }
        if self.abandoned > 0 {
            session.terminal.line("1 operation given up while it ran, and not recorded");
        }
        if left > 0 {
            session.terminal.line(format_args!("{} not run", count(left, "request")));
        }
    }

    fn count(&mut self, line: Option<usize>, recorded: &Recorded, saved: &Result<Metadata, String>) {
        let at = self.at(line);
        if let Some(reason) = recorded.outcome.exception() {
            let id = saved.as_ref().map_or(String::new(), |metadata| format!("{}: ", metadata.id));
            self.exceptions.add(format!("{at}{id}{}", first_line(reason)));
        }
        match saved {
            Ok(_) => self.recorded += 1,
            Err(problem) => self.lost.add(self.loss(line, problem)),
        }
    }

    /// Why the recording of the request on `line` was lost.
    fn loss(&self, line: Option<usize>, problem: &str) -> String {
        match (&self.source, line) {
            (Source::File(name), Some(line)) => format!("{name}:{line}: {problem}"),
            _ => problem.to_owned(),
        }
    }

    /// `requests.ndjson:17  `
    fn at(&self, line: Option<usize>) -> String {
        match (&self.source, line) {
            (Source::File(name), Some(line)) => format!("{name}:{line}  "),
            _ => String::new(),
        }
    }

    fn print_json(
        &self,
        session: &mut Session,
        line: Option<usize>,
        recorded: &Recorded,
        saved: &Result<Metadata, String>,
    ) {
        let json = Line {
            line,
            outcome: Ended::from(&recorded.outcome),
            duration_us: u64::try_from(recorded.duration.as_micros()).unwrap_or(u64::MAX),
            recording: saved.as_ref().ok(),
            problem: saved.as_ref().err(),
            events: recorded.recording.as_ref().ok().filter(|_| session.is_verbose()).map(json::events),
        };
        session.terminal.json(&json);
    }
}

/// Whether the cassette fails, and would fail the next recording too. Else it is this recording that cannot be kept.
fn is_of_the_cassette(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(SaveError::Store { .. } | SaveError::Orphaned { .. }))
}

/// One operation as JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Line<'r, E> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    outcome: Ended<'r>,
    duration_us: u64,
    recording: Option<&'r Metadata>,
    problem: Option<&'r String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<E>,
}

/// The one operation that was asked for: its result, and where its recording is.
fn print_whole(session: &mut Session, recorded: &Recorded, saved: &Result<Metadata, String>) {
    let terminal = &mut session.terminal;
    let operation = recorded.recording.as_ref().ok().map(|recording| &recording.header.operation);
    match &recorded.outcome {
        Outcome::Returned(value) if value.weight() > LONGEST && session.detail == Detail::Short => {
            terminal.line(events::outcome(&recorded.outcome, operation, Detail::Short));
            terminal.line("  that is a part of it; `-v` shows all");
        }
        outcome => terminal.line(events::outcome(outcome, operation, Detail::Full)),
    }
    if let Ok(recording) = &recorded.recording {
        match (&recorded.outcome, session.detail) {
            (_, Detail::Full) => {
                events::lines(recording, Detail::Full).for_each(|lines| terminal.line(lines))
            }
            // Where an operation panics, its message is there.
            (Outcome::Trapped(_) | Outcome::Stopped(_), Detail::Short) => {
                events::written(recording, Stream::Stderr)
                    .for_each(|text| terminal.line(format_args!("stderr {text}")));
            }
            (Outcome::Returned(_), Detail::Short) => {}
        }
    }
    // What was lost is told as the error that it is.
    let Ok(Metadata { id, counts, size: bytes, incomplete, .. }) = saved else { return };
    let (inputs, outputs) = (count(counts.inputs, "input"), count(counts.outputs, "output"));
    let (took, size) = (duration(recorded.duration), size(*bytes));
    terminal.line(format_args!("recorded {id}: {inputs}, {outputs}, {took}, {size}"));
    if *incomplete {
        terminal.line("the recording is incomplete: the operation was stopped before it ended by itself");
    }
}
