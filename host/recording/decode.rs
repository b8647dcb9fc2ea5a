//! Reads the bytes of a `.tape` file; [`mod@format`] says what they are. Nothing in them is trusted: a file
//! that was crafted ends in an error, in bounded time and memory.

use super::format::{self, Limits};
use super::{
    Change, Changed, Clock, Contents, Event, Function, Header, Interception, Kind, Limit, Metadata, Outcome,
    Put, Readings, Recording, Refused, Seen, Sight, Stream, Unknown, exit_status, frame,
};
use crate::error::{DecodeError, corrupt, invalid};
use crate::value::cbor::Reader;
use crate::value::{Name, Value};

mod header;
mod readiness;

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
    let mut tape =
        Tape { content: &content, aliases: vec![None; header.functions.len()], header: &header, reader };
    let (events, outcome) = tape.read()?;
    Ok(Recording { header, events, outcome, contents: Contents::new(), metadata })
}

/// How many bytes of content the `.tape` file `stored` has by its own account. `None`: it does not say so.
pub fn content_size(stored: &[u8]) -> Option<u64> {
    frame::claimed_size(stored)
}

/// What follows the header.
struct Tape<'c> {
    content: &'c [u8],
    header: &'c Header,
    /// By function, the alias it has without a rule.
    aliases: Vec<Option<Name>>,
    reader: Reader<'c>,
}

impl Tape<'_> {
    /// The events, and the outcome where the end was written.
    fn read(&mut self) -> Result<(Vec<Event>, Option<Outcome>), DecodeError> {
        let mut events = Vec::new();
        while !self.reader.is_at_end() {
            let offset = self.reader.position();
            let (length, sort) = (self.reader.array()?, self.reader.text()?);
            let event = match (sort, length) {
                ("input", 5 | 6) => Event::Interception(self.interception(Kind::Input, length)?),
                ("output", 5 | 6) => Event::Interception(self.interception(Kind::Output, length)?),
                ("wall", 2..=4) => self.clock(Clock::Wall, length)?,
                ("monotonic", 2..=4) => self.clock(Clock::Monotonic, length)?,
                ("waiting", 2) => Event::Waiting(self.reader.unsigned()?),
                ("ended", 2) => Event::Ended(self.reader.unsigned()?),
                ("arrived", 4) => Event::Arrived(Box::new(readiness::arrival(&mut self.reader)?)),
                ("unready", 3) => Event::Unready(Box::new(readiness::unready(&mut self.reader)?)),
                ("ready", 4) => Event::Ready(readiness::answer(&mut self.reader)?),
                ("seen", 5) => Event::Seen(Box::new(self.seen()?)),
                ("refused", 5) => Event::Refused(Box::new(self.refused()?)),
                ("changed", 3) => Event::Changed(Box::new(self.changed()?)),
                ("put", 3) => {
                    let (key, value) = (self.reader.string()?, self.reader.value()?);
                    Event::Put(Box::new(Put { key, value }))
                }
                ("stdin", 2) => Event::Stdin(self.reader.buffer()?),
                ("stdout", 2) => Event::Written(Stream::Stdout, self.reader.buffer()?),
                ("stderr", 2) => Event::Written(Stream::Stderr, self.reader.buffer()?),
                (sort, 1..) if sort.starts_with(format::SKIPPABLE) && self.is_newer() => {
                    Event::Unknown(Box::new(self.unknown(sort, length, offset)?))
                }
                ("outcome", 2) => {
                    let outcome = outcome(&mut self.reader)?;
                    if outcome == Outcome::Abandoned {
                        return Err(invalid(offset, "an operation is never abandoned"));
                    }
                    let is_ended = self.end(events.len())?;
                    return Ok((events, is_ended.then_some(outcome)));
                }
                (sort, _) if self.is_newer() => {
                    let (id, found) = (self.header.id.clone(), self.header.minor);
                    return Err(DecodeError::NewerMinor { id, found, sort: sort.escape_debug().to_string() });
                }
                _ => {
                    return Err(invalid(
                        offset,
                        format!("`{}` of {length} items is no event", sort.escape_debug()),
                    ));
                }
            };
            self.reader.charge(size_of::<Event>())?;
            events.push(event);
        }
        Ok((events, None))
    }

    fn interception(&mut self, kind: Kind, length: usize) -> Result<Interception, DecodeError> {
        let offset = self.reader.position();
        let index = self.reader.unsigned()?;
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let functions = &self.header.functions;
        let Some(function) = functions.get(number as usize) else {
            return Err(invalid(
                offset,
                format!("function {index} is called, and there are {}", functions.len()),
            ));
        };
        let alias = match self.reader.null() {
            true => self.default_alias(number as usize, function),
            false => self.reader.name()?,
        };
        let arguments = self.reader.values()?;
        same_count(function, arguments.len(), offset)?;
        self.reader.charge(size_of::<Outcome>())?;
        Ok(Interception {
            function: number,
            kind,
            alias,
            arguments,
            outcome: outcome(&mut self.reader)?.into(),
            note: if length > 5 { Some(self.note()?) } else { None },
        })
    }

    /// Whether a build wrote it that knows more events than this one.
    fn is_newer(&self) -> bool {
        self.header.minor > format::MINOR
    }

    fn unknown(&mut self, sort: &str, length: usize, offset: usize) -> Result<Unknown, DecodeError> {
        for _ in 1..length {
            self.reader.value()?;
        }
        let bytes = self.content.get(offset..self.reader.position()).unwrap_or_default();
        self.reader.charge(size_of::<Unknown>() + sort.len() + bytes.len())?;
        Ok(Unknown { sort: sort.to_owned(), bytes: bytes.to_vec() })
    }

    fn note(&mut self) -> Result<Box<Value>, DecodeError> {
        let offset = self.reader.position();
        let note = self.reader.value()?;
        let (size, limit) = (self.reader.position() - offset, format::MAX_NOTE_BYTES);
        match size <= limit {
            true => Ok(Box::new(note)),
            false => Err(invalid(offset, format!("a note has {size} bytes, and the limit is {limit}"))),
        }
    }

    fn clock(&mut self, clock: Clock, length: usize) -> Result<Event, DecodeError> {
        let first = self.reader.unsigned()?;
        let readings = if length > 2 { self.readings(first, length == 3)? } else { first.into() };
        let epoch = if length > 3 { Some(self.reader.unsigned()?) } else { None };
        Ok(Event::Clock { clock, epoch, readings })
    }

    fn readings(&mut self, first: u64, must_have_changes: bool) -> Result<Readings, DecodeError> {
        let offset = self.reader.position();
        let changes = self.reader.buffer()?;
        if must_have_changes && changes.is_empty() {
            return Err(invalid(offset, "there are no further readings of the clock"));
        }
        let readings = Readings::from_changes(first, changes);
        let readings = readings.ok_or_else(|| invalid(offset, "these are no readings of a clock"))?;
        // The bytes themselves are charged already.
        self.reader.charge(readings.weight() - readings.changes().len())?;
        Ok(readings)
    }

    fn seen(&mut self) -> Result<Seen, DecodeError> {
        let path = self.reader.string()?;
        let offset = self.reader.position();
        let name = self.reader.text()?;
        let unknown = || invalid(offset, format!("`{}` is nothing to look for", name.escape_debug()));
        let look = name.parse().map_err(|_| unknown())?;
        let ordinal = self.reader.unsigned()?;
        let (offset, value) = (self.reader.position(), self.reader.value()?);
        let sight = Sight::from_value(look, &value);
        let sight = sight.ok_or_else(|| invalid(offset, format!("this is no {name} that was seen")))?;
        self.reader.charge(size_of::<Seen>() + sight.weight())?;
        Ok(Seen { path, look, ordinal, sight })
    }

    fn refused(&mut self) -> Result<Refused, DecodeError> {
        self.reader.charge(size_of::<Refused>())?;
        let (call, path) = (self.reader.string()?, self.reader.string()?);
        Ok(Refused { call, path, attempt: self.reader.unsigned()?, code: self.reader.string()? })
    }

    fn changed(&mut self) -> Result<Changed, DecodeError> {
        let path = self.reader.string()?;
        let (offset, value) = (self.reader.position(), self.reader.value()?);
        let change = Change::from_value(&value);
        let change = change.ok_or_else(|| invalid(offset, "this is nothing that a service can leave"))?;
        self.reader.charge(size_of::<Changed>() + value.weight())?;
        Ok(Changed { path, change })
    }

    fn default_alias(&mut self, index: usize, function: &Function) -> Name {
        let alias = || {
            let alias = format::default_alias(&function.name);
            if *alias == *function.name { function.name.clone() } else { alias.into() }
        };
        match self.aliases.get_mut(index) {
            Some(known) => known.get_or_insert_with(alias).clone(),
            None => alias(),
        }
    }

    /// Whether the end is there. If it is, it has to be right.
    fn end(&mut self, events: usize) -> Result<bool, DecodeError> {
        let offset = self.reader.position();
        if self.reader.is_at_end() {
            return Ok(false);
        }
        if (self.reader.array()?, self.reader.text()?) != (3, "end") {
            return Err(invalid(offset, "the end does not follow the outcome"));
        }
        let counted = self.reader.unsigned()?;
        if counted != events as u64 {
            return Err(corrupt(format!("it ends after {counted} events and has {events}")));
        }
        if *self.reader.bytes()? != format::digest(self.content.get(..offset).unwrap_or_default()) {
            return Err(corrupt("its content does not have the digest that was written with it"));
        }
        match self.reader.is_at_end() {
            true => Ok(true),
            false => Err(invalid(self.reader.position(), "something follows the end")),
        }
    }
}

fn same_count(function: &Function, arguments: usize, offset: usize) -> Result<(), DecodeError> {
    let parameters = function.parameters.len();
    if parameters == arguments {
        return Ok(());
    }
    let name = function.name.escape_debug();
    let reason = format!("`{name}` has {parameters} parameters and is called with {arguments} arguments");
    Err(invalid(offset, reason))
}

fn outcome(reader: &mut Reader<'_>) -> Result<Outcome, DecodeError> {
    let offset = reader.position();
    match (reader.array()?, reader.text()?) {
        (2, "returned") => Ok(Outcome::Returned(reader.value()?)),
        (2, "trapped") => {
            let reason = reader.string()?;
            Ok(exit_status(&reason).map_or(Outcome::Trapped(reason), Outcome::Exited))
        }
        (3, "stopped") => Ok(Outcome::Stopped(limit(reader)?)),
        (1, "abandoned") => Ok(Outcome::Abandoned),
        (_, other) => Err(invalid(offset, format!("`{}` is no outcome", other.escape_debug()))),
    }
}

fn limit(reader: &mut Reader<'_>) -> Result<Limit, DecodeError> {
    let offset = reader.position();
    let name = reader.text()?;
    let Ok(kind) = name.parse() else {
        return Err(invalid(offset, format!("`{}` is no limit", name.escape_debug())));
    };
    Ok(Limit { kind, text: reader.string()? })
}
