//! Remarks on a replay: they have no effect, and fail as they failed while recording.

use super::MetadataError;
use super::port::{Mode, RemarkPort};
use crate::replay::ReplayTape;
use playback_recording::RecordingId;
use playback_recording::value::Value;

impl RemarkPort for ReplayTape {
    fn mode(&self) -> Mode {
        Mode::Replaying
    }

    fn recording_id(&mut self) -> Option<RecordingId> {
        Some(self.recording.id().clone())
    }

    fn add_metadata(&mut self, key: &str, json: &str) -> Result<(), MetadataError> {
        self.remarks.add(key, json)
    }

    fn discard(&mut self, _: String) {}

    fn force_sample(&mut self) {}

    fn put(&mut self, _: &str, _: Value) {}

    fn get(&self, key: &str) -> Option<&Value> {
        self.put.get(key)
    }

    fn give_up(&mut self) {}

    fn is_lost(&self) -> bool {
        false
    }
}
