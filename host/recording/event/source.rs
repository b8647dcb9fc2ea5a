//! Sources that a service waits for, as they stand on the tape and in JSON.

use super::entry::Listing;
use crate::error::{DecodeError, invalid};
use crate::items::begin;
use crate::value::cbor::{self, Reader};
use crate::{Asked, Source};
use serde::Serialize;

pub(super) fn write(asked: &Asked, out: &mut Vec<u8>) {
    let (sort, name, numbers) = match &asked.source {
        Source::Timer { wait, ordinal } => ("timer", None, [Some(*wait), Some(*ordinal)]),
        Source::Response { call } => ("response", None, [Some(*call), None]),
        Source::Body { call, frames } => ("body", None, [Some(*call), Some(*frames)]),
        Source::Trailers { call } => ("trailers", None, [Some(*call), None]),
        Source::RequestBody { request, ordinal, writes } => {
            ("request-body", Some(request), [Some(*ordinal), Some(*writes)])
        }
    };
    let numbers = [Some(asked.in_vain)].into_iter().chain(numbers).flatten();
    begin(sort, 1 + usize::from(name.is_some()) + numbers.clone().count(), out);
    if let Some(name) = name {
        cbor::write_text(name, out);
    }
    numbers.for_each(|number| cbor::write_unsigned(number, out));
}

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Asked, DecodeError> {
    let offset = reader.position();
    let (length, sort) = (reader.array()?, reader.text()?);
    let request = if sort == "request-body" { Some(reader.name()?) } else { None };
    let in_vain = reader.unsigned()?;
    let source = match (sort, length, request) {
        ("timer", 4, _) => Source::Timer { wait: reader.unsigned()?, ordinal: reader.unsigned()? },
        ("response", 3, _) => Source::Response { call: reader.unsigned()? },
        ("body", 4, _) => Source::Body { call: reader.unsigned()?, frames: reader.unsigned()? },
        ("trailers", 3, _) => Source::Trailers { call: reader.unsigned()? },
        ("request-body", 5, Some(request)) => {
            Source::RequestBody { request, ordinal: reader.unsigned()?, writes: reader.unsigned()? }
        }
        _ => {
            let reason = format!("`{}` of {length} items is not a source", sort.escape_debug());
            return Err(invalid(offset, reason));
        }
    };
    Ok(Asked { source, in_vain })
}

/// A source in JSON: exchanges by the numbers of their calls.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(super) enum Waited<'r> {
    Timer { nanoseconds: u64, ordinal: u64 },
    Response { call: Option<usize> },
    Body { call: Option<usize>, frames: u64 },
    Trailers { call: Option<usize> },
    RequestBody { request: &'r str, ordinal: u64, writes: u64 },
}

impl<'r> Waited<'r> {
    pub(super) fn of(source: &'r Source, listing: &Listing<'_>) -> Self {
        match source {
            Source::Timer { wait, ordinal } => Self::Timer { nanoseconds: *wait, ordinal: *ordinal },
            Source::Response { call } => Self::Response { call: listing.number_at(*call) },
            Source::Body { call, frames } => Self::Body { call: listing.number_at(*call), frames: *frames },
            Source::Trailers { call } => Self::Trailers { call: listing.number_at(*call) },
            Source::RequestBody { request, ordinal, writes } => {
                Self::RequestBody { request, ordinal: *ordinal, writes: *writes }
            }
        }
    }
}
