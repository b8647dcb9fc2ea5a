//! What the table of events needs from each event, and what it passes to it.

use super::Event;
use crate::error::{DecodeError, EncodeError};
use crate::functions::Functions;
use crate::value::Name;
use crate::value::cbor::Reader;
use crate::{Header, Recording, format};
use serde::ser::SerializeSeq;
use std::collections::HashMap;

/// How one event is weighed, written, read and shown.
pub(super) trait Entry {
    /// The event's fields.
    type Fields<'e>;

    /// The memory that it holds, in bytes, beyond that of an [`Event`].
    fn weight(fields: Self::Fields<'_>) -> usize;

    /// The memory, in bytes, of what a reader makes on the way to it, and charges too.
    fn passing_weight(_: Self::Fields<'_>) -> usize {
        0
    }

    /// Appends the event, from the head of its array.
    ///
    /// # Errors
    ///
    /// It contradicts the recording's header, or is larger than a reader allows.
    fn write(fields: Self::Fields<'_>, encoder: &mut Encoder<'_>) -> Result<(), EncodeError>;

    /// Reads what follows the sort.
    fn read(sort: &str, items: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError>;

    /// Adds the event to a list in JSON, as one object or several.
    fn show<'r, S: SerializeSeq>(
        fields: Self::Fields<'r>,
        listing: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error>;
}

/// A recording that is being written.
pub(crate) struct Encoder<'h> {
    pub(crate) out: Vec<u8>,
    pub(super) functions: Functions<'h>,
}

impl<'h> Encoder<'h> {
    /// Goes on after what is in `out`.
    pub(crate) fn new(header: &'h Header, out: Vec<u8>) -> Self {
        Self { out, functions: Functions::new(&header.functions) }
    }
}

/// A recording that is being read.
pub(crate) struct Decoder<'c> {
    pub(crate) content: &'c [u8],
    pub(crate) reader: Reader<'c>,
    pub(super) functions: Functions<'c>,
    /// Where the event that is read begins.
    pub(crate) offset: usize,
    /// The minor version that the recording says it is written in.
    minor: u64,
}

impl<'c> Decoder<'c> {
    /// Goes on where `reader`, which reads `content`, is.
    pub(crate) fn new(header: &'c Header, content: &'c [u8], reader: Reader<'c>) -> Self {
        let functions = Functions::new(&header.functions);
        Self { content, reader, functions, offset: 0, minor: header.minor }
    }

    /// Returns true if a build wrote the recording that may know more events than this one.
    pub(crate) fn is_newer(&self) -> bool {
        self.minor > format::MINOR
    }

    /// Returns true if a build that does not know this sort of event may skip it.
    pub(super) fn may_skip(&self, sort: &str) -> bool {
        sort.starts_with(format::SKIPPABLE) && self.is_newer()
    }
}

/// A list of events in JSON, up to the one that is shown.
pub(super) struct Listing<'r> {
    pub(super) recording: &'r Recording,
    /// Number of calls.
    pub(super) calls: usize,
    /// By position among the events, the number of calls up to it.
    pub(super) numbers: Vec<usize>,
    /// By alias, the number of its calls.
    pub(super) calls_of_alias: HashMap<&'r Name, usize>,
}

impl Listing<'_> {
    /// The number of the call that is at `position` among the events, or before.
    pub(super) fn number_at(&self, position: u64) -> Option<usize> {
        self.numbers.get(usize::try_from(position).ok()?).copied()
    }
}
