//! What a tape does about a service that speaks to its own recording.

use super::MetadataError;
use playback_recording::RecordingId;
use playback_recording::value::Value;

/// What a tape does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: the operation runs without a recording.
    Off,
    /// It records.
    Recording,
    /// It replays.
    Replaying,
}

/// The recording of an operation, as its service sees it.
pub trait RemarkPort {
    /// What the tape does.
    fn mode(&self) -> Mode;

    /// The id of the recording. `None`: there is none.
    fn recording_id(&mut self) -> Option<RecordingId>;

    /// Adds one JSON value to the metadata. On replay it has no effect, and fails as it failed while recording.
    ///
    /// # Errors
    ///
    /// The value cannot be added. The operation goes on.
    fn add_metadata(&mut self, key: &str, json: &str) -> Result<(), MetadataError>;

    /// Gives the recording up, for this reason. Nothing on replay.
    fn discard(&mut self, reason: String);

    /// Keeps the recording whatever the sampling says. Nothing on replay.
    fn force_sample(&mut self);

    /// Keeps a value under a key, in place of one that is there. Nothing on replay.
    fn put(&mut self, key: &str, value: Value);

    /// On replay: the value that was kept under this key.
    fn get(&self, key: &str) -> Option<&Value>;

    /// Gives the recording up, as it would hold more than it may. Nothing on replay.
    fn give_up(&mut self);

    /// Whether the recording was given up, so that nothing need be read for it any more. Never on replay.
    fn is_lost(&self) -> bool;
}
