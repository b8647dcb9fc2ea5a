//! Readiness: when the sources that a service waits for became ready.

use crate::value::Name;

/// Something that a service waits for, named so that a changed build finds it again: by what it is, never by the number of a
/// handle.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A timer.
    Timer {
        /// How long it waits, in nanoseconds. A timer for an instant waits from the last reading of the monotonic clock.
        wait: u64,
        /// Which timer of the operation with this wait, from 1.
        ordinal: u64,
    },
    /// The response to an HTTP request.
    Response {
        /// Position of the exchange among the events.
        call: u64,
    },
    /// The body of an HTTP response.
    Body {
        /// Position of the exchange among the events.
        call: u64,
        /// Number of frames that are there: chunks, trailers, and the end.
        frames: u64,
    },
    /// The trailers of an HTTP response, waited for on their own.
    Trailers {
        /// Position of the exchange among the events.
        call: u64,
    },
    /// Room to write to the body of an HTTP request.
    RequestBody {
        /// Method and URL.
        request: Name,
        /// Which request with this method and URL, from 1.
        ordinal: u64,
        /// Number of writes and flushes before.
        writes: u64,
    },
}

impl Source {
    /// The position of the exchange that it belongs to.
    pub fn call_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::Response { call } | Self::Body { call, .. } | Self::Trailers { call } => Some(call),
            Self::Timer { .. } | Self::RequestBody { .. } => None,
        }
    }

    /// Memory beside the value itself, in bytes.
    pub fn weight(&self) -> usize {
        match self {
            Self::RequestBody { request, .. } => request.len(),
            _ => 0,
        }
    }
}

/// A source, and how often the service asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The source.
    pub source: Source,
    /// Number of times the service asked and the source was not ready.
    pub in_vain: u64,
}

/// Sources that the service found ready at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The monotonic clock when the service found them ready, in nanoseconds.
    pub at: u64,
    /// How it found them.
    pub found: Found,
    /// At least one source.
    pub sources: Vec<Asked>,
}

/// How a service finds sources ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Found {
    /// By a call that does not wait.
    Asking,
    /// By a call that waits, and nothing else that it asked for was ready.
    Waiting,
    /// By a call that waits, among others that were ready before.
    Among,
}

impl Found {
    /// Its name on the tape.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A source that the service asked for and never found ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The monotonic clock when the service dropped it or ended, in nanoseconds.
    pub at: u64,
    /// The source.
    pub asked: Asked,
}

/// What was ready when the service asked, as older builds recorded it: the answer to a numbered question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Which question of the operation it was, from 1.
    pub question: u64,
    /// A hash of all questions up to this one, so that a replay can tell whether it asks the same.
    pub questions: u64,
    /// Positions in the list of what was asked for.
    pub ready: Vec<u32>,
}
