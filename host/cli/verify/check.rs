//! Checking one recording: whether it is whole and, where that is wanted, whether it reproduces.

use playback_host::cassette::{Cassette, LoadError};
use playback_host::recording::RecordingId;
use playback_host::sandbox::{ReplayError, Replayer};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// How recordings are checked.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) cassette: Cassette,
    /// On what they are replayed. `None`: they are not.
    pub(crate) replayer: Option<Replayer>,
}

/// What came of checking one.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) id: RecordingId,
    pub(crate) state: State,
    /// What is to be said of it.
    pub(crate) told: Option<String>,
}

/// What a recording is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Whole.
    Whole,
    /// Whole, and equal when it was replayed.
    Equal,
    /// Whole, and not equal.
    Different,
    /// Whole, of an operation that the component does not have.
    NoOperation,
    /// What an interrupted save left.
    Leftover,
    /// A tape whose metadata is not there yet: a save is going on, or was interrupted not long ago.
    Uncommitted,
    /// It cannot be replayed.
    Broken,
    /// Whole, and the engine could not replay it: nothing is known of how it would end.
    Failed,
    /// Removed since it was listed.
    Gone,
}

impl Check {
    pub(crate) async fn one(self, id: RecordingId) -> Checked {
        let (state, told) = match self.cassette.load(&id).await {
            Err(error) => {
                let state = match error {
                    LoadError::Leftover { .. } => State::Leftover,
                    LoadError::Uncommitted { .. } => State::Uncommitted,
                    LoadError::NotFound { .. } => State::Gone,
                    _ => State::Broken,
                };
                (state, Some(error.to_string()))
            }
            Ok(recording) => match &self.replayer {
                None => (State::Whole, None),
                Some(replayer) => match replayer.replay(&Arc::new(recording)).await {
                    Ok(playback) => match playback.first_difference() {
                        None => (State::Equal, None),
                        Some(difference) => (State::Different, Some(difference.to_string())),
                    },
                    Err(error @ ReplayError::Operation { .. }) => {
                        (State::NoOperation, Some(error.to_string()))
                    }
                    Err(error @ ReplayError::Engine { .. }) => (State::Failed, Some(error.to_string())),
                    Err(error) => (State::Different, Some(error.to_string())),
                },
            },
        };
        Checked { id, state, told }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Whole => "whole",
            Self::Equal => "equal",
            Self::Different => "different",
            Self::NoOperation => "no operation",
            Self::Leftover => "leftover",
            Self::Uncommitted => "uncommitted",
            Self::Broken => "broken",
            Self::Failed => "failed",
            Self::Gone => "gone",
        })
    }
}
