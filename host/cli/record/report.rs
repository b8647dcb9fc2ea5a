//! What `record` tells: of each operation, and of all of them at the end.

use super::problems::Problems;
use super::requests::Origin;
use super::{json_line, whole};
use crate::cli::events;
use crate::cli::exit;
use crate::cli::list::first_line;
use crate::cli::session::{Detail, Session};
use crate::cli::units::count;
use anyhow::Error;
use playback_host::cassette::{Cassette, SaveError};
use playback_host::recording::{Category, Metadata};
use playback_host::sandbox::Recorded;
use playback_host::tape::Loss;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Those of the operations that ran.
    categories: BTreeSet<Category>,
    cassette: String,
    recorded: usize,
    exceptions: Problems,
    lost: Problems,
    /// Recordings that nobody wanted: none of the sample, or given up by the service itself.
    left_out: BTreeMap<String, usize>,
    /// Recordings that do not reproduce. `None`: nobody looks.
    unverified: Option<Problems>,
    /// Recordings that are kept as their sampler gave no rate.
    unsampled: Problems,
    /// How many files are without their content.
    not_kept: usize,
    /// The loss after which nothing more can be recorded.
    broken: Option<String>,
    abandoned: usize,
}

impl Report {
    pub(crate) fn new(source: Source, requests: Option<usize>, cassette: &Cassette) -> Self {
        Self {
            source,
            requests,
            categories: BTreeSet::new(),
            cassette: cassette.location().to_owned(),
            recorded: 0,
            exceptions: Problems::default(),
            lost: Problems::default(),
            left_out: BTreeMap::new(),
            unverified: None,
            unsampled: Problems::default(),
            not_kept: 0,
            broken: None,
            abandoned: 0,
        }
    }

    /// The same of recordings that are replayed before they are saved.
    pub(crate) fn verifying(self) -> Self {
        Self { unverified: Some(Problems::default()), ..self }
    }

    /// How many operations ended in an exception.
    pub(crate) fn exceptions(&self) -> usize {
        self.exceptions.count
    }

    /// How many recordings do not reproduce.
    pub(crate) fn unverified(&self) -> usize {
        self.unverified.as_ref().map_or(0, |unverified| unverified.count)
    }

    /// An operation ended, and its recording was saved or lost.
    pub(crate) fn add(
        &mut self,
        session: &mut Session,
        origin: &Origin,
        recorded: &Recorded,
        saved: Result<Metadata, Error>,
    ) {
        let line = origin.line;
        if !self.categories.contains(&origin.target.category) {
            self.categories.insert(origin.target.category.clone());
        }
        let is_broken = saved.as_ref().is_err_and(is_of_the_cassette);
        let is_wanted = saved.as_ref().is_err_and(|error| error.downcast_ref().is_some_and(Loss::is_wanted));
        let saved = saved.map_err(|error| exit::message(&error));
        self.count(line, recorded, &saved, is_wanted);
        if is_broken {
            self.broken = saved.as_ref().err().map(|problem| self.loss(line, problem));
        }
        match (&self.source, session.is_json()) {
            (_, true) => json_line::print(session, origin, recorded, &saved),
            (Source::Invoke, false) => {
                whole::print(session, recorded, &saved);
                if let (true, Err(reason)) = (is_wanted, &saved) {
                    session.terminal.line(reason);
                }
                if let Some(problem) = &recorded.sampler_problem {
                    session
                        .terminal
                        .warn(format_args!("the sampler gave no rate, so the recording is kept: {problem}"));
                }
                if let (Some(_), Ok(metadata)) = (&self.unverified, &saved) {
                    let problem =
                        metadata.unverified.as_ref().map(|problem| format!("unverified: {problem}"));
                    session.terminal.line(problem.as_deref().unwrap_or("verified: it replays equal"));
                }
            }
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

    /// So many operations were given up while they ran.
    pub(crate) fn abandoned(&mut self, operations: usize) {
        self.abandoned += operations;
    }

    /// The error with the line of the request that it stopped at.
    pub(crate) fn at_its_line(&self, error: Error, origin: &Origin) -> Error {
        match (&self.source, origin.line) {
            (Source::File(name), Some(line)) => error.context(format!("stopped at {name}:{line}")),
            _ => error,
        }
    }

    /// Whether nothing more can be recorded.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// What was lost, in a sentence. Of several losses the summary has told. `None`: nothing.
    pub(crate) fn lost(&self) -> Option<String> {
        match (&self.broken, self.lost.told.as_slice()) {
            (Some(problem), _) if self.left() > 0 => Some(format!("{problem}; the rest was not run")),
            (Some(problem), _) => Some(problem.clone()),
            (None, []) => None,
            (None, [problem]) => Some(problem.clone()),
            (None, _) => {
                let ran = count(self.ran(), "operation");
                Some(format!("{} of {ran} ran and were not recorded", self.lost.count))
            }
        }
    }

    /// How many recordings nobody wanted.
    fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }

    /// How many operations ended.
    fn ran(&self) -> usize {
        self.recorded + self.left_out() + self.lost.count
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
                "category": self.categories.first().filter(|_| self.categories.len() == 1),
                "categories": self.categories,
                "requests": self.requests(),
                "recorded": self.recorded,
                "exceptions": self.exceptions.count,
                "unverified": self.unverified.as_ref().map(|unverified| unverified.count),
                "contents-not-kept": self.not_kept,
                "left-out": self.left_out(),
                "lost": self.lost.count,
                "abandoned": self.abandoned,
                "not-run": left,
            }}));
            return;
        }
        let (ran, exceptions) = (self.ran(), self.exceptions.count);
        let is_part = self.recorded < ran;
        let of = if is_part { format!("{} of ", self.recorded) } else { String::new() };
        let exceptions =
            if exceptions > 0 { format!(", {exceptions} with an exception") } else { String::new() };
        session.terminal.line(format_args!(
            "{of}{} recorded{} in `{}`{exceptions}",
            count(ran, "operation"),
            self.named_categories(),
            self.cassette,
        ));
        self.exceptions.print(session);
        match &self.unverified {
            None => {}
            Some(_) if self.recorded == 0 => {}
            Some(unverified) if unverified.count == 0 => session.terminal.line("verified: all replay equal"),
            Some(unverified) => {
                let recordings = count(unverified.count, "recording");
                session.terminal.line(format_args!("{recordings} unverified: not equal when replayed"));
                unverified.print(session);
            }
        }
        if self.unsampled.count > 0 {
            let recordings = count(self.unsampled.count, "recording");
            session.terminal.line(format_args!("{recordings} kept that the sampler gave no rate for"));
            self.unsampled.print(session);
        }
        if self.not_kept > 0 {
            let (files, why) = (count(self.not_kept, "file"), events::WHY_NOT_KEPT);
            session.terminal.line(format_args!("not kept: the content of {files}: {why}"));
        }
        if self.left_out() > 0 {
            let recordings = count(self.left_out(), "recording");
            let operations = if self.left_out() == 1 { "operation" } else { "operations" };
            session.terminal.line(format_args!("{recordings} left out, whose {operations} ran"));
            for (reason, count) in &self.left_out {
                session.terminal.line(format_args!("  {count}: {reason}"));
            }
        }
        // One alone is told as the error that it is.
        if self.lost.count > 1 {
            session
                .terminal
                .line(format_args!("{} lost, whose operations ran", count(self.lost.count, "recording")));
            self.lost.print(session);
        }
        if self.abandoned > 0 {
            let they = if self.abandoned == 1 { "it" } else { "they" };
            let operations = count(self.abandoned, "operation");
            session.terminal.line(format_args!("{operations} given up while {they} ran, and not recorded"));
        }
        if left > 0 {
            session.terminal.line(format_args!("{} not run", count(left, "request")));
        }
    }

    /// The categories: `` as `quote`, `refund` ``. Nothing where no operation ran.
    fn named_categories(&self) -> String {
        const SHOWN: usize = 5;
        let names: Vec<String> = self.categories.iter().map(|category| format!("`{category}`")).collect();
        match (names.is_empty(), names.len().saturating_sub(SHOWN)) {
            (true, _) => String::new(),
            (false, 0) => format!(" as {}", names.join(", ")),
            (false, more) => format!(" as {} and {more} more", names[..SHOWN].join(", ")),
        }
    }

    fn count(
        &mut self,
        line: Option<usize>,
        recorded: &Recorded,
        saved: &Result<Metadata, String>,
        is_wanted: bool,
    ) {
        let at = self.at(line);
        if let Some(reason) = recorded.outcome.exception() {
            let id = saved.as_ref().map_or(String::new(), |metadata| format!("{}: ", metadata.id));
            self.exceptions.add(format!("{at}{id}{}", first_line(&reason)));
        }
        if let (Some(unverified), Ok(metadata)) = (&mut self.unverified, saved)
            && let Some(problem) = &metadata.unverified
        {
            unverified.add(format!("{at}{}: {problem}", metadata.id));
        }
        if let (Ok(recording), Ok(_)) = (&recorded.recording, saved) {
            self.not_kept += events::contents_not_kept(recording).len();
        }
        if let (Some(problem), Ok(metadata)) = (&recorded.sampler_problem, saved) {
            self.unsampled.add(format!("{at}{}: {problem}", metadata.id));
        }
        match saved {
            Ok(_) => self.recorded += 1,
            Err(problem) if is_wanted => *self.left_out.entry(problem.clone()).or_default() += 1,
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
}

/// Whether the cassette fails, and would fail the next recording too. Else it is this recording that cannot be kept.
fn is_of_the_cassette(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(SaveError::Store { .. } | SaveError::Orphaned { .. }))
}
