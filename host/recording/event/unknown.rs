//! An event of a newer minor version of the format, which may be skipped.

use super::entry::{Decoder, Encoder, Entry, Listing};
use super::{Event, Unknown};
use crate::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::ser::SerializeSeq;

impl Entry for Unknown {
    type Fields<'e> = &'e Self;

    fn weight(unknown: &Self) -> usize {
        size_of::<Self>() + unknown.sort.len() + 2 * unknown.bytes.len()
    }

    fn write(unknown: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        encoder.out.extend_from_slice(&unknown.bytes);
        Ok(())
    }

    fn read(sort: &str, items: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let Decoder { content, reader, offset, .. } = decoder;
        for _ in 1..items {
            reader.value()?;
        }
        let bytes = content.get(*offset..reader.position()).unwrap_or_default();
        reader.charge(size_of::<Self>() + sort.len() + bytes.len())?;
        Ok(Event::Unknown(Box::new(Self { sort: sort.to_owned(), bytes: bytes.to_vec() })))
    }

    fn show<'r, S: SerializeSeq>(
        unknown: &'r Self,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            sort: &'r str,
        }
        lines.serialize_element(&Line { event: "unknown", sort: &unknown.sort })
    }
}
