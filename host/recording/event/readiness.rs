//! When the sources that a service waits for became ready.

use super::Event;
use super::entry::{Decoder, Encoder, Entry, Listing};
use super::source::{self, Waited};
use crate::error::{DecodeError, EncodeError, invalid};
use crate::items::{begin, write_array};
use crate::value::cbor::{self, Reader};
use crate::{Arrival, Asked, Readiness, Unready};
use serde::Serialize;
use serde::ser::SerializeSeq;

impl Entry for Arrival {
    type Fields<'e> = &'e Self;

    fn weight(arrival: &Self) -> usize {
        let of_source = |asked: &Asked| size_of::<Asked>() + asked.source.weight();
        arrival.sources.iter().map(of_source).sum()
    }

    fn write(arrival: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("arrived", 4, out);
        cbor::write_unsigned(arrival.at, out);
        cbor::write_text(arrival.found.name(), out);
        write_array(&arrival.sources, source::write, out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        let at = reader.unsigned()?;
        let offset = reader.position();
        let name = reader.text()?;
        let unknown = || invalid(offset, format!("`{}` is not a way to find a source", name.escape_debug()));
        let found = name.parse().map_err(|_| unknown())?;
        let offset = reader.position();
        let number = reader.array()?;
        if number == 0 {
            return Err(invalid(offset, "an arrival has no source"));
        }
        reader.charge(number.saturating_mul(size_of::<Asked>()))?;
        let mut sources = Vec::with_capacity(number);
        for _ in 0..number {
            sources.push(source::read(reader)?);
        }
        Ok(Event::Arrived(Self { at, found, sources }))
    }

    fn show<'r, S: SerializeSeq>(
        arrival: &'r Self,
        listing: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        show("ready", arrival.at, &arrival.sources, listing, lines)
    }
}

impl Entry for Unready {
    type Fields<'e> = &'e Self;

    fn weight(unready: &Self) -> usize {
        size_of::<Self>() + unready.asked.source.weight()
    }

    fn write(unready: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("unready", 3, out);
        cbor::write_unsigned(unready.at, out);
        source::write(&unready.asked, out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        reader.charge(size_of::<Self>())?;
        let (at, asked) = (reader.unsigned()?, source::read(reader)?);
        Ok(Event::Unready(Box::new(Self { at, asked })))
    }

    fn show<'r, S: SerializeSeq>(
        unready: &'r Self,
        listing: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        show("never-ready", unready.at, std::slice::from_ref(&unready.asked), listing, lines)
    }
}

fn show<S: SerializeSeq>(
    event: &'static str,
    nanoseconds: u64,
    sources: &[Asked],
    listing: &Listing<'_>,
    lines: &mut S,
) -> Result<(), S::Error> {
    #[derive(Serialize)]
    struct Line<'r> {
        event: &'static str,
        nanoseconds: u64,
        sources: Vec<Waited<'r>>,
    }
    let sources = sources.iter().map(|asked| Waited::of(&asked.source, listing)).collect();
    lines.serialize_element(&Line { event, nanoseconds, sources })
}

impl Entry for Readiness {
    type Fields<'e> = &'e Self;

    fn weight(readiness: &Self) -> usize {
        size_of_val(&*readiness.ready)
    }

    fn write(readiness: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("ready", 4, out);
        cbor::write_unsigned(readiness.question, out);
        cbor::write_unsigned(readiness.questions, out);
        write_array(&readiness.ready, |position, out| cbor::write_unsigned(u64::from(*position), out), out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        let (question, questions) = (reader.unsigned()?, reader.unsigned()?);
        let positions = reader.array()?;
        reader.charge(positions.saturating_mul(size_of::<u32>()))?;
        let position = |reader: &mut Reader<'_>| {
            let (offset, position) = (reader.position(), reader.unsigned()?);
            u32::try_from(position)
                .map_err(|_| invalid(offset, format!("{position} is not a position in a list")))
        };
        let ready = (0..positions).map(|_| position(reader)).collect::<Result<_, _>>()?;
        Ok(Event::Ready(Self { question, questions, ready }))
    }

    fn show<'r, S: SerializeSeq>(
        readiness: &'r Self,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            positions: &'r [u32],
        }
        lines.serialize_element(&Line { event: "ready", positions: &readiness.ready })
    }
}
