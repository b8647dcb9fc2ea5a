//! What is between the header and the end of a tape. The files below it say how each event is
//! weighed, written, read and shown.

use crate::readings::Readings;
use crate::value::{Name, Value};
use crate::{Arrival, Changed, Outcome, Readiness, Refused, Seen, Unready};
use std::sync::Arc;
use strum::{Display, EnumString, IntoStaticStr};

mod call;
mod clock;
mod entry;
mod files;
mod numbers;
mod put;
mod readiness;
mod source;
mod streams;
mod table;
mod unknown;
mod view;

pub(crate) use entry::{Decoder, Encoder};
pub use view::EventsView;

/// One entry of a tape between its header and its end.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A call that crossed the boundary.
    Interception(Interception),
    /// A clock was read, once or several times with nothing in between but readings of the other clock.
    Clock {
        /// Which clock.
        clock: Clock,
        /// The part of the operation in which it was read, by the number that [`mod@crate::format`] gives it. `None` in recordings of
        /// older builds.
        epoch: Option<u64>,
        /// What it showed, in nanoseconds: since the Unix epoch for [`Clock::Wall`], since an arbitrary point for
        /// [`Clock::Monotonic`].
        readings: Readings,
    },
    /// The service found sources ready that it waits for.
    Arrived(Arrival),
    /// The service asked for a source and never found it ready.
    Unready(Box<Unready>),
    /// The answer to a question about readiness. Only recordings of older builds have it.
    Ready(Readiness),
    /// The call that may wait, counted from 1, in which the operation reached its time limit. Only recordings of older builds
    /// have it.
    Waiting(u64),
    /// The call that stands at this position among the events, and waited meanwhile, was over.
    Ended(u64),
    /// The service looked at something in a granted folder.
    Seen(Box<Seen>),
    /// A change in a granted folder was refused.
    Refused(Box<Refused>),
    /// The service left something else in a granted folder than it found.
    Changed(Box<Changed>),
    /// The service kept a value under a key.
    Put(Box<Put>),
    /// The service could read these bytes from its standard input.
    Stdin(Vec<u8>),
    /// The service wrote these bytes to a standard stream.
    Written(Stream, Vec<u8>),
    /// An event of a newer minor version of the format, which may be skipped.
    Unknown(Box<Unknown>),
}

/// An event that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What it is, as the tape names it: `?profile`.
    pub sort: String,
    /// The event as it is on the tape.
    pub bytes: Vec<u8>,
}

/// A value that the service kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// What it is found by; a later one of the same key takes its place.
    pub key: String,
    /// What was kept.
    pub value: Value,
}

/// One crossing of the boundary by a function of the service's imports.
#[derive(Debug, Clone, PartialEq)]
pub struct Interception {
    /// Index into [`Header::functions`](crate::Header::functions).
    pub function: u32,
    /// Input or output, as it was decided when recording.
    pub kind: Kind,
    /// The stable name it had when it was recorded.
    pub alias: Name,
    /// One value a parameter.
    pub arguments: Vec<Value>,
    /// What the service got. Shared, so that it can be given to the service and kept.
    pub outcome: Arc<Outcome>,
    /// Of a function of the service itself: what the guest SDK keeps with the call for itself; 0 if nothing.
    pub note: u64,
}

/// Whether an interception brings something in or sends something out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// Its result is recorded and served; found by alias and captured arguments.
    Input,
    /// Its arguments are captured and compared, its recorded result is served; found by alias and ordinal.
    Output,
}

impl Kind {
    /// Its name on the tape and in JSON.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// A clock of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Clock {
    /// `wasi:clocks/wall-clock`
    Wall,
    /// `wasi:clocks/monotonic-clock`
    Monotonic,
}

impl Clock {
    /// Its name on the tape and in JSON.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// A standard stream that the service writes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// Its name on the tape and in JSON.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}
