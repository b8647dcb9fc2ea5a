//! Waits, for the sake of operations that a limit on time ended. A replay does not wait, so that nothing but the tape can tell
//! it where it would have waited for too long: the recording says which wait it was that the operation did not get out of.

use crate::recording::{Limit, LimitKind, Outcome, Recording};

/// The waits of one operation.
#[derive(Debug, Default)]
pub(super) struct Waits {
    begun: u64,
    is_waiting: bool,
}

impl Waits {
    pub(super) fn begin(&mut self) {
        self.begun += 1;
        self.is_waiting = true;
    }

    pub(super) fn end(&mut self) {
        self.is_waiting = false;
    }

    /// Which wait, from 1, the operation did not get out of that ended so: the one that it was in, else the next it would have
    /// come to. `None`: time did not end it.
    pub(super) fn last(&self, outcome: &Outcome) -> Option<u64> {
        let next = u64::from(!self.is_waiting);
        time(outcome).map(|_| self.begun + next)
    }
}

/// The waits of one replay, and where the recorded operation was stopped.
#[derive(Debug)]
pub(super) struct Waiting {
    begun: u64,
    /// What stopped it.
    limit: Option<Limit>,
    /// Which wait it did not get out of.
    last: Option<u64>,
}

impl Waiting {
    pub(super) fn of(recording: &Recording) -> Self {
        let limit = recording.outcome.as_ref().and_then(time).cloned();
        Self { begun: 0, limit, last: None }
    }

    /// The recording says which wait it was.
    pub(super) fn add(&mut self, wait: u64) {
        self.last = Some(wait);
    }

    pub(super) fn begin(&mut self) {
        self.begun += 1;
    }

    /// What stopped the recorded operation.
    pub(super) fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// The same, where it did not get out of the wait that has begun.
    pub(super) fn stopped_here(&self) -> Option<&Limit> {
        self.limit().filter(|_| self.last.is_some_and(|last| last <= self.begun))
    }

    /// The same, where it came to no other wait.
    pub(super) fn stopped_after(&self) -> Option<&Limit> {
        self.limit().filter(|_| self.last.is_some_and(|last| last <= self.begun + 1))
    }
}

fn time(outcome: &Outcome) -> Option<&Limit> {
    outcome.limit().filter(|limit| limit.kind == LimitKind::Time)
}
