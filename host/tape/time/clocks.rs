//! The clocks of one replay.
//!
//! A recording keeps each reading with the epoch in which it was made: after which call, arrival, request or opened file. A
//! replay shows, in order, the readings of the epoch that the service is in, so that a reading more or less in one epoch
//! changes no reading of another. An extra reading repeats the one before; after [`MAX_REPEATS`] of them time passes in small
//! steps. Recordings of older builds have no epochs: all their readings are shown in order.

use super::arrivals::Now;
use playback_recording::{Clock, Readings as RecordedReadings, ReadingsIter};

/// Distance between extra readings once time passes, in nanoseconds. Small, so that no deadline passes that did not pass when
/// the operation was recorded.
const STEP_NANOSECONDS: u64 = 1_000;

/// Number of extra readings in a row that repeat the reading before them. Code that logs the time then reads what was
/// recorded, and code that waits for time to pass ends.
const MAX_REPEATS: u32 = 1_000;

/// What the clocks of a replay show.
#[derive(Debug)]
pub(crate) struct Clocks {
    wall: Readings,
    monotonic: Readings,
    /// Virtual time since the replay began, in nanoseconds: what recorded readings show, what was slept, and the steps of extra
    /// readings. Both clocks share it, so that they agree.
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
    /// Number of extra readings since the last recorded one.
    extra: u32,
}

impl Clocks {
    /// The clocks of an operation that began then, without readings.
    pub(crate) fn starting(recorded_at: jiff::Timestamp) -> Self {
        let recorded_at = u64::try_from(recorded_at.as_nanosecond()).unwrap_or_default();
        Self {
            wall: Readings::starting(recorded_at),
            monotonic: Readings::starting(0),
            passed: 0,
            slept_until: 0,
        }
    }

    /// Adds recorded readings. `epoch` is when they were made; `None` in recordings of older builds.
    pub(crate) fn add(&mut self, clock: Clock, epoch: Option<u64>, readings: &RecordedReadings) {
        self.of(clock).recorded.runs.push(Run { epoch, readings: readings.clone() });
    }

    fn of(&mut self, clock: Clock) -> &mut Readings {
        match clock {
            Clock::Wall => &mut self.wall,
            Clock::Monotonic => &mut self.monotonic,
        }
    }

    /// The next reading in this epoch, in nanoseconds.
    pub(crate) fn read(&mut self, clock: Clock, epoch: u64) -> u64 {
        // The monotonic clock never goes back: readings from before an unrecorded sleep are past.
        let earliest = match clock {
            Clock::Wall => 0,
            Clock::Monotonic => self.slept_until.max(self.monotonic.last),
        };
        let readings = self.of(clock);
        let Some(reading) = readings.recorded.next(epoch, earliest) else {
            return self.read_extra(clock);
        };
        (readings.last, readings.extra) = (reading, 0);
        let passed = reading.saturating_sub(readings.start);
        // What one clock shows to have passed has passed for the other too.
        self.passed = self.passed.max(passed);
        self.of(clock).read_at = self.passed;
        reading
    }

    /// An extra reading, which uses no recorded one.
    pub(crate) fn read_extra(&mut self, clock: Clock) -> u64 {
        let readings = self.of(clock);
        readings.extra = readings.extra.saturating_add(1);
        if readings.extra > MAX_REPEATS {
            self.passed = self.passed.saturating_add(STEP_NANOSECONDS);
        }
        let passed = self.passed;
        self.of(clock).now(passed)
    }

    /// What the monotonic clock shows.
    pub(crate) fn now(&self) -> u64 {
        self.monotonic.now(self.passed)
    }

    /// A moment passes, in which the service asks for something that is not there yet.
    pub(crate) fn step(&mut self) {
        self.sleep_until(self.now().saturating_add(STEP_NANOSECONDS));
    }

    /// The service waited until the monotonic clock shows `when`.
    pub(crate) fn sleep_until(&mut self, when: u64) {
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

impl Readings {
    fn starting(start: u64) -> Self {
        Self { recorded: Recorded::default(), start, last: start, read_at: 0, extra: 0 }
    }

    fn now(&self, passed: u64) -> u64 {
        self.last.saturating_add(passed.saturating_sub(self.read_at))
    }
}

/// The recorded readings of one clock, as small as they are on the tape.
#[derive(Debug, Default)]
struct Recorded {
    runs: Vec<Run>,
    /// The number of runs that are past, the current one included.
    past: usize,
    /// What is left of the current run, and its epoch.
    current: Option<(Option<u64>, ReadingsIter)>,
    /// Epochs and positions of all runs, sorted; made when the service first enters another epoch than recorded.
    by_epoch: Option<Vec<(u64, usize)>>,
}

/// Successive readings in one epoch.
#[derive(Debug)]
struct Run {
    epoch: Option<u64>,
    readings: RecordedReadings,
}

impl Recorded {
    /// The next reading of this epoch that is at least `earliest`.
    fn next(&mut self, epoch: u64, earliest: u64) -> Option<u64> {
        loop {
            if let Some((of, readings)) = &mut self.current
                && of.is_none_or(|of| of == epoch)
                && let Some(reading) = readings.find(|reading| *reading >= earliest)
            {
                return Some(reading);
            }
            let next = self.next_run(epoch)?;
            let run = self.runs.get(next)?;
            self.current = Some((run.epoch, run.readings.iter()));
            self.past = next + 1;
        }
    }

    /// The position of the next run of this epoch.
    fn next_run(&mut self, epoch: u64) -> Option<usize> {
        if self.runs.get(self.past)?.epoch.is_none_or(|of| of == epoch) {
            return Some(self.past);
        }
        let by_epoch = self.by_epoch.get_or_insert_with(|| {
            let epochs = self.runs.iter().zip(0..).filter_map(|(run, at)| Some((run.epoch?, at)));
            let mut by_epoch: Vec<_> = epochs.collect();
            by_epoch.sort_unstable();
            by_epoch
        });
        let first = by_epoch.partition_point(|run| *run < (epoch, self.past));
        by_epoch.get(first).filter(|(of, _)| *of == epoch).map(|(_, at)| *at)
    }
}
