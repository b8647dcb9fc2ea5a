//! Events that are one number: a call that was over, and the wait in which an operation was stopped.

use super::Event;
use super::entry::{Decoder, Encoder, Entry, Listing};
use crate::error::{DecodeError, EncodeError};
use crate::items::begin;
use crate::value::cbor;
use serde::Serialize;
use serde::ser::SerializeSeq;

pub(super) struct Ended;

impl Entry for Ended {
    type Fields<'e> = &'e u64;

    fn weight(_: &u64) -> usize {
        0
    }

    fn write(position: &u64, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        begin("ended", 2, &mut encoder.out);
        cbor::write_unsigned(*position, &mut encoder.out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        Ok(Event::Ended(decoder.reader.unsigned()?))
    }

    fn show<'r, S: SerializeSeq>(
        position: &'r u64,
        listing: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line {
            event: &'static str,
            number: Option<usize>,
        }
        lines.serialize_element(&Line { event: "ended", number: listing.number_at(*position) })
    }
}

pub(super) struct Waiting;

impl Entry for Waiting {
    type Fields<'e> = &'e u64;

    fn weight(_: &u64) -> usize {
        0
    }

    fn write(wait: &u64, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        begin("waiting", 2, &mut encoder.out);
        cbor::write_unsigned(*wait, &mut encoder.out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        Ok(Event::Waiting(decoder.reader.unsigned()?))
    }

    fn show<'r, S: SerializeSeq>(wait: &'r u64, _: &mut Listing<'r>, lines: &mut S) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line {
            event: &'static str,
            wait: u64,
        }
        lines.serialize_element(&Line { event: "waiting", wait: *wait })
    }
}
