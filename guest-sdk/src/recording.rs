//! The running operation's recording, from inside the service. Where nobody records, nothing here does anything.

pub use crate::host::answer::Mode;

use crate::host;
use crate::value;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Whether the running operation is recorded, replayed, or neither.
#[inline]
pub fn mode() -> Mode {
    host::mode()
}

/// While recording the name that the recording will have, while replaying that of the one replayed: `<category>/<day>/<uuid>`.
pub fn id() -> Option<String> {
    match mode() {
        Mode::Off => None,
        _ => host::id(),
    }
}

/// Why something cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unkept(String);

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unkept {}

/// Adds to the recording's metadata, which lookups see without opening the recording: `playback-host list --where tier=gold`.
/// Does nothing unless recording.
///
/// # Errors
///
/// The value is none that JSON has, the key is one of the host's own, or there would be more than 64 KiB of metadata.
pub fn metadata(key: &str, value: impl Serialize) -> Result<(), Unkept> {
    if mode() != Mode::Off {
        let unkept = |problem: String| Unkept(format!("the metadata `{key}` cannot be kept: {problem}"));
        let json = serde_json::to_string(&value).map_err(|error| unkept(error.to_string()))?;
        host::add_metadata(key, &json).map_err(unkept)?;
    }
    Ok(())
}

/// Gives the recording up, for the reason that the host reports. The operation goes on.
pub fn discard(reason: impl AsRef<str>) {
    if mode() == Mode::Recording {
        host::discard(reason.as_ref());
    }
}

/// Keeps the recording whatever the sampling says, unless its category ignores that.
pub fn force_sample() {
    if mode() == Mode::Recording {
        host::force_sample();
    }
}

/// Keeps a value in the recording, in place of one of the same key. Does nothing unless recording.
///
/// # Errors
///
/// The value cannot be kept.
pub fn put(key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Unkept> {
    // On a replay too: what was refused is refused again.
    if mode() != Mode::Off {
        let mut bytes = Vec::new();
        let written = value::write(value, &mut bytes).map_err(|error| error.to_string());
        let put = written.and_then(|()| host::put(key, &bytes));
        put.map_err(|problem| Unkept(format!("the value of `{key}` cannot be kept: {problem}")))?;
    }
    Ok(())
}

/// The value that was [put] under this key, while replaying. `None`: none was, or nobody replays.
///
/// # Errors
///
/// What was put is none of this type.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Unkept> {
    if mode() != Mode::Replaying {
        return Ok(None);
    }
    let Some(bytes) = host::get(key) else { return Ok(None) };
    match value::read(&bytes) {
        Ok((value, _)) => Ok(Some(value)),
        Err(error) => Err(Unkept(format!("the recorded value of `{key}` does not fit its type: {error}"))),
    }
}
