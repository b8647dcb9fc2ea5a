//! Calls of the service's own functions that have begun and not ended.

use playback_recording::Outcome;
use playback_tape::{Place, Slot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Those that are not over, by their tickets.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) open: BTreeMap<u64, Call>,
    pub(super) tickets: u64,
    /// Whose bodies are at work, each within the one before.
    pub(super) at_work: Vec<u64>,
    /// Bytes of memory that open calls hold.
    pub(super) held: usize,
    /// How many began or ended.
    pub(super) changes: u64,
}

/// A call that is not over.
pub(super) struct Call {
    pub(super) work: Work,
    /// The epoch of its random numbers.
    pub(super) epoch: u64,
    /// Where what comes of it goes; `None`: it is recorded, and is taken just now, or it is not kept.
    pub(super) slot: Option<Slot>,
    /// Bytes of memory that it holds.
    pub(super) weight: usize,
    /// Whether it waited.
    pub(super) waited: bool,
    /// How often it asked whether it is its turn, since so many began or ended.
    pub(super) asked: (u32, u64),
    /// How it is to end, where it did not return when it was recorded, and that was after it had waited.
    pub(super) trap: Option<Arc<Outcome>>,
}

/// What is at work.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// The body of the call at this place.
    Body(Place),
    /// Something that only an operation does that is recorded.
    Aside,
}
