//! How many recordings were checked, and what came of it.

use super::check::{Checked, State};
use crate::cli::Exit;
use crate::cli::exit::Stop;
use crate::cli::list;
use crate::cli::session::Session;
use crate::cli::units::count;
use anyhow::Result;
use playback_host::cassette::Cassette;
use serde_json::{Value as Json, json};

/// What the checked recordings are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    /// Nothing but themselves.
    Themselves,
    /// What they do when they are replayed.
    Replays,
}

/// Counts what was checked.
#[derive(Debug)]
pub(crate) struct Tally {
    against: Against,
    whole: usize,
    different: usize,
    no_operation: usize,
    broken: usize,
    failed: usize,
    leftovers: usize,
    uncommitted: usize,
    pub(crate) is_interrupted: bool,
}

impl Tally {
    pub(crate) fn new(against: Against) -> Self {
        let [whole, different, no_operation, broken, failed, leftovers, uncommitted] = [0; 7];
        let is_interrupted = false;
        Self {
            against,
            whole,
            different,
            no_operation,
            broken,
            failed,
            leftovers,
            uncommitted,
            is_interrupted,
        }
    }

    pub(crate) fn add(&mut self, session: &mut Session, checked: Checked) {
        let Checked { id, state, told } = checked;
        *match state {
            State::Whole | State::Equal => &mut self.whole,
            State::Different => &mut self.different,
            State::NoOperation => &mut self.no_operation,
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
            return Err(list::nothing(cassette.location(), &[]).into());
        }
        match session.is_json() {
            true => session.terminal.json(&json!({ "summary": self.to_json() })),
            false => session.terminal.line(self.summary()),
        }
        let Self { different, no_operation, broken, failed, is_interrupted, .. } = self;
        match (is_interrupted, broken + failed, different + no_operation) {
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

    /// How many recordings there are. What an interrupted save left, or one that is going on, is none.
    fn recordings(&self) -> usize {
        self.whole + self.different + self.no_operation + self.broken + self.failed
    }

    fn to_json(&self) -> Json {
        let Self { whole, different, no_operation, broken, failed, leftovers, uncommitted, .. } = self;
        match self.against {
            Against::Themselves => json!({
                "whole": whole, "broken": broken, "leftovers": leftovers, "uncommitted": uncommitted,
            }),
            Against::Replays => json!({
                "equal": whole, "different": different, "no-operation": no_operation, "broken": broken,
                "failed": failed, "leftovers": leftovers, "uncommitted": uncommitted,
            }),
        }
    }

    fn summary(&self) -> String {
        let Self { whole, different, no_operation, broken, failed, leftovers, uncommitted, .. } = self;
        let whole = count(*whole, "recording");
        let mut line = match self.against {
            Against::Themselves => format!("{whole} whole, {broken} broken"),
            Against::Replays => format!(
                "{whole} equal, {different} different, {no_operation} without their operation, {broken} broken"
            ),
        };
        if *failed > 0 {
            line += &format!(", {failed} failed");
        }
        if *leftovers > 0 {
            line += &format!(", {}", count(*leftovers, "leftover"));
        }
        if *uncommitted > 0 {
            line += &format!(", {uncommitted} not saved yet");
        }
        line
    }
}
