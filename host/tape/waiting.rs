//! Waits that a limit on time ended. A replay does not wait, so that nothing but the tape can tell it where it would have
//! waited for too long: the recording says in which of its waits the operation was stopped.

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

    /// Which wait it is in, from 1, if this outcome ended it there.
    pub(super) fn stopped_in(&self, outcome: &Outcome) -> Option<u64> {
        (self.is_waiting && time(outcome).is_some()).then_some(self.begun)
    }
}

/// The waits of one replay, and where the recorded operation was stopped.
#[derive(Debug)]
pub(super) struct Waiting {
    waits: Waits,
    /// What stopped it.
    limit: Option<Limit>,
    /// Which wait it was in.
    stopped_in: Option<u64>,
}

impl Waiting {
    pub(super) fn of(recording: &Recording) -> Self {
        let limit = recording.outcome.as_ref().and_then(time).cloned();
        Self { waits: Waits::default(), limit, stopped_in: None }
    }

    pub(super) fn add(&mut self, wait: u64) {
        self.stopped_in = Some(wait);
    }

    pub(super) fn begin(&mut self) {
        self.waits.begin();
    }

    /// What stopped the recorded operation.
    pub(super) fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// The same, where it was in this wait or one before: changed code that waits for a timer once more is stopped too, since
    /// the recording has nothing of what follows.
    pub(super) fn stopped_in_timer(&self) -> Option<&Limit> {
        self.limit().filter(|_| self.stopped_in.is_some_and(|wait| wait <= self.waits.begun))
    }
}

fn time(outcome: &Outcome) -> Option<&Limit> {
    outcome.limit().filter(|limit| limit.kind == LimitKind::Time)
}
