//! A value that the service kept.

use super::entry::{Decoder, Encoder, Entry, Listing};
use super::{Event, Put};
use crate::error::{DecodeError, EncodeError};
use crate::items::begin;
use crate::value::cbor;
use crate::value::json::View;
use serde::Serialize;
use serde::ser::SerializeSeq;

impl Entry for Put {
    type Fields<'e> = &'e Self;

    fn weight(put: &Self) -> usize {
        size_of::<Self>() + put.key.len() + put.value.weight()
    }

    fn write(put: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("put", 3, out);
        cbor::write_text(&put.key, out);
        cbor::write(&put.value, out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        let (key, value) = (reader.string()?, reader.value()?);
        Ok(Event::Put(Box::new(Self { key, value })))
    }

    fn show<'r, S: SerializeSeq>(put: &'r Self, _: &mut Listing<'r>, lines: &mut S) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            key: &'r str,
            value: View<'r>,
        }
        lines.serialize_element(&Line { event: "put", key: &put.key, value: View(&put.value) })
    }
}
