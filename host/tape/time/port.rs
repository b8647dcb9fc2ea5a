//! What a tape does about time.

use super::arrivals::Wait;
use super::readiness::{About, Asks};
use super::timer::{StartedTimer, Timer};
use crate::matching::CallPort;
use playback_recording::{Clock, Limit, Source};

/// What a service found when it asked for some sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the monotonic clock showed, in nanoseconds.
    pub at: u64,
    /// The sources that it asked for, and whether each was ready.
    pub sources: Vec<(Source, bool)>,
    /// The number of handles that were ready, those of sources without a name among them.
    pub ready: usize,
}

/// The time of an operation.
pub trait TimePort {
    /// The service reads a clock, in nanoseconds. `live` reads that of the machine, and is not called on replay.
    fn clock(&mut self, clock: Clock, live: &mut dyn FnMut() -> u64) -> u64;

    /// The service starts a timer, for which the machine would have to wait this many nanoseconds.
    fn start(&mut self, timer: Timer, wait: u64) -> StartedTimer;

    /// On replay: the service has a source that is not a timer.
    fn begin(&mut self, source: &Source);

    /// The service drops a source when the monotonic clock shows `at`, in nanoseconds.
    fn dropped(&mut self, at: u64, source: &Source);

    /// The service begins to wait, while recording for the `sources`.
    ///
    /// # Errors
    ///
    /// The recorded operation was stopped in this wait, by this limit. Only recordings of older builds number their waits.
    fn begin_wait(&mut self, sources: &mut SourcesOf<'_>) -> Result<(), Limit>;

    /// While recording: the service asked for sources, and `found` some of them ready. Not called on replay.
    fn saw(&mut self, wait: Wait, found: &mut dyn FnMut(&dyn CallPort) -> Found);

    /// The answer of a recording of an older build to the question which of these are ready, as positions among them.
    fn numbered_answer(&mut self, asks: Asks, about: &mut dyn FnMut() -> Vec<About>) -> Option<Vec<u32>>;

    /// On replay: time passes until the monotonic clock shows this, in nanoseconds.
    fn sleep_until(&mut self, monotonic: u64);

    /// On replay: what the monotonic clock shows, in nanoseconds, without the service having read it. 0 while recording.
    fn now(&self) -> u64;

    /// Whether the recording has this source, and it is not ready yet.
    fn is_later(&self, source: &Source) -> bool;

    /// On replay: how many frames of a response body are there if the service took `taken`. The call is known by its event.
    fn frames(&self, call: u64, taken: u64) -> u64;

    /// The limit on time that ended the recorded operation, if one did: what does not come on a replay did not come then.
    fn stopped_by(&self) -> Option<&Limit>;
}

/// Names the sources that a service waits for. The calls that they belong to are looked up in the port.
pub type SourcesOf<'a> = dyn FnMut(&dyn CallPort) -> Vec<Source> + 'a;
