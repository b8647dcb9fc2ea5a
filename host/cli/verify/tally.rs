//! How many recordings were checked, and what came of it.

use super::check::{Checked, State};
use crate::cli::Exit;
use crate::cli::exit::Stop;
use crate::cli::list;
use crate::cli::session::Session;
use crate::cli::units::count;
use anyhow::Result;
use playback_host::cassette::Cassette;
use serde_json::json;

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
    leftovers: usize,
    pub(crate) is_interrupted: bool,
}

impl Tally {
    pub(crate) fn new(against: Against) -> Self {
        let [whole, different, no_operation, broken, leftovers] = [0; 5];
        Self { against, whole, different, no_operation, broken, leftovers, is_interrupted: false }
    }

    pub(crate) fn add(&mut self, session: &mut Session, checked: Checked) {
        let Checked { id, state, told } = checked;
        *match state {
            State::Whole | State::Equal => &mut self.whole,
            State::Different => &mut self.different,
            State::NoOperation => &mut self.no_operation,
            State::Leftover => &mut self.leftovers,
            State::Broken => &mut self.broken,
            State::Gone => return,
        } += 1;
        match told {
            told if session.is_json() => {
                let problem = told.filter(|_| state != State::Leftover);
                session.terminal.json(&json!({ "id": id, "state": state, "problem": problem }));
            }
            Some(told) => session.terminal.line(format_args!("{state:<8}  {id}\n          {told}")),
            None if session.is_verbose() => session.terminal.line(format_args!("{state:<8}  {id}")),
            None => {}
        }
    }

    pub(crate) fn print(self, session: &mut Session, cassette: &Cassette) -> Result<Exit> {
        let Self { against, whole, different, no_operation, broken, leftovers, is_interrupted } = self;
        let all = whole + different + no_operation + broken;
        if all + leftovers == 0 && !is_interrupted {
            return Err(list::nothing(cassette.location(), None).into());
        }
        if session.is_json() {
            session.terminal.json(&match against {
                Against::Themselves => {
                    json!({ "summary": { "whole": whole, "broken": broken, "leftovers": leftovers } })
                }
                Against::Replays => json!({ "summary": {
                    "equal": whole, "different": different, "no-operation": no_operation,
                    "broken": broken, "leftovers": leftovers,
                }}),
            });
        } else {
            let left = count(leftovers, "leftover");
            let left = if leftovers > 0 { format!(", {left}") } else { String::new() };
            let line = match against {
                Against::Themselves => format!("{} whole, {broken} broken{left}", count(whole, "recording")),
                Against::Replays => format!(
                    "{} equal, {different} different, {no_operation} without their operation, {broken} broken{left}",
                    count(whole, "recording")
                ),
            };
            session.terminal.line(line);
        }
        match (is_interrupted, broken, different + no_operation) {
            (true, _, _) => Ok(Exit::Interrupted),
            (false, 0, 0) => Ok(Exit::Success),
            (false, 0, _) => Ok(Exit::Different),
            (false, _, _) => {
                let (all, location) = (count(all, "recording"), cassette.location());
                Err(Stop::Failed(format!("{broken} of {all} in `{location}` cannot be replayed")).into())
            }
        }
    }
}
