//! How many recordings were checked, and what came of it.

use super::check::{Checked, State};
use crate::cli::Exit;
use crate::cli::exit::Stop;
use crate::cli::session::Session;
use crate::cli::units::count;
use crate::cli::{left_out, list};
use anyhow::Result;
use playback_host::cassette::Cassette;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// What the checked recordings are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Against {
    /// Nothing but themselves.
    Themselves,
    /// What they do when they are replayed on the service of this name.
    Replays(String),
}

/// Counts what was checked.
#[derive(Debug)]
pub(crate) struct Tally {
    against: Against,
    whole: usize,
    different: usize,
    diverged: usize,
    /// Recordings of operations that the service does not have, by their operations.
    left_out: BTreeMap<String, usize>,
    broken: usize,
    failed: usize,
    leftovers: usize,
    uncommitted: usize,
    pub(crate) is_interrupted: bool,
}

impl Tally {
    pub(crate) fn new(against: Against) -> Self {
        let [whole, different, diverged, broken, failed, leftovers, uncommitted] = [0; 7];
        let (left_out, is_interrupted) = (BTreeMap::new(), false);
        Self {
            against,
            whole,
            different,
            diverged,
            left_out,
            broken,
            failed,
            leftovers,
            uncommitted,
            is_interrupted,
        }
    }

    pub(crate) fn add(&mut self, session: &mut Session, checked: Checked) {
        let Checked { id, state, told, left_out } = checked;
        *match state {
            State::Whole | State::Equal => &mut self.whole,
            State::Different => &mut self.different,
            State::Diverged => &mut self.diverged,
            State::LeftOut => self.left_out.entry(left_out.unwrap_or_default()).or_default(),
            State::Leftover => &mut self.leftovers,
            State::Uncommitted => &mut self.uncommitted,
            State::Broken => &mut self.broken,
            State::Failed => &mut self.failed,
            State::Gone => return,
        } += 1;
        match told {
            told if session.is_json() => {
                let is_problem = !matches!(state, State::Leftover | State::Uncommitted);
                let problem = told.filter(|_| is_problem);
                session.terminal.json(&json!({ "id": id, "state": state, "problem": problem }));
            }
            Some(told) => session.terminal.line(format_args!("{state:<8}  {id}\n          {told}")),
            None if session.is_verbose() => session.terminal.line(format_args!("{state:<8}  {id}")),
            None => {}
        }
    }

    pub(crate) fn print(self, session: &mut Session, cassette: &Cassette) -> Result<Exit> {
        if self.recordings() + self.leftovers + self.uncommitted == 0 && !self.is_interrupted {
            return Err(match &self.against {
                Against::Replays(service) if !self.left_out.is_empty() => {
                    left_out::nothing(cassette.location(), service, &self.left_out).into()
                }
                _ => list::nothing(cassette.location(), &[]).into(),
            });
        }
        match session.is_json() {
            true => session.terminal.json(&json!({ "summary": self.to_json() })),
            false => self.lines().iter().for_each(|line| session.terminal.line(line)),
        }
        let Self { different, diverged, broken, failed, is_interrupted, .. } = self;
        match (is_interrupted, broken + failed, different + diverged) {
            (true, _, _) => Ok(Exit::Interrupted),
            (false, 0, 0) => Ok(Exit::Success),
            (false, 0, _) => Ok(Exit::Different),
            (false, unplayable, _) => {
                let (all, location) = (count(self.recordings(), "recording"), cassette.location());
                let why = if broken > 0 { "cannot" } else { "could not" };
                Err(Stop::Failed(format!("{unplayable} of {all} in `{location}` {why} be replayed")).into())
            }
        }
    }

    /// How many recordings there are that were not left out. What an interrupted save left, or one that is going on, is
    /// none.
    fn recordings(&self) -> usize {
        self.whole + self.different + self.diverged + self.broken + self.failed
    }

    fn to_json(&self) -> Json {
        let Self { whole, different, diverged, left_out, broken, failed, leftovers, uncommitted, .. } = self;
        match self.against {
            Against::Themselves => json!({
                "whole": whole, "broken": broken, "leftovers": leftovers, "uncommitted": uncommitted,
            }),
            Against::Replays(_) => json!({
                "equal": whole, "different": different, "diverged": diverged, "broken": broken,
                "failed": failed, "leftovers": leftovers, "uncommitted": uncommitted,
                "left-out": left_out.values().sum::<usize>(), "operations-left-out": left_out,
            }),
        }
    }

    /// The summary.
    fn lines(&self) -> Vec<String> {
        let Self { whole, different, diverged, left_out, broken, failed, leftovers, uncommitted, .. } = self;
        let whole = count(*whole, "recording");
        let mut lines = Vec::new();
        let mut line = match &self.against {
            Against::Themselves => format!("{whole} whole, {broken} broken"),
            Against::Replays(service) => {
                if !left_out.is_empty() {
                    lines.push(left_out::line(service, left_out));
                }
                format!("{whole} equal, {different} different, {diverged} diverged, {broken} broken")
            }
        };
        let all_left_out: usize = left_out.values().sum();
        if all_left_out > 0 {
            line += &format!(", {all_left_out} left out");
        }
        if *failed > 0 {
            line += &format!(", {failed} failed");
        }
        if *leftovers > 0 {
            line += &format!(", {}", count(*leftovers, "leftover"));
        }
        if *uncommitted > 0 {
            line += &format!(", {uncommitted} not saved yet");
        }
        lines.push(line);
        lines
    }
}
