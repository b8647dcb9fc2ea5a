//! Remarks while recording.

use super::MetadataError;
use super::port::{Mode, RemarkPort};
use crate::loss::Loss;
use crate::record::RecordingTape;
use playback_recording::value::Value;
use playback_recording::{Event, Put, RecordingId};

impl RemarkPort for RecordingTape {
    fn mode(&self) -> Mode {
        if self.is_off { Mode::Off } else { Mode::Recording }
    }

    fn recording_id(&mut self) -> Option<RecordingId> {
        (!self.is_off).then(|| self.id().clone())
    }

    fn add_metadata(&mut self, key: &str, json: &str) -> Result<(), MetadataError> {
        self.remarks.add(key, json)
    }

    fn discard(&mut self, reason: String) {
        self.discard_for(Loss::Discarded { reason });
    }

    fn force_sample(&mut self) {
        self.remarks.is_forced = true;
    }

    fn put(&mut self, key: &str, value: Value) {
        self.log.push(Event::Put(Box::new(Put { key: key.to_owned(), value })));
    }

    fn get(&self, _: &str) -> Option<&Value> {
        None
    }

    fn give_up(&mut self) {
        self.log.give_up();
    }

    fn is_lost(&self) -> bool {
        self.log.is_lost()
    }
}

impl RecordingTape {
    /// Gives the recording up. The first reason counts.
    pub(crate) fn discard_for(&mut self, loss: Loss) {
        self.remarks.discarded.get_or_insert(loss);
        self.log.give_up();
    }
}
