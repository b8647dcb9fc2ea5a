//! The recorded clock readings of one replay: in order per clock, and a steady continuation past the end.

use crate::recording::{Clock, Event, Recording};

/// How far each reading past the recorded ones is from the one before, in nanoseconds. Small, so that no
/// deadline passes that did not pass before; not zero, so that code that waits for time to pass ends.
const STEP: u64 = 1_000;

/// What the clocks of a replay show.
#[derive(Debug)]
pub(super) struct Clocks {
    wall: Readings,
    monotonic: Readings,
    /// Virtual time in nanoseconds since the replay began: what recorded readings show, what was slept, and a step for each
    /// reading that was not recorded. Both clocks share it, so that they agree.
    passed: u64,
}

#[derive(Debug)]
struct Readings {
    recorded: std::vec::IntoIter<u64>,
    /// What it showed when the operation began.
    start: u64,
    last: u64,
    /// The virtual time at which `last` was read: recorded readings show by themselves what passed before.
    read_at: u64,
}

impl Clocks {
    pub(super) fn of(recording: &Recording) -> Self {
        let readings = |wanted: Clock, start: u64| {
            let recorded: Vec<u64> = recording
                .events
                .iter()
                .filter_map(|event| match event {
                    Event::Clock(clock, reading) if *clock == wanted => Some(*reading),
                    _ => None,
                })
                .collect();
            Readings { recorded: recorded.into_iter(), start, last: start, read_at: 0 }
        };
        let recorded_at = u64::try_from(recording.metadata.recorded_at.as_nanosecond()).unwrap_or_default();
        Self { wall: readings(Clock::Wall, recorded_at), monotonic: readings(Clock::Monotonic, 0), passed: 0 }
    }

    /// The next reading, in nanoseconds.
    pub(super) fn read(&mut self, clock: Clock) -> u64 {
        let readings = match clock {
            Clock::Wall => &mut self.wall,
            Clock::Monotonic => &mut self.monotonic,
        };
        if let Some(reading) = readings.recorded.next() {
            readings.last = reading;
            // What one clock shows to have passed has passed for the other too.
            self.passed = self.passed.max(reading.saturating_sub(readings.start));
            readings.read_at = self.passed;
            return reading;
        }
        self.passed = self.passed.saturating_add(STEP);
        readings.now(self.passed)
    }

    /// What the monotonic clock shows.
    pub(super) fn now(&self) -> u64 {
        self.monotonic.now(self.passed)
    }

    /// The service waited until the monotonic clock shows `when`.
    pub(super) fn sleep_until(&mut self, when: u64) {
        self.passed = self.passed.saturating_add(when.saturating_sub(self.now()));
    }
}

impl Readings {
    fn now(&self, passed: u64) -> u64 {
        self.last.saturating_add(passed.saturating_sub(self.read_at))
    }
}
