//! Standard streams while recording.

use super::port::StreamPort;
use crate::record::RecordingTape;
use playback_recording::{Event, Stream};

impl StreamPort for RecordingTape {
    fn written(&mut self, stream: Stream, bytes: &[u8]) {
        if self.is_suspended() || self.log.is_lost() {
            return;
        }
        let is_same = |event: &Event| matches!(event, Event::Written(last, _) if *last == stream);
        if !self.log.latest().next().flatten().is_some_and(|last| is_same(last)) {
            self.log.push(Event::Written(stream, bytes.to_vec()));
        } else if self.log.hold(bytes.len())
            && let Some(Some(Event::Written(_, text))) = self.log.latest().next()
        {
            text.extend_from_slice(bytes);
        }
    }
}
