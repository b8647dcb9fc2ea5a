//! A recording: one finished operation as data. What it holds, how it is named, and how it is written.
//!
//! The bytes of a `.tape` file are specified in [`mod@format`]. Nothing here runs wasm, decides what a call gets, or
//! touches a disk.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

use crate::value::{Name, Value};
use std::collections::BTreeMap;

mod decode;
mod encode;
mod error;
mod event;
mod files;
pub mod format;
mod frame;
mod functions;
mod id;
mod items;
pub mod json;
mod limit;
mod metadata;
mod outcome;
mod readiness;
mod readings;
pub mod value;

pub use decode::{content_size, decode};
pub use encode::{compress, encode, serialize};
pub use error::{DecodeError, EncodeError};
pub use event::{Clock, Event, EventsView, Interception, Kind, Put, Stream, Unknown};
pub use files::{
    Change, Changed, Content, Contents, Digest, Entry, EntryKind, GrantedFolder, Look, Refused, Seen, Sight,
};
pub use id::{Category, InvalidCategory, InvalidId, RecordingId};
pub use limit::{Limit, LimitKind};
pub use metadata::{Counts, InvalidMetadata, Metadata};
pub use outcome::Outcome;
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

    /// Checks that a call has an argument for each parameter.
    ///
    /// # Errors
    ///
    /// The reason why not.
    pub(crate) fn check_count(&self, arguments: usize) -> Result<(), String> {
        if self.parameters.len() == arguments { Ok(()) } else { Err(self.miscount(arguments)) }
    }

    #[cold]
    fn miscount(&self, arguments: usize) -> String {
        let (name, parameters) = (self.name.escape_debug(), self.parameters.len());
        format!("`{name}` has {parameters} parameters and is called with {arguments} arguments")
    }
}

#[cfg(test)]
mod tests;
