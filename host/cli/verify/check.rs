//! Checking one recording: whether it is whole and, where that is wanted, whether it reproduces.

use playback_host::cassette::{Cassette, LoadError};
use playback_host::recording::RecordingId;
use playback_host::sandbox::{OperationError, ReplayError, Replayer};
use playback_host::tape::Ending;
use serde::Serialize;
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
    /// The operation that the component does not have.
    pub(crate) left_out: Option<String>,
}

/// What a recording is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum State {
    /// Whole.
    Whole,
    /// Whole, and equal when it was replayed.
    Equal,
    /// Whole, and not equal.
    Different,
    /// Whole, and its replay asked for what it does not have.
    Diverged,
    /// Whole, of an operation that the component does not have.
    #[strum(serialize = "left out")]
    LeftOut,
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
        let mut left_out = None;
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
                        Some(difference) => {
                            let is_diverged = matches!(playback.ending, Ending::Diverged(_));
                            let state = if is_diverged { State::Diverged } else { State::Different };
                            (state, Some(difference.to_string()))
                        }
                    },
                    Err(ReplayError::Operation { problem: OperationError::Unknown { name, .. }, .. }) => {
                        left_out = Some(name);
                        (State::LeftOut, None)
                    }
                    Err(error @ ReplayError::Engine { .. }) => (State::Failed, Some(error.to_string())),
                    Err(error) => (State::Different, Some(error.to_string())),
                },
            },
        };
        Checked { id, state, told, left_out }
    }
}
