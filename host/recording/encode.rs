//! Writes a recording as the bytes of a `.tape` file; [`mod@format`] says what they are.

use super::format::{self, Limits};
use super::{
    Arrival, Asked, Changed, Clock, Event, Function, GrantedFolder, Header, Interception, Kind, Outcome, Put,
    Readiness, Readings, Recording, Refused, Seen, Source, Stream, Unknown, Unready, exited, frame,
};
use crate::value::{Name, Value, cbor};
use std::io;

/// A recording of one input and one output takes less.
const FIRST_ALLOCATION: usize = 4096;

/// How many times as large as its bytes what a reader holds can be: a value of one byte, rounded up.
const LARGEST_GROWTH: usize = 40;

/// Why a recording cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// It is larger than a reader may hold.
    #[error(
        "the recording is too large: it takes {size} bytes or more, and the limit is {allowed} (`{limit}`); \
         record less in one operation, or raise the limit"
    )]
    TooLarge {
        /// Which of [`Limits`].
        limit: &'static str,
        /// How much it takes at least, in bytes.
        size: usize,
        /// The limit, in bytes.
        allowed: usize,
    },
    /// It contradicts itself, so that no reader would take it.
    #[error("the recording cannot be written: {0}")]
    Inconsistent(String),
    /// zstd failed.
    #[error("the recording cannot be compressed")]
    Compression(#[from] io::Error),
}

/// The recording as a `.tape` file. Its [`metadata`](Recording::metadata) is not part of it.
///
/// # Errors
///
/// It is larger than `limits`, or a call in it does not have a function or an argument for each parameter.
pub fn encode(recording: &Recording, limits: &Limits) -> Result<Vec<u8>, EncodeError> {
    compress(&serialize(recording, limits)?, limits)
}

/// The content of the recording's `.tape` file: what [`compress`] makes the file of.
///
/// # Errors
///
/// It is larger than `limits`, or a call in it does not have a function or an argument for each parameter.
pub fn serialize(recording: &Recording, limits: &Limits) -> Result<Vec<u8>, EncodeError> {
    let files = recording.contents.values().map(|bytes| bytes.len()).sum();
    within("contents", files, usize::try_from(limits.contents).unwrap_or(usize::MAX))?;
    let content = content(recording, limits)?;
    if content.len().saturating_mul(LARGEST_GROWTH) > limits.decoded {
        within("decoded", content.len().saturating_add(weight(recording)), limits.decoded)?;
    }
    Ok(content)
}

/// The `.tape` file with this content. Most of the time that [`encode`] takes is spent here.
///
/// # Errors
///
/// It is larger than `limits`.
pub fn compress(content: &[u8], limits: &Limits) -> Result<Vec<u8>, EncodeError> {
    let stored = frame::pack(content)?;
    within("stored", stored.len(), limits.stored)?;
    Ok(stored)
}

fn content(recording: &Recording, limits: &Limits) -> Result<Vec<u8>, EncodeError> {
    let Recording { header, events, outcome, contents: _, metadata: _ } = recording;
    let mut out = Vec::with_capacity(FIRST_ALLOCATION);
    same_count(&header.operation, &header.arguments)?;
    write_header(header, &mut out);
    let defaults: Vec<String> =
        header.functions.iter().map(|function| format::default_alias(&function.name)).collect();
    for event in events {
        match event {
            Event::Interception(call) => {
                let index = call.function as usize;
                let (Some(function), Some(default)) = (header.functions.get(index), defaults.get(index))
                else {
                    let functions = header.functions.len();
                    let reason = format!("`{}` calls function {index} of {functions}", call.alias);
                    return Err(EncodeError::Inconsistent(reason));
                };
                same_count(function, &call.arguments)?;
                write_interception(call, default, &mut out)?;
            }
            Event::Clock { clock, epoch, readings } => write_readings(*clock, *epoch, readings, &mut out),
            Event::Arrived(arrival) => write_arrival(arrival, &mut out),
            Event::Unready(unready) => write_unready(unready, &mut out),
            Event::Ready(readiness) => write_readiness(readiness, &mut out),
            Event::Waiting(wait) => write_number("waiting", *wait, &mut out),
            Event::Ended(call) => write_number("ended", *call, &mut out),
            Event::Seen(seen) => write_seen(seen, &mut out),
            Event::Refused(refused) => write_refused(refused, &mut out),
            Event::Changed(changed) => write_changed(changed, &mut out),
            Event::Put(put) => write_put(put, &mut out),
            Event::Stdin(bytes) => write_stream("stdin", bytes, &mut out),
            Event::Written(Stream::Stdout, bytes) => write_stream("stdout", bytes, &mut out),
            Event::Written(Stream::Stderr, bytes) => write_stream("stderr", bytes, &mut out),
            Event::Unknown(unknown) => out.extend_from_slice(&unknown.bytes),
        }
        within("content", out.len(), limits.content)?;
    }
    if let Some(outcome) = outcome {
        begin("outcome", 2, &mut out);
        write_outcome(outcome, &mut out);
        let digest = format::digest(&out);
        begin("end", 3, &mut out);
        cbor::write_unsigned(events.len() as u64, &mut out);
        cbor::write_bytes(&digest, &mut out);
    }
    within("content", out.len(), limits.content)?;
    Ok(out)
}

fn write_header(header: &Header, out: &mut Vec<u8>) {
    let optional = usize::from(header.minor > 0) + usize::from(header.file_limit.is_some());
    cbor::write_map(13 + optional, out);
    cbor::write_text("format", out);
    cbor::write_unsigned(format::VERSION, out);
    if header.minor > 0 {
        cbor::write_text("minor", out);
        cbor::write_unsigned(header.minor, out);
    }
    write_pair("id", header.id.as_str(), out);
    cbor::write_text("operation", out);
    write_function(&header.operation, out);
    cbor::write_text("arguments", out);
    write_values(&header.arguments, out);
    write_pair("component", &header.component, out);
    write_pair("host", &header.host, out);
    cbor::write_text("functions", out);
    write_array(&header.functions, write_function, out);
    cbor::write_text("seed", out);
    cbor::write_bytes(&header.seed, out);
    cbor::write_text("environment", out);
    write_array(&header.environment, write_variable, out);
    cbor::write_text("program-arguments", out);
    write_array(&header.program_arguments, |argument, out| cbor::write_text(argument, out), out);
    cbor::write_text("folders", out);
    write_array(&header.folders, write_folder, out);
    cbor::write_text("sockets", out);
    cbor::write(&Value::Bool(header.sockets), out);
    cbor::write_text("secret-headers", out);
    write_array(&header.secret_headers, |name, out| cbor::write_text(name, out), out);
    if let Some(limit) = header.file_limit {
        cbor::write_text("file-limit", out);
        cbor::write_unsigned(limit, out);
    }
}

fn write_pair(key: &str, text: &str, out: &mut Vec<u8>) {
    cbor::write_text(key, out);
    cbor::write_text(text, out);
}

fn write_variable((name, value): &(String, String), out: &mut Vec<u8>) {
    cbor::write_array(2, out);
    write_pair(name, value, out);
}

fn write_folder(folder: &GrantedFolder, out: &mut Vec<u8>) {
    cbor::write_array(2, out);
    write_pair(&folder.guest, if folder.is_read_only { "ro" } else { "rw" }, out);
}

fn write_function(function: &Function, out: &mut Vec<u8>) {
    cbor::write_array(3, out);
    cbor::write_text(&function.name, out);
    write_array(&function.parameters, |name, out| cbor::write_text(name, out), out);
    cbor::write_text(&function.signature, out);
}

fn write_interception(
    call: &Interception,
    default_alias: &str,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let sort = match call.kind {
        Kind::Input => "input",
        Kind::Output => "output",
    };
    begin(sort, 5 + usize::from(call.note.is_some()), out);
    cbor::write_unsigned(u64::from(call.function), out);
    match *call.alias == *default_alias {
        true => cbor::write_null(out),
        false => cbor::write_text(&call.alias, out),
    }
    write_values(&call.arguments, out);
    write_outcome(&call.outcome, out);
    call.note.as_ref().map_or(Ok(()), |note| write_note(call, note, out))
}

fn write_note(call: &Interception, note: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let offset = out.len();
    cbor::write(note, out);
    let (size, limit) = (out.len() - offset, format::MAX_NOTE_BYTES);
    if size > limit {
        let reason =
            format!("the note of a call of `{}` has {size} bytes, and the limit is {limit}", call.alias);
        return Err(EncodeError::Inconsistent(reason));
    }
    Ok(())
}

fn write_outcome(outcome: &Outcome, out: &mut Vec<u8>) {
    match outcome {
        Outcome::Returned(value) => {
            begin("returned", 2, out);
            cbor::write(value, out);
        }
        Outcome::Trapped(reason) => {
            begin("trapped", 2, out);
            cbor::write_text(reason, out);
        }
        Outcome::Exited(status) => {
            begin("trapped", 2, out);
            cbor::write_text(&exited(*status), out);
        }
        Outcome::Stopped(limit) => {
            begin("stopped", 3, out);
            cbor::write_text(limit.kind.name(), out);
            cbor::write_text(&limit.text, out);
        }
        Outcome::Abandoned => begin("abandoned", 1, out),
    }
}

fn write_number(sort: &str, number: u64, out: &mut Vec<u8>) {
    begin(sort, 2, out);
    cbor::write_unsigned(number, out);
}

fn write_readings(clock: Clock, epoch: Option<u64>, readings: &Readings, out: &mut Vec<u8>) {
    let clock = match clock {
        Clock::Wall => "wall",
        Clock::Monotonic => "monotonic",
    };
    let changes = readings.changes();
    let length = match epoch {
        Some(_) => 4,
        None if changes.is_empty() => 2,
        None => 3,
    };
    begin(clock, length, out);
    cbor::write_unsigned(readings.first(), out);
    if length > 2 {
        cbor::write_bytes(changes, out);
    }
    if let Some(epoch) = epoch {
        cbor::write_unsigned(epoch, out);
    }
}

fn write_put(put: &Put, out: &mut Vec<u8>) {
    begin("put", 3, out);
    cbor::write_text(&put.key, out);
    cbor::write(&put.value, out);
}

fn write_arrival(arrival: &Arrival, out: &mut Vec<u8>) {
    begin("arrived", 4, out);
    cbor::write_unsigned(arrival.at, out);
    cbor::write_text(arrival.found.name(), out);
    write_array(&arrival.sources, write_asked, out);
}

fn write_unready(unready: &Unready, out: &mut Vec<u8>) {
    begin("unready", 3, out);
    cbor::write_unsigned(unready.at, out);
    write_asked(&unready.asked, out);
}

fn write_asked(asked: &Asked, out: &mut Vec<u8>) {
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

fn write_readiness(readiness: &Readiness, out: &mut Vec<u8>) {
    begin("ready", 4, out);
    cbor::write_unsigned(readiness.question, out);
    cbor::write_unsigned(readiness.questions, out);
    write_array(&readiness.ready, |position, out| cbor::write_unsigned(u64::from(*position), out), out);
}

fn write_seen(seen: &Seen, out: &mut Vec<u8>) {
    begin("seen", 5, out);
    cbor::write_text(&seen.path, out);
    cbor::write_text(seen.look.name(), out);
    cbor::write_unsigned(seen.ordinal, out);
    cbor::write(&seen.sight.to_value(), out);
}

fn write_refused(refused: &Refused, out: &mut Vec<u8>) {
    begin("refused", 5, out);
    write_pair(&refused.call, &refused.path, out);
    cbor::write_unsigned(refused.attempt, out);
    cbor::write_text(&refused.code, out);
}

fn write_changed(changed: &Changed, out: &mut Vec<u8>) {
    begin("changed", 3, out);
    cbor::write_text(&changed.path, out);
    cbor::write(&changed.change.to_value(), out);
}

fn write_stream(stream: &str, bytes: &[u8], out: &mut Vec<u8>) {
    begin(stream, 2, out);
    cbor::write_bytes(bytes, out);
}

fn write_values(values: &[Value], out: &mut Vec<u8>) {
    write_array(values, cbor::write, out);
}

fn write_array<T>(items: &[T], write: fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    cbor::write_array(items.len(), out);
    items.iter().for_each(|item| write(item, out));
}

fn begin(sort: &str, length: usize, out: &mut Vec<u8>) {
    cbor::write_array(length, out);
    cbor::write_text(sort, out);
}

fn same_count(function: &Function, arguments: &[Value]) -> Result<(), EncodeError> {
    let (parameters, arguments) = (function.parameters.len(), arguments.len());
    if parameters == arguments {
        return Ok(());
    }
    let name = &function.name;
    let reason = format!("`{name}` has {parameters} parameters and was called with {arguments} arguments");
    Err(EncodeError::Inconsistent(reason))
}

fn within(limit: &'static str, size: usize, allowed: usize) -> Result<(), EncodeError> {
    if size > allowed { Err(EncodeError::TooLarge { limit, size, allowed }) } else { Ok(()) }
}

/// What a reader charges itself for the recording's values, beyond the bytes of its texts.
fn weight(recording: &Recording) -> usize {
    let of_values = |values: &[Value]| values.iter().map(Value::weight).sum::<usize>();
    let of_event = |event: &Event| {
        size_of::<Event>()
            + match event {
                Event::Interception(call) => {
                    let note = call.note.as_ref().map_or(0, |note| note.weight());
                    of_values(&call.arguments) + size_of::<Outcome>() + call.outcome.weight() + note
                }
                Event::Waiting(_) | Event::Ended(_) => 0,
                Event::Clock { readings, .. } => readings.weight(),
                // The value that is read first, and what is made of it.
                Event::Seen(seen) => {
                    size_of::<Seen>() + seen.path.len() + seen.sight.to_value().weight() + seen.sight.weight()
                }
                Event::Refused(refused) => {
                    size_of::<Refused>() + refused.call.len() + refused.path.len() + refused.code.len()
                }
                Event::Changed(changed) => {
                    size_of::<Changed>() + changed.path.len() + 2 * changed.change.to_value().weight()
                }
                Event::Arrived(arrival) => {
                    let of_source = |asked: &Asked| size_of::<Asked>() + asked.source.weight();
                    size_of::<Arrival>() + arrival.sources.iter().map(of_source).sum::<usize>()
                }
                Event::Unready(unready) => size_of::<Unready>() + unready.asked.source.weight(),
                Event::Ready(readiness) => size_of_val(&*readiness.ready),
                Event::Put(put) => size_of::<Put>() + put.key.len() + put.value.weight(),
                Event::Stdin(bytes) | Event::Written(_, bytes) => bytes.len(),
                Event::Unknown(unknown) => {
                    size_of::<Unknown>() + unknown.sort.len() + 2 * unknown.bytes.len()
                }
            }
    };
    let Header { arguments, functions, environment, program_arguments, folders, secret_headers, .. } =
        &recording.header;
    let of_function =
        |function: &Function| size_of::<Function>() + size_of::<Name>() * function.parameters.len();
    of_values(arguments)
        + functions.iter().map(of_function).sum::<usize>()
        + size_of::<(String, String)>() * environment.len()
        + size_of::<String>() * (program_arguments.len() + secret_headers.len())
        + size_of::<GrantedFolder>() * folders.len()
        + recording.events.iter().map(of_event).sum::<usize>()
        + recording.outcome.as_ref().map_or(0, Outcome::weight)
}
