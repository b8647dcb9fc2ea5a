//! Standard streams.

use super::entry::{Decoder, Encoder, Entry, Listing};
use super::{Event, Stream};
use crate::error::{DecodeError, EncodeError};
use crate::items::begin;
use crate::json::Bytes;
use crate::value::cbor;
use serde::Serialize;
use serde::ser::SerializeSeq;

#[derive(Serialize)]
struct Line<'r> {
    event: &'static str,
    bytes: Bytes<'r>,
}

pub(super) struct Stdin;

impl Entry for Stdin {
    type Fields<'e> = &'e [u8];

    fn weight(bytes: &[u8]) -> usize {
        bytes.len()
    }

    fn write(bytes: &[u8], encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        begin("stdin", 2, &mut encoder.out);
        cbor::write_bytes(bytes, &mut encoder.out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        Ok(Event::Stdin(decoder.reader.buffer()?))
    }

    fn show<'r, S: SerializeSeq>(
        bytes: &'r [u8],
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        lines.serialize_element(&Line { event: "stdin", bytes: Bytes(bytes) })
    }
}

pub(super) struct Written;

impl Entry for Written {
    type Fields<'e> = (&'e Stream, &'e [u8]);

    fn weight((_, bytes): Self::Fields<'_>) -> usize {
        bytes.len()
    }

    fn write((stream, bytes): Self::Fields<'_>, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        begin(stream.name(), 2, &mut encoder.out);
        cbor::write_bytes(bytes, &mut encoder.out);
        Ok(())
    }

    fn read(sort: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let stream = sort.parse().unwrap_or(Stream::Stderr);
        Ok(Event::Written(stream, decoder.reader.buffer()?))
    }

    fn show<'r, S: SerializeSeq>(
        (stream, bytes): Self::Fields<'r>,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        lines.serialize_element(&Line { event: stream.name(), bytes: Bytes(bytes) })
    }
}
