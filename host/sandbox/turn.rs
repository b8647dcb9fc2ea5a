//! The order of operations that run side by side.

use super::sampling::Sample;
use playback_recording::{Category, RecordingId};

/// The place of one operation among those of a [`Recorder`]: its recording's id, and whether the sample has it.
#[derive(Debug)]
pub struct Turn {
    pub(super) sample: Sample,
    pub(super) id: RecordingId,
    pub(super) began_at: jiff::Timestamp,
}

impl Turn {
    pub(super) fn new(sample: Sample, category: &Category) -> Self {
        let began_at = jiff::Timestamp::now();
        Self { sample, id: RecordingId::new(category.clone(), began_at), began_at }
    }
}
