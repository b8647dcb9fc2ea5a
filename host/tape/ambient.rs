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
    /// Virtual time since the recorded readings ended, shared by both clocks so that they agree.
    beyond: u64,
}

#[derive(Debug)]
struct Readings {
    recorded: std::vec::IntoIter<u64>,
    last: u64,
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
            Readings { last: start, recorded: recorded.into_iter() }
        };
        let recorded_at = u64::try_from(recording.metadata.recorded_at.as_nanosecond()).unwrap_or_default();
        Self { wall: readings(Clock::Wall, recorded_at), monotonic: readings(Clock::Monotonic, 0), beyond: 0 }
    }

    /// The next reading, in nanoseconds.
    pub(super) fn read(&mut self, clock: Clock) -> u64 {
        let readings = match clock {
            Clock::Wall => &mut self.wall,
            Clock::Monotonic => &mut self.monotonic,
        };
        if let Some(reading) = readings.recorded.next() {
            readings.last = reading;
            return reading;
        }
        self.beyond = self.beyond.saturating_add(STEP);
        readings.last.saturating_add(self.beyond)
    }

    /// The service slept. While recorded readings remain they show it by themselves.
    pub(super) fn sleep(&mut self, nanoseconds: u64) {
        if self.monotonic.recorded.len() == 0 {
            self.beyond = self.beyond.saturating_add(nanoseconds);
        }
    }

    /// The service slept until the monotonic clock shows `when`.
    pub(super) fn sleep_until(&mut self, when: u64) {
        let now = self.monotonic.last.saturating_add(self.beyond);
        self.sleep(when.saturating_sub(now));
    }
}
