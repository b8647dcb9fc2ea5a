//! Writes to files: how many there were, and which were refused.

use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What writes are called on the tape, through streams or not.
pub(super) const WRITE: &str = "write";

/// A count of writes.
pub(super) type Writes = Arc<AtomicU64>;

/// Writes of streams that were refused, not yet on the tape.
#[derive(Clone, Default)]
pub(super) struct Refusals(Arc<Mutex<Vec<Refusal>>>);

/// A write that was refused.
pub(super) struct Refusal {
    pub(super) path: String,
    /// Which write to this path it was, from 1.
    pub(super) attempt: u64,
    pub(super) code: String,
}

impl Refusals {
    pub(super) fn add(&self, refusal: Refusal) {
        self.0.lock().push(refusal);
    }

    pub(super) fn drain(&self) -> Vec<Refusal> {
        std::mem::take(&mut *self.0.lock())
    }
}
