//! The order of operations that run side by side.

use super::sampling::Drawn;
use playback_recording::{Category, RecordingId};

/// The place of one operation among those of a [`Recorder`](crate::Recorder): its recording's id, and whether the sample has it.
#[derive(Debug)]
pub struct Turn {
    pub(super) drawn: Drawn,
    pub(super) id: RecordingId,
    pub(super) began_at: jiff::Timestamp,
}

impl Turn {
    pub(super) fn new(drawn: Drawn, category: &Category) -> Self {
        let began_at = jiff::Timestamp::now();
        Self { drawn, id: RecordingId::new(category.clone(), began_at), began_at }
    }

    /// The id that the recording will have.
    pub fn recording_id(&self) -> &RecordingId {
        &self.id
    }

    /// The same turn, whose recording will have this id. The caller sees to it that no other recording has it.
    #[must_use]
    pub fn with_recording_id(self, id: RecordingId) -> Self {
        Self { id, ..self }
    }
}
