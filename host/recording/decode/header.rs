//! The first item of a recording: what was called, and on what.

use crate::error::{DecodeError, invalid};
use crate::value::Value;
use crate::value::cbor::Reader;
use crate::{Function, GrantedFolder, Header, RecordingId, format};

type Read<T> = Result<T, DecodeError>;

/// What has been read of a header, in whatever order it came.
#[derive(Default)]
struct Found {
    minor: Option<u64>,
    id: Option<RecordingId>,
    operation: Option<Function>,
    arguments: Option<Vec<Value>>,
    component: Option<String>,
    host: Option<String>,
    functions: Option<Vec<Function>>,
    seed: Option<[u8; 32]>,
    environment: Option<Vec<(String, String)>>,
    program_arguments: Option<Vec<String>>,
    folders: Option<Vec<GrantedFolder>>,
    sockets: Option<bool>,
    secret_headers: Option<Vec<String>>,
    file_limit: Option<u64>,
}

/// Reads the header of the recording that is kept under the name `id`.
pub(super) fn read(reader: &mut Reader<'_>, id: &RecordingId) -> Read<Header> {
    let entries = version(reader, id)?;
    let mut found = Found::default();
    for _ in 1..entries {
        let offset = reader.position();
        let key = reader.text()?;
        let is_repeated = match key {
            "minor" => found.minor.replace(reader.unsigned()?).is_some(),
            "id" => found.id.replace(own_id(reader, id)?).is_some(),
            "operation" => found.operation.replace(function(reader)?).is_some(),
            "arguments" => found.arguments.replace(reader.values()?).is_some(),
            "component" => found.component.replace(reader.string()?).is_some(),
            "host" => found.host.replace(reader.string()?).is_some(),
            "functions" => found.functions.replace(array(reader, function)?).is_some(),
            "seed" => found.seed.replace(seed(reader)?).is_some(),
            "environment" => found.environment.replace(array(reader, variable)?).is_some(),
            "program-arguments" => found.program_arguments.replace(array(reader, string)?).is_some(),
            "folders" => found.folders.replace(array(reader, folder)?).is_some(),
            "sockets" => found.sockets.replace(boolean(reader)?).is_some(),
            "secret-headers" => found.secret_headers.replace(array(reader, string)?).is_some(),
            "file-limit" => found.file_limit.replace(reader.unsigned()?).is_some(),
            // A later build may say more without a new format.
            _ => reader.value().map(|_| false)?,
        };
        if is_repeated {
            return Err(invalid(offset, format!("the header has `{key}` twice")));
        }
    }
    complete(found, reader.position())
}

fn complete(found: Found, offset: usize) -> Read<Header> {
    let missing = |key: &'static str| move || invalid(offset, format!("the header ends without `{key}`"));
    let header = Header {
        minor: found.minor.unwrap_or_default(),
        id: found.id.ok_or_else(missing("id"))?,
        operation: found.operation.ok_or_else(missing("operation"))?,
        arguments: found.arguments.ok_or_else(missing("arguments"))?,
        component: found.component.ok_or_else(missing("component"))?,
        host: found.host.ok_or_else(missing("host"))?,
        functions: found.functions.ok_or_else(missing("functions"))?,
        seed: found.seed.ok_or_else(missing("seed"))?,
        environment: found.environment.ok_or_else(missing("environment"))?,
        program_arguments: found.program_arguments.ok_or_else(missing("program-arguments"))?,
        folders: found.folders.ok_or_else(missing("folders"))?,
        sockets: found.sockets.ok_or_else(missing("sockets"))?,
        // Builds that knew nothing of HTTP did not write it.
        secret_headers: found.secret_headers.unwrap_or_default(),
        file_limit: found.file_limit,
    };
    let checked = header.operation.check_count(header.arguments.len());
    checked.map_err(|reason| invalid(offset, reason))?;
    Ok(header)
}

/// How many entries the header has. The first says which format it is; nothing else can be known before.
fn version(reader: &mut Reader<'_>, id: &RecordingId) -> Read<usize> {
    let entries = reader.map().ok().filter(|entries| *entries > 0 && reader.text() == Ok("format"));
    let version = reader.unsigned().ok();
    match (entries, version) {
        (Some(entries), Some(1..=format::VERSION)) => Ok(entries),
        (Some(_), Some(found @ 1..)) => {
            Err(DecodeError::Newer { id: id.clone(), found, supported: format::VERSION })
        }
        _ => Err(DecodeError::NotARecording {
            reason: "its content does not begin with a `format`".to_owned(),
        }),
    }
}

fn own_id(reader: &mut Reader<'_>, expected: &RecordingId) -> Read<RecordingId> {
    let offset = reader.position();
    let text = reader.text()?;
    if text == expected.as_str() {
        return Ok(expected.clone());
    }
    match text.parse::<RecordingId>() {
        Ok(found) => {
            Err(invalid(offset, format!("it says that it is `{found}`, and it is kept as `{expected}`")))
        }
        Err(error) => Err(DecodeError::InvalidId { offset, error: error.into() }),
    }
}

fn function(reader: &mut Reader<'_>) -> Read<Function> {
    tuple(reader, 3)?;
    let name = reader.name()?;
    let parameters = array(reader, |reader| Ok(reader.name()?))?;
    Ok(Function { name, parameters, signature: reader.name()? })
}

fn seed(reader: &mut Reader<'_>) -> Read<[u8; 32]> {
    let offset = reader.position();
    let seed = reader.bytes()?;
    seed.try_into().map_err(|_| invalid(offset, format!("the seed has {} bytes and not 32", seed.len())))
}

fn variable(reader: &mut Reader<'_>) -> Read<(String, String)> {
    tuple(reader, 2)?;
    Ok((reader.string()?, reader.string()?))
}

fn folder(reader: &mut Reader<'_>) -> Read<GrantedFolder> {
    tuple(reader, 2)?;
    let guest = reader.string()?;
    let offset = reader.position();
    match reader.text()? {
        "ro" => Ok(GrantedFolder { guest, is_read_only: true }),
        "rw" => Ok(GrantedFolder { guest, is_read_only: false }),
        other => Err(invalid(offset, format!("`{}` is neither `ro` nor `rw`", other.escape_debug()))),
    }
}

fn boolean(reader: &mut Reader<'_>) -> Read<bool> {
    let offset = reader.position();
    match reader.value()? {
        Value::Bool(value) => Ok(value),
        _ => Err(invalid(offset, "neither true nor false")),
    }
}

fn string(reader: &mut Reader<'_>) -> Read<String> {
    Ok(reader.string()?)
}

fn tuple(reader: &mut Reader<'_>, length: usize) -> Read<()> {
    let offset = reader.position();
    match reader.array()? {
        found if found == length => Ok(()),
        found => Err(invalid(offset, format!("expected an array of {length} items, found one of {found}"))),
    }
}

fn array<T>(reader: &mut Reader<'_>, item: fn(&mut Reader<'_>) -> Read<T>) -> Read<Vec<T>> {
    let length = reader.array()?;
    reader.charge(length.saturating_mul(size_of::<T>()))?;
    let mut items = Vec::with_capacity(length);
    for _ in 0..length {
        items.push(item(reader)?);
    }
    Ok(items)
}
