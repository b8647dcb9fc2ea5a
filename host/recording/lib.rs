//! A recording: one finished operation as data. What it holds, how it is named, and how it is written.
//!
//! The bytes of a `.tape` file are specified in [`mod@format`]. Nothing here runs wasm, decides what a call gets, or
//! touches a disk.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

use crate::value::{Name, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

mod decode;
mod encode;
mod error;
mod files;
pub mod format;
mod frame;
mod id;
mod limit;
mod metadata;
mod readiness;
mod readings;
pub mod value;

pub use decode::{content_size, decode};
pub use encode::{EncodeError, compress, encode, serialize};
pub use error::DecodeError;
pub use files::{
    Change, Changed, Content, Contents, Digest, Entry, EntryKind, GrantedFolder, Look, Refused, Seen, Sight,
};
pub use id::{Category, InvalidCategory, InvalidId, RecordingId};
pub use limit::{Limit, LimitKind};
pub use metadata::{Counts, InvalidMetadata, Metadata};
pub use readiness::{Arrival, Asked, Found, Readiness, Source, Unready};
pub use readings::{IntoIter as ReadingsIter, Readings};

/// One recorded operation: everything it was given, everything it sent, and how it ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recording {
    /// What was called, on which component, with which seeds and environment.
    pub header: Header,
    /// Everything that crossed the boundary, in order.
    pub events: Vec<Event>,
    /// How the operation ended. `None`: the recording is incomplete, its end was never written.
    pub outcome: Option<Outcome>,
    /// The contents of files that the events name. Kept beside the tape: [`decode`] leaves them out.
    pub contents: Contents,
    /// What lookups see of it.
    pub metadata: Metadata,
}

impl Recording {
    /// A recording without events and without an end.
    pub fn new(header: Header, metadata: Metadata) -> Self {
        Self { header, events: Vec::new(), outcome: None, contents: Contents::new(), metadata }
    }

    /// Where the recording is kept.
    pub fn id(&self) -> &RecordingId {
        &self.header.id
    }

    /// The recorded crossings in order, without the ambient readings between them.
    pub fn interceptions(&self) -> impl Iterator<Item = &Interception> {
        self.events.iter().filter_map(|event| match event {
            Event::Interception(interception) => Some(interception),
            _ => None,
        })
    }

    /// What the service wrote to a standard stream, in all.
    pub fn stream(&self, stream: Stream) -> Vec<u8> {
        let parts = self.events.iter().filter_map(|event| match event {
            Event::Written(of, bytes) if *of == stream => Some(bytes.as_slice()),
            _ => None,
        });
        parts.collect::<Vec<_>>().concat()
    }

    /// The sorts of events of a newer format that this build skips, each with how many there are.
    pub fn skipped(&self) -> BTreeMap<&str, usize> {
        let mut skipped = BTreeMap::new();
        for event in &self.events {
            if let Event::Unknown(unknown) = event {
                *skipped.entry(unknown.sort.as_str()).or_default() += 1;
            }
        }
        skipped
    }

    /// The function that `interception` called. `None` only where a recording was crafted by hand.
    pub fn function(&self, interception: &Interception) -> Option<&Function> {
        self.header.functions.get(interception.function as usize)
    }
}

/// What stands before the events.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// The minor version of the format that it is written in: [`format::MINOR`], but for recordings of other builds.
    pub minor: u64,
    /// The recording's own name, so that a file that was moved tells where it belongs.
    pub id: RecordingId,
    /// The exported function that was called, by its full WIT name.
    pub operation: Function,
    /// What it was called with, one value a parameter.
    pub arguments: Vec<Value>,
    /// The component that ran, as `sha256:<hex>`. Information, never a reason to refuse.
    pub component: String,
    /// The version of the host that recorded.
    pub host: String,
    /// Every function that an interception names by its index here.
    pub functions: Vec<Function>,
    /// What the operation's random numbers are generated from.
    pub seed: [u8; 32],
    /// The environment variables that were granted to the service.
    pub environment: Vec<(String, String)>,
    /// The command-line arguments that were granted to the service.
    pub program_arguments: Vec<String>,
    /// The folders that were granted to the service.
    pub folders: Vec<GrantedFolder>,
    /// Whether the service was granted sockets. What came through them is not on the tape: the recording is not hermetic.
    pub sockets: bool,
    /// The HTTP headers whose values were secret, in lower case: tokens stand in for them.
    pub secret_headers: Vec<String>,
    /// The most bytes of a file whose content was kept; a replay keeps as much. `None`: a recording of older builds.
    pub file_limit: Option<u64>,
}

impl Header {
    /// The header of a call of `operation` without arguments and with nothing granted, in the format that this build writes.
    pub fn new(id: RecordingId, operation: Function, component: String, host: String) -> Self {
        Self {
            minor: format::MINOR,
            id,
            operation,
            arguments: Vec::new(),
            component,
            host,
            functions: Vec::new(),
            seed: [0; 32],
            environment: Vec::new(),
            program_arguments: Vec::new(),
            folders: Vec::new(),
            sockets: false,
            secret_headers: Vec::new(),
            file_limit: None,
        }
    }
}

/// A function of the boundary as it was declared when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Function {
    /// The full WIT name: `shop:orders/inputs@1.0.0#price-of`, or `price-of` at world level.
    pub name: Name,
    /// The parameters' names, in order.
    pub parameters: Vec<Name>,
    /// The type in WIT: `func(sku: string) -> f64`. Equal texts mean that values need no fitting.
    pub signature: Name,
}

impl Function {
    /// Whether it is a function of the service itself, intercepted by the guest SDK: its values have what types the service
    /// gives them.
    pub fn is_of_service(&self) -> bool {
        self.signature.ends_with(" -> any")
    }
}

/// One entry of a tape between its header and its end.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A call that crossed the boundary.
    Interception(Interception),
    /// A clock was read, once or several times with nothing in between but readings of the other clock.
    Clock {
        /// Which clock.
        clock: Clock,
        /// The part of the operation in which it was read, by the number that [`mod@format`] gives it. `None` in recordings of
        /// older builds.
        epoch: Option<u64>,
        /// What it showed, in nanoseconds: since the Unix epoch for [`Clock::Wall`], since an arbitrary point for
        /// [`Clock::Monotonic`].
        readings: Readings,
    },
    /// The service found sources ready that it waits for.
    Arrived(Box<Arrival>),
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
    /// Index into [`Header::functions`].
    pub function: u32,
    /// Input or output, as it was decided when recording.
    pub kind: Kind,
    /// The stable name it had when it was recorded.
    pub alias: Name,
    /// One value a parameter.
    pub arguments: Vec<Value>,
    /// What the service got. Shared, so that it can be given to the service and kept.
    pub outcome: Arc<Outcome>,
    /// Of a function of the service itself: what the guest SDK keeps with the call for itself. It takes at most
    /// [`format::MAX_NOTE_BYTES`] on the tape.
    pub note: Option<Box<Value>>,
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
    strum::Display,
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

/// How a call ended, of an intercepted function or of the operation itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned this; [`Value::Null`] where the function has no result.
    Returned(Value),
    /// It did not return. The text says why, without addresses, so that it compares equal over builds.
    Trapped(String),
    /// It ended the program with this status, by `wasi:cli/exit`. 0 is success. On a tape it is a trap with the text
    /// `exited with status n`, as older builds wrote it.
    Exited(i32),
    /// The host ended it at a limit. Nothing but an operation itself ends so: a provider that reaches one has trapped.
    Stopped(Limit),
    /// Nobody waited for it to the end. Only a call of an `async` function of the service itself ends so.
    Abandoned,
}

impl Outcome {
    /// Why it failed. `None` where it did not: a program that exits with status 0 succeeded.
    pub fn exception(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Returned(_) | Self::Abandoned | Self::Exited(0) => None,
            Self::Trapped(reason) => Some(reason.into()),
            Self::Exited(status) => Some(exited(*status).into()),
            Self::Stopped(limit) => Some(limit.text.as_str().into()),
        }
    }

    /// The limit that ended it.
    pub fn limit(&self) -> Option<&Limit> {
        match self {
            Self::Stopped(limit) => Some(limit),
            Self::Returned(_) | Self::Trapped(_) | Self::Exited(_) | Self::Abandoned => None,
        }
    }

    /// Whether both ended alike: with the same result, for the same reason, or at a limit of the same kind, whatever
    /// that was set to. A program that exits ends as one that returns `ok` or `err`.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exited(status), Self::Returned(value)) | (Self::Returned(value), Self::Exited(status)) => {
                let case = if *status == 0 { "ok" } else { "err" };
                *value == Value::case(case, Value::Null)
            }
            (Self::Stopped(limit), Self::Stopped(other)) => limit.kind == other.kind,
            _ => self == other,
        }
    }

    /// The memory that it holds, in bytes, to a few percent.
    pub fn weight(&self) -> usize {
        match self {
            Self::Returned(value) => value.weight(),
            Self::Trapped(reason) => reason.len(),
            Self::Stopped(limit) => limit.text.len(),
            Self::Exited(_) | Self::Abandoned => 0,
        }
    }
}

/// How a program that exited is told: `exited with status 1`.
pub(crate) fn exited(status: i32) -> String {
    format!("exited with status {status}")
}

/// The status in such a text, if it is one.
fn exit_status(text: &str) -> Option<i32> {
    let status = text.strip_prefix("exited with status ")?.parse().ok()?;
    (exited(status) == text).then_some(status)
}

/// A clock of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// `wasi:clocks/wall-clock`
    Wall,
    /// `wasi:clocks/monotonic-clock`
    Monotonic,
}

/// A standard stream that the service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[cfg(test)]
mod tests;
