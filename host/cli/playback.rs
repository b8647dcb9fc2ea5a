//! What one playback shows, for people and for programs.

pub(crate) mod finding;
mod json;
mod text;
mod written;

use super::session::Session;
use playback_host::recording::{Event, Interception, LimitKind, Recording};
use playback_host::sandbox::Service;
use playback_host::tape::{Ending, Playback};
use serde::{Serialize, Serializer};
use std::fmt;

/// What came of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It ended as recorded and sent what was recorded.
    Equal,
    /// It did something else.
    Different,
    /// The recording could not answer it.
    Diverged,
    /// A limit ended it, and no such limit what was recorded.
    Stopped(LimitKind),
}

impl Verdict {
    pub(crate) fn of(playback: &Playback) -> Self {
        match &playback.ending {
            Ending::Diverged(_) => Self::Diverged,
            Ending::Finished(_) if playback.is_equal() => Self::Equal,
            Ending::Finished(_) => {
                playback.limit().map_or(Self::Different, |limit| Self::Stopped(limit.kind))
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal => f.pad("equal"),
            Self::Different => f.pad("different"),
            Self::Diverged => f.pad("diverged"),
            Self::Stopped(kind) => f.pad(&format!("{kind}-limit")),
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
