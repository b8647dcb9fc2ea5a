//! Names timers: by how long they wait, and by their number among those that wait as long.

use playback_recording::Source;
use std::collections::HashMap;

/// The timers of one operation.
#[derive(Debug, Default)]
pub(crate) struct TimerNames {
    by_wait: HashMap<u64, u64>,
    last_reading: u64,
}

impl TimerNames {
    /// The service read the monotonic clock.
    pub(crate) fn read(&mut self, reading: u64) {
        self.last_reading = reading;
    }

    /// Names the next timer that waits for `wait` nanoseconds.
    pub(crate) fn after(&mut self, wait: u64) -> Source {
        let ordinal = self.by_wait.entry(wait).or_default();
        *ordinal += 1;
        Source::Timer { wait, ordinal: *ordinal }
    }

    /// Names the next timer that waits until `instant`. The instant itself is another one in each run: a service computes it
    /// from the clock that it has just read.
    pub(crate) fn until(&mut self, instant: u64) -> Source {
        self.after(instant.saturating_sub(self.last_reading))
    }
}
