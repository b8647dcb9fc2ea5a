//! What one playback shows, for people and for programs.

pub(crate) mod finding;
mod json;
mod text;

use super::session::Session;
use playback_host::recording::{Event, Interception, Recording};
use playback_host::sandbox::Service;
use playback_host::tape::{Ending, Playback};
use serde::Serialize;
use std::fmt;

/// What came of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// It ended as recorded and sent what was recorded.
    Equal,
    /// It did something else.
    Different,
    /// The recording could not answer it.
    Diverged,
}

impl Verdict {
    pub(crate) fn of(playback: &Playback) -> Self {
        match &playback.ending {
            Ending::Diverged(_) => Self::Diverged,
            Ending::Finished(_) if playback.is_equal() => Self::Equal,
            Ending::Finished(_) => Self::Different,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Equal => "equal",
            Self::Different => "different",
            Self::Diverged => "diverged",
        })
    }
}

/// Prints the report of one playback, in the format that was asked for.
pub(crate) fn tell(playback: &Playback, service: &Service, session: &mut Session) {
    let detail = session.detail;
    match session.is_json() {
        true => session.terminal.json(&json::Report { playback, service, detail }),
        false => text::print(playback, service, detail, &mut session.terminal),
    }
}

/// The recorded call that is this event.
fn interception(recording: &Recording, event: usize) -> Option<&Interception> {
    match recording.events.get(event) {
        Some(Event::Interception(call)) => Some(call),
        _ => None,
    }
}
