//! Timers that a service starts.

use super::arrivals::TimerNames;
use playback_recording::Source;

/// A timer that a service starts. Nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// It waits so long.
    After(u64),
    /// It waits until the monotonic clock shows this.
    Until(u64),
}

impl Timer {
    /// What the monotonic clock shows when the timer is due, if it starts when the clock shows `now`.
    pub fn due(self, now: u64) -> u64 {
        match self {
            Self::After(duration) => now.saturating_add(duration),
            Self::Until(instant) => instant,
        }
    }

    /// The name of the next timer of this kind.
    pub(super) fn name(self, names: &mut TimerNames) -> Source {
        match self {
            Self::After(duration) => names.after(duration),
            Self::Until(instant) => names.until(instant),
        }
    }
}

/// A timer that has started. Nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedTimer {
    /// Its name. `None` within a body.
    pub source: Option<Source>,
    /// On replay: what the monotonic clock shows when it is due.
    pub due: u64,
    /// How long the machine waits for it: nothing on replay, where it only says when it is due.
    pub wait: u64,
}
