//! Reads the bytes of a `.tape` file; [`mod@format`] says what they are. Nothing in them is trusted: a file
//! that was crafted ends in an error, in bounded time and memory.

use super::format::{self, Limits};
use super::{Contents, Event, Header, Metadata, Outcome, Recording, frame};
use crate::error::{DecodeError, corrupt, invalid};
use crate::event::Decoder;
use crate::value::cbor::Reader;

mod header;

/// The recording in `stored`, the bytes of a `.tape` file, that is kept under the name in `metadata`.
///
/// # Errors
///
/// Each way in which the bytes are not that recording, whole and within `limits`.
pub fn decode(stored: &[u8], metadata: Metadata, limits: &Limits) -> Result<Recording, DecodeError> {
    if stored.len() > limits.stored {
        let size = Some(stored.len() as u64);
        return Err(DecodeError::TooLarge { limit: "stored", size, allowed: limits.stored });
    }
    let content = frame::unpack(stored, limits.content)?;
    let mut reader = Reader::new(&content, limits.decoded);
    let header = header::read(&mut reader, &metadata.id)?;
    let mut tape = Tape { header: &header, decoder: Decoder::new(&header, &content, reader) };
    let (events, outcome) = tape.read()?;
    Ok(Recording { header, events, outcome, contents: Contents::new(), metadata })
}

/// How many bytes of content the `.tape` file `stored` has by its own account. `None`: it does not say so.
pub fn content_size(stored: &[u8]) -> Option<u64> {
    frame::claimed_size(stored)
}

/// What follows the header.
struct Tape<'c> {
    header: &'c Header,
    decoder: Decoder<'c>,
}

impl Tape<'_> {
    /// The events, and the outcome where the end was written.
    fn read(&mut self) -> Result<(Vec<Event>, Option<Outcome>), DecodeError> {
        let mut events = Vec::new();
        while !self.decoder.reader.is_at_end() {
            let reader = &mut self.decoder.reader;
            let offset = reader.position();
            let (length, sort) = (reader.array()?, reader.text()?);
            self.decoder.offset = offset;
            match Event::read(sort, length, &mut self.decoder)? {
                Some(event) => {
                    self.decoder.reader.charge(size_of::<Event>())?;
                    events.push(event);
                }
                None if (sort, length) == ("outcome", 2) => {
                    let outcome = self.outcome(offset)?;
                    let is_ended = self.end(events.len())?;
                    return Ok((events, is_ended.then_some(outcome)));
                }
                None => return Err(self.unknown(sort, length, offset)),
            }
        }
        Ok((events, None))
    }

    fn outcome(&mut self, offset: usize) -> Result<Outcome, DecodeError> {
        match Outcome::read(&mut self.decoder.reader)? {
            Outcome::Abandoned => Err(invalid(offset, "an operation is never abandoned")),
            outcome => Ok(outcome),
        }
    }

    fn unknown(&self, sort: &str, length: usize, offset: usize) -> DecodeError {
        let sort = sort.escape_debug();
        match self.decoder.is_newer() {
            true => {
                let (id, found) = (self.header.id.clone(), self.header.minor);
                DecodeError::NewerMinor { id, found, sort: sort.to_string() }
            }
            false => invalid(offset, format!("`{sort}` of {length} items is not an event")),
        }
    }

    /// Whether the end is there. If it is, it has to be right.
    fn end(&mut self, events: usize) -> Result<bool, DecodeError> {
        let Decoder { content, reader, .. } = &mut self.decoder;
        let offset = reader.position();
        if reader.is_at_end() {
            return Ok(false);
        }
        if (reader.array()?, reader.text()?) != (3, "end") {
            return Err(invalid(offset, "the end does not follow the outcome"));
        }
        let counted = reader.unsigned()?;
        if counted != events as u64 {
            return Err(corrupt(format!("it ends after {counted} events and has {events}")));
        }
        if *reader.bytes()? != format::digest(content.get(..offset).unwrap_or_default()) {
            return Err(corrupt("its content does not have the digest that was written with it"));
        }
        match reader.is_at_end() {
            true => Ok(true),
            false => Err(invalid(reader.position(), "something follows the end")),
        }
    }
}
