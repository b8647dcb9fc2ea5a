//! What a tape does about standard streams.

use playback_recording::Stream;

/// The standard streams of an operation.
pub trait StreamPort {
    /// The service wrote these bytes to a standard stream.
    fn written(&mut self, stream: Stream, bytes: &[u8]);
}
