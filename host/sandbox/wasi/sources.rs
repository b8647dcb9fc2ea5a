//! The sources that a service waits for, by the handles that it has of them.

use super::by_handle::ByHandle;
use playback_recording::Source;
use playback_recording::value::Name;
use playback_tape::{CallPort, Place, Tape};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the handles of one operation stand for, by their numbers. Those of files and standard streams, which are always ready,
/// are not here.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) pollables: ByHandle<Subject>,
    pub(crate) streams: ByHandle<Subject>,
}

/// What a handle stands for.
#[derive(Clone)]
pub(crate) enum Subject {
    Timer(Timer),
    Response(Place),
    Body(Place, Arc<Frames>),
    Trailers(Place, Arc<Frames>),
    RequestBody(Arc<Upload>),
}

/// A timer.
#[derive(Clone)]
pub(crate) struct Timer {
    /// `None` if it is not on the tape.
    pub(crate) source: Option<Source>,
    /// The instant or the duration that the service asked for, in nanoseconds.
    pub(crate) asked: u64,
    /// On a replay: what the monotonic clock shows when it is due, in nanoseconds.
    pub(crate) due: u64,
}

/// How many frames of a response's body were taken, and how many there are.
#[derive(Default)]
pub(crate) struct Frames {
    taken: AtomicU64,
    there: AtomicU64,
}

impl Frames {
    /// One more was taken.
    pub(crate) fn take(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// On a replay: returns true if another one can be taken.
    pub(crate) fn has_more(&self) -> bool {
        self.taken() < self.there.load(Ordering::Relaxed)
    }

    fn set_there(&self, there: u64) {
        self.there.store(there, Ordering::Relaxed);
    }
}

/// The body of a request that the service writes.
#[derive(Default)]
pub(crate) struct Upload {
    /// Method and URL, and which request with these, once it was made.
    request: std::sync::OnceLock<(Name, u64)>,
    writes: AtomicU64,
}

impl Upload {
    /// The request is made.
    pub(crate) fn begin(&self, request: Name, ordinal: u64) {
        let _ = self.request.set((request, ordinal));
    }

    /// One more write or flush.
    pub(crate) fn count(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// Room to write now. Before the request is made nobody reads, so that it depends on nothing but the service.
    fn source(&self) -> Option<Source> {
        let (request, ordinal) = self.request.get()?;
        let writes = self.writes.load(Ordering::Relaxed);
        Some(Source::RequestBody { request: request.clone(), ordinal: *ordinal, writes })
    }
}

impl Subject {
    /// What the service waits for that waits for it now. `None` if the tape has no name for it.
    pub(crate) fn awaited(&self, calls: &dyn CallPort) -> Option<Source> {
        match self {
            Self::Timer(timer) => timer.source.clone(),
            Self::Response(place) => Some(Source::Response { call: calls.event_of(*place)? }),
            Self::Body(place, frames) => {
                Some(Source::Body { call: calls.event_of(*place)?, frames: frames.taken() + 1 })
            }
            Self::Trailers(place, _) => Some(Source::Trailers { call: calls.event_of(*place)? }),
            Self::RequestBody(upload) => upload.source(),
        }
    }

    /// What was there, if `awaited` was asked for and `is_ready`.
    pub(crate) fn found(&self, awaited: Source, is_ready: bool) -> Source {
        match (self, awaited) {
            (Self::Body(_, frames), Source::Body { call, .. }) if is_ready => {
                Source::Body { call, frames: frames.taken() }
            }
            (_, awaited) => awaited,
        }
    }

    /// On a replay: the service has it from now on.
    pub(crate) fn begin(&self, tape: &mut Tape) {
        if let Some(source) = self.awaited(tape.calls()) {
            tape.time_mut().begin(&source);
        }
    }

    /// On a replay: lets as many frames of a body be taken as are there, if the service waits for `awaited`.
    pub(crate) fn release(&self, awaited: Option<&Source>, tape: &Tape) {
        match self {
            Self::Body(_, frames) => {
                let there = match awaited {
                    Some(Source::Body { call, .. }) => tape.time().frames(*call, frames.taken()),
                    _ => u64::MAX,
                };
                frames.set_there(there);
            }
            Self::Trailers(_, frames) => {
                if !awaited.is_some_and(|source| tape.time().is_later(source)) {
                    frames.set_there(u64::MAX);
                }
            }
            Self::Timer(_) | Self::Response(_) | Self::RequestBody(_) => {}
        }
    }

    pub(crate) fn timer(&self) -> Option<&Timer> {
        match self {
            Self::Timer(timer) => Some(timer),
            _ => None,
        }
    }
}
