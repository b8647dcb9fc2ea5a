//! Standard streams while recording.

use super::port::StreamPort;
use crate::record::RecordingTape;
use playback_recording::{Event, Stream};

impl StreamPort for RecordingTape {
    fn written(&mut self, stream: Stream, bytes: &[u8]) {
        if self.is_suspended() || !self.log.hold(bytes.len()) {
            return;
        }
        if let Some(Some(Event::Written(last, text))) = self.log.latest().next()
            && *last == stream
        {
            text.extend_from_slice(bytes);
            return;
        }
        // The bytes are counted.
        self.log.push(0, || Event::Written(stream, bytes.to_vec()));
    }
}
