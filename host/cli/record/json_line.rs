//! What `record` tells of one operation as JSON.

use super::requests::Origin;
use crate::cli::events::{self, NotKept};
use crate::cli::json::Ended;
use crate::cli::session::Session;
use playback_host::recording::{EventsView, Metadata};
use playback_host::sandbox::Recorded;
use serde::Serialize;
use std::collections::BTreeSet;

/// Prints one operation as a line.
pub(crate) fn print(
    session: &mut Session,
    origin: &Origin,
    recorded: &Recorded,
    saved: &Result<Metadata, String>,
) {
    let recording = recorded.recording.as_ref().ok();
    let json = Line {
        line: origin.line,
        operation: origin.target.operation.full_name(),
        outcome: Ended::from(&recorded.outcome),
        duration_us: u64::try_from(recorded.duration.as_micros()).unwrap_or(u64::MAX),
        recording: saved.as_ref().ok(),
        problem: saved.as_ref().err(),
        sampler_problem: recorded.sampler_problem.as_deref(),
        not_granted: recording.map(events::not_granted),
        contents_not_kept: recording.map(events::contents_not_kept),
        events: recording.filter(|_| session.is_verbose()).map(EventsView),
    };
    session.terminal.json(&json);
}

/// One operation as JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Line<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    operation: String,
    outcome: Ended<'r>,
    duration_us: u64,
    recording: Option<&'r Metadata>,
    problem: Option<&'r String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampler_problem: Option<&'r str>,
    not_granted: Option<BTreeSet<&'r str>>,
    contents_not_kept: Option<Vec<NotKept<'r>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<EventsView<'r>>,
}
