//! Where a limit on time ended the recorded operation. A replay does not wait, so only the recording can tell where the
//! operation waited for too long: older builds recorded the number of the wait that it did not get out of.

use playback_recording::{Limit, LimitKind, Outcome, Recording};

/// The waits of one replay.
#[derive(Debug)]
pub(crate) struct Waits {
    begun: u64,
    /// What stopped it.
    limit: Option<Limit>,
    /// Which wait it did not get out of.
    last: Option<u64>,
}

impl Waits {
    pub(crate) fn of(recording: &Recording) -> Self {
        let limit = recording.outcome.as_ref().and_then(time).cloned();
        Self { begun: 0, limit, last: None }
    }

    /// The recording says which wait it was.
    pub(crate) fn add(&mut self, wait: u64) {
        self.last = Some(wait);
    }

    pub(crate) fn begin(&mut self) {
        self.begun += 1;
    }

    /// Returns true if the recording numbers its waits.
    pub(crate) fn is_numbered(&self) -> bool {
        self.last.is_some()
    }

    /// What stopped the recorded operation.
    pub(crate) fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// The same, where it did not get out of the wait that has begun.
    pub(crate) fn stopped_here(&self) -> Option<&Limit> {
        self.limit().filter(|_| self.last.is_some_and(|last| last <= self.begun))
    }

    /// The same, where it came to no other wait.
    pub(crate) fn stopped_after(&self) -> Option<&Limit> {
        self.limit().filter(|_| self.last.is_some_and(|last| last <= self.begun + 1))
    }
}

fn time(outcome: &Outcome) -> Option<&Limit> {
    outcome.limit().filter(|limit| limit.kind == LimitKind::Time)
}
