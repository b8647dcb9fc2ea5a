//! The recorded clock readings of one replay: in order per clock, and a steady continuation past the end.

use super::arrivals::Now;
use crate::recording::{self, Clock, ReadingsIter};
use std::collections::VecDeque;

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
    /// What the monotonic clock showed at least when the service had last slept.
    slept_until: u64,
}

#[derive(Debug)]
struct Readings {
    recorded: Recorded,
    /// What it showed when the operation began.
    start: u64,
    last: u64,
    /// The virtual time at which `last` was read: recorded readings show by themselves what passed before.
    read_at: u64,
}

impl Clocks {
    /// The clocks of an operation that began then, without readings.
    pub(super) fn starting(recorded_at: jiff::Timestamp) -> Self {
        let readings = |start| Readings { recorded: Recorded::default(), start, last: start, read_at: 0 };
        let recorded_at = u64::try_from(recorded_at.as_nanosecond()).unwrap_or_default();
        Self { wall: readings(recorded_at), monotonic: readings(0), passed: 0, slept_until: 0 }
    }

    /// More recorded readings.
    pub(super) fn add(&mut self, clock: Clock, readings: &recording::Readings) {
        self.of(clock).recorded.add(readings);
    }

    fn of(&mut self, clock: Clock) -> &mut Readings {
        match clock {
            Clock::Wall => &mut self.wall,
            Clock::Monotonic => &mut self.monotonic,
        }
    }

    /// The next reading, in nanoseconds.
    pub(super) fn read(&mut self, clock: Clock) -> u64 {
        let readings = match clock {
            Clock::Wall => &mut self.wall,
            Clock::Monotonic => {
                // Changed code slept for longer than was recorded: what was read before that is past.
                while self.monotonic.recorded.next_if(|reading| reading < self.slept_until).is_some() {}
                &mut self.monotonic
            }
        };
        if let Some(reading) = readings.recorded.next_if(|_| true) {
            readings.last = reading;
            // What one clock shows to have passed has passed for the other too.
            self.passed = self.passed.max(reading.saturating_sub(readings.start));
            readings.read_at = self.passed;
            return reading;
        }
        self.read_aside(clock)
    }

    /// What a clock shows past the end of the recorded readings, which stay for others.
    pub(super) fn read_aside(&mut self, clock: Clock) -> u64 {
        self.passed = self.passed.saturating_add(STEP);
        let passed = self.passed;
        self.of(clock).now(passed)
    }

    /// What the monotonic clock shows.
    pub(super) fn now(&self) -> u64 {
        self.monotonic.now(self.passed)
    }

    /// A moment passes, in which the service asks for something that is not there yet.
    pub(super) fn step(&mut self) {
        self.sleep_until(self.now().saturating_add(STEP));
    }

    /// The service waited until the monotonic clock shows `when`.
    pub(super) fn sleep_until(&mut self, when: u64) {
        self.passed = self.passed.saturating_add(when.saturating_sub(self.now()));
        self.slept_until = self.slept_until.max(when);
    }
}

impl Now for Clocks {
    fn now(&self) -> u64 {
        Self::now(self)
    }

    fn pass(&mut self, at: u64) {
        self.sleep_until(at);
    }
}

/// Readings that were recorded and not shown yet. They stay as small as they are on the tape, and those that were
/// recorded one by one become so.
#[derive(Debug, Default)]
struct Recorded {
    first: Option<ReadingsIter>,
    rest: VecDeque<recording::Readings>,
}

impl Recorded {
    fn add(&mut self, readings: &recording::Readings) {
        if readings.is_one()
            && let Some(last) = self.rest.back_mut()
            && last.append(readings.first()).is_some()
        {
            return;
        }
        self.rest.push_back(readings.clone());
    }

    fn next_if(&mut self, is_wanted: impl FnOnce(u64) -> bool) -> Option<u64> {
        if self.first.as_ref().and_then(ReadingsIter::peek).is_none() {
            self.first = Some(self.rest.pop_front()?.into_iter());
        }
        let first = self.first.as_mut()?;
        first.next_if(is_wanted)
    }
}

impl Readings {
    fn now(&self, passed: u64) -> u64 {
        self.last.saturating_add(passed.saturating_sub(self.read_at))
    }
}
