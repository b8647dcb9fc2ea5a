//! Readings of a clock.

use super::entry::{Decoder, Encoder, Entry, Listing};
use super::{Clock, Event};
use crate::Readings;
use crate::error::{DecodeError, EncodeError, invalid};
use crate::items::begin;
use crate::value::cbor::{self, Reader};
use serde::Serialize;
use serde::ser::SerializeSeq;

pub(super) struct ClockReadings;

impl Entry for ClockReadings {
    type Fields<'e> = (&'e Clock, &'e Option<u64>, &'e Readings);

    fn weight((_, _, readings): Self::Fields<'_>) -> usize {
        readings.weight()
    }

    fn write(
        (clock, epoch, readings): Self::Fields<'_>,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), EncodeError> {
        let (out, changes) = (&mut encoder.out, readings.changes());
        let items = match epoch {
            Some(_) => 4,
            None if changes.is_empty() => 2,
            None => 3,
        };
        begin(clock.name(), items, out);
        cbor::write_unsigned(readings.first(), out);
        if items > 2 {
            cbor::write_bytes(changes, out);
        }
        if let Some(epoch) = epoch {
            cbor::write_unsigned(*epoch, out);
        }
        Ok(())
    }

    fn read(sort: &str, items: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let clock = sort.parse().unwrap_or(Clock::Monotonic);
        let reader = &mut decoder.reader;
        let first = reader.unsigned()?;
        let readings = if items > 2 { further(first, items == 3, reader)? } else { first.into() };
        let epoch = if items > 3 { Some(reader.unsigned()?) } else { None };
        Ok(Event::Clock { clock, epoch, readings })
    }

    /// Each reading is an object of its own.
    fn show<'r, S: SerializeSeq>(
        (clock, _, readings): Self::Fields<'r>,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line {
            event: &'static str,
            nanoseconds: u64,
        }
        let mut line = |nanoseconds| lines.serialize_element(&Line { event: clock.name(), nanoseconds });
        readings.iter().try_for_each(&mut line)
    }
}

/// The readings after the first.
fn further(first: u64, must_have_some: bool, reader: &mut Reader<'_>) -> Result<Readings, DecodeError> {
    let offset = reader.position();
    let changes = reader.buffer()?;
    if must_have_some && changes.is_empty() {
        return Err(invalid(offset, "there are no further readings of the clock"));
    }
    let readings = Readings::from_changes(first, changes);
    let readings = readings.ok_or_else(|| invalid(offset, "these are not readings of a clock"))?;
    // The bytes themselves are charged already.
    reader.charge(readings.weight() - readings.changes().len())?;
    Ok(readings)
}
