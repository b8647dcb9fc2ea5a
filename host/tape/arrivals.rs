//! Arrivals: the order in which the sources that a service waits for become ready.
//!
//! A recording keeps when each source was found ready, and how often the service asked in vain before. A replay makes the
//! sources ready in that order, however the service asks: all at once, some of them, one by one, again and again. Time passes
//! only when the service waits, and then up to the first thing that it waits for. Sources are named by what they are, so that
//! other handles and other questions change nothing.

mod record;
mod replay;
mod timers;

pub(super) use record::ArrivalRecorder;
pub(super) use replay::{ArrivalReplay, Now};
pub(super) use timers::TimerNames;

use crate::recording::Source;

/// Something that the service of a replay asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// Its name. `None` if the tape has no part in when it is ready.
    pub source: Option<Source>,
    /// Returns true if the sandbox can deliver it now.
    pub is_there: bool,
    /// Of a timer: what the monotonic clock shows when it is due, in nanoseconds.
    pub due: Option<u64>,
    /// Returns true if it is the response to a request that the service is still writing.
    pub is_open_request: bool,
}

/// Whether a call waits until something is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until one source is ready at least.
    ForOne,
    /// Not at all.
    Never,
}

/// What a replay does about a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readied {
    /// These positions are ready; none only if the call does not wait.
    Ready(Vec<u32>),
    /// Time has passed: what is there is to be looked up again.
    TimePassed,
    /// Nothing else comes first: the open request among them is to be answered with what is there of it.
    AnswerOpenRequest,
    /// Nothing that the recording knows makes any of them ready.
    Blocked,
    /// The recorded operation did not get further: its time limit stopped it.
    Stopped,
}

/// The source without what changes while it lives.
fn identity(source: &Source) -> Source {
    match source {
        Source::Body { call, .. } => Source::Body { call: *call, frames: 0 },
        other => other.clone(),
    }
}
