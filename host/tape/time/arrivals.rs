//! Arrivals: the order in which the sources that a service waits for become ready.
//!
//! A recording keeps when the service found each source ready, and how often it had asked in vain. A replay makes the sources
//! ready in that order, however the service asks: for all of them, for some, one by one, or repeatedly. Virtual time passes
//! only while the service waits, and only until the first awaited source is ready. Sources are named by what they are, so that
//! other handles and other questions do not matter.

mod question;
mod record;
mod replay;
mod sources;
mod timers;

pub(crate) use record::ArrivalRecorder;
pub(crate) use replay::{ArrivalReplay, Now};
pub(crate) use timers::TimerNames;

use playback_recording::Source;
use smallvec::SmallVec;

/// Positions in a list of what a service asks for. Nearly every question is about one source, so that they need no allocation.
pub type Positions = SmallVec<[u32; 4]>;

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

/// What is to be done about a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readied {
    /// While recording: ask the machine.
    Live,
    /// These positions are ready; none only if the call does not wait.
    Ready(Positions),
    /// Time has passed: look again at what is there, and ask again.
    TimePassed,
    /// No recorded source comes first: answer the open request with the part of it that the service has written.
    AnswerOpenRequest,
    /// Neither the recording nor a rule makes any of them ready.
    Blocked,
    /// The recorded operation got no further: its time limit stopped it.
    Stopped,
}

/// The part of a source's name that stays the same during its life.
fn identity(source: &Source) -> Source {
    match source {
        Source::Body { call, .. } => Source::Body { call: *call, frames: 0 },
        other => other.clone(),
    }
}
