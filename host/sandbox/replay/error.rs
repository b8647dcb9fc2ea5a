//! Why a recording cannot be replayed.

use crate::failure::EngineFailure;
use crate::limits::Unmetered;
use crate::misfits::list;
use crate::service::OperationError;
use playback_recording::RecordingId;
use playback_recording::value::fit::Misfit;

/// Why a recording cannot be replayed on a service at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The service has no such operation any more.
    #[error("recording `{id}` cannot be replayed: {problem}")]
    Operation {
        /// The recording.
        id: RecordingId,
        /// What there is instead.
        problem: OperationError,
    },
    /// The recorded arguments are not those of the operation as it is declared today.
    #[error("recording `{id}` cannot be replayed: its arguments do not fit `{operation}` any more: {}", list(.problems))]
    Arguments {
        /// The recording.
        id: RecordingId,
        /// The operation's full WIT name.
        operation: String,
        /// Each argument that does not fit.
        problems: Vec<Misfit>,
    },
    /// What is to be replayed instead of the recorded call does not fit the operation.
    #[error("recording `{id}` cannot be replayed as a call of `{operation}`: the arguments do not fit: {}", list(.problems))]
    Call {
        /// The recording.
        id: RecordingId,
        /// The operation's full WIT name.
        operation: String,
        /// Each argument that does not fit.
        problems: Vec<Misfit>,
    },
    /// The engine cannot limit fuel.
    #[error(transparent)]
    Unmetered(#[from] Unmetered),
    /// This machine, or the engine's pool, had no room for the service. Nothing is known of how the recording replays.
    #[error("recording `{id}` cannot be replayed: {}", .failure.of(&format!("`{service}`")))]
    Engine {
        /// The recording.
        id: RecordingId,
        /// The component.
        service: String,
        /// What was lacking.
        failure: EngineFailure,
    },
}
