//! Writes a recording as the bytes of a `.tape` file; [`mod@format`] says what they are.

use super::format::{self, Limits};
use super::{Event, Function, GrantedFolder, Header, Outcome, Recording, frame};
use crate::error::EncodeError;
use crate::event::Encoder;
use crate::items::{begin, write_array, write_pair, write_values};
use crate::value::{Name, Value, cbor};

/// A recording of one input and one output takes less.
const FIRST_ALLOCATION: usize = 4096;

/// How many times as large as its bytes what a reader holds can be: a value of one byte, rounded up.
const LARGEST_GROWTH: usize = 40;

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
    header.operation.check_count(header.arguments.len()).map_err(EncodeError::Inconsistent)?;
    write_header(header, &mut out);
    let mut encoder = Encoder::new(header, out);
    for event in events {
        event.write(&mut encoder)?;
        within("content", encoder.out.len(), limits.content)?;
    }
    let mut out = encoder.out;
    if let Some(outcome) = outcome {
        begin("outcome", 2, &mut out);
        outcome.write(&mut out);
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

fn within(limit: &'static str, size: usize, allowed: usize) -> Result<(), EncodeError> {
    if size > allowed { Err(EncodeError::TooLarge { limit, size, allowed }) } else { Ok(()) }
}

/// What a reader charges itself for the recording's values, beyond the bytes of its texts.
fn weight(recording: &Recording) -> usize {
    let of_values = |values: &[Value]| values.iter().map(Value::weight).sum::<usize>();
    let Header { arguments, functions, environment, program_arguments, folders, secret_headers, .. } =
        &recording.header;
    let of_function =
        |function: &Function| size_of::<Function>() + size_of::<Name>() * function.parameters.len();
    of_values(arguments)
        + functions.iter().map(of_function).sum::<usize>()
        + size_of::<(String, String)>() * environment.len()
        + size_of::<String>() * (program_arguments.len() + secret_headers.len())
        + size_of::<GrantedFolder>() * folders.len()
        + recording.events.iter().map(Event::charge).sum::<usize>()
        + recording.outcome.as_ref().map_or(0, Outcome::weight)
}
