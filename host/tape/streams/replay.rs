//! Standard streams on a replay.

use super::port::StreamPort;
use crate::replay::ReplayTape;
use playback_recording::Stream;

impl StreamPort for ReplayTape {
    fn written(&mut self, stream: Stream, bytes: &[u8]) {
        if self.epochs.is_in_body() {
            return;
        }
        match self.written.last_mut() {
            Some((last, text)) if *last == stream => text.extend_from_slice(bytes),
            _ => self.written.push((stream, bytes.to_vec())),
        }
    }
}
