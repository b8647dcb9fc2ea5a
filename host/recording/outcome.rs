//! How a call or an operation ended.

use crate::error::{DecodeError, invalid};
use crate::items::{begin, write_pair};
use crate::limit::Limit;
use crate::value::Value;
use crate::value::cbor::{self, Reader};
use std::borrow::Cow;

/// How a call ended, of an intercepted function or of the operation itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned this; [`Value::Null`] where the function has no result.
    Returned(Value),
    /// It did not return. The text says why, without addresses, so that it compares equal over builds.
    Trapped(String),
    /// It ended the program with this status, by `wasi:cli/exit`. 0 is success. On a tape it is a trap with the text
    /// `exited with status n`, as older builds wrote it.
    Exited(i32),
    /// The host ended it at a limit. Nothing but an operation itself ends so: a provider that reaches one has trapped.
    Stopped(Limit),
    /// Nobody waited for it to the end. Only a call of an `async` function of the service itself ends so.
    Abandoned,
}

impl Outcome {
    /// Why it failed. `None` where it did not: a program that exits with status 0 succeeded.
    pub fn exception(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Returned(_) | Self::Abandoned | Self::Exited(0) => None,
            Self::Trapped(reason) => Some(reason.into()),
            Self::Exited(status) => Some(exited(*status).into()),
            Self::Stopped(limit) => Some(limit.text.as_str().into()),
        }
    }

    /// The limit that ended it.
    pub fn limit(&self) -> Option<&Limit> {
        match self {
            Self::Stopped(limit) => Some(limit),
            Self::Returned(_) | Self::Trapped(_) | Self::Exited(_) | Self::Abandoned => None,
        }
    }

    /// Whether both ended alike: with the same result, for the same reason, or at a limit of the same kind, whatever
    /// that was set to. A program that exits ends as one that returns `ok` or `err`.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exited(status), Self::Returned(value)) | (Self::Returned(value), Self::Exited(status)) => {
                let case = if *status == 0 { "ok" } else { "err" };
                *value == Value::case(case, Value::Null)
            }
            (Self::Stopped(limit), Self::Stopped(other)) => limit.kind == other.kind,
            _ => self == other,
        }
    }

    /// The memory that it holds, in bytes, to a few percent.
    pub fn weight(&self) -> usize {
        match self {
            Self::Returned(value) => value.weight(),
            Self::Trapped(reason) => reason.len(),
            Self::Stopped(limit) => limit.text.len(),
            Self::Exited(_) | Self::Abandoned => 0,
        }
    }
}

/// How an outcome stands on a tape.
impl Outcome {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Returned(value) => {
                begin("returned", 2, out);
                cbor::write(value, out);
            }
            Self::Trapped(reason) => {
                begin("trapped", 2, out);
                cbor::write_text(reason, out);
            }
            Self::Exited(status) => {
                begin("trapped", 2, out);
                cbor::write_text(&exited(*status), out);
            }
            Self::Stopped(limit) => {
                begin("stopped", 3, out);
                write_pair(limit.kind.name(), &limit.text, out);
            }
            Self::Abandoned => begin("abandoned", 1, out),
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.position();
        match (reader.array()?, reader.text()?) {
            (2, "returned") => Ok(Self::Returned(reader.value()?)),
            (2, "trapped") => {
                let reason = reader.string()?;
                Ok(exit_status(&reason).map_or(Self::Trapped(reason), Self::Exited))
            }
            (3, "stopped") => Ok(Self::Stopped(read_limit(reader)?)),
            (1, "abandoned") => Ok(Self::Abandoned),
            (_, other) => Err(invalid(offset, format!("`{}` is not an outcome", other.escape_debug()))),
        }
    }
}

fn read_limit(reader: &mut Reader<'_>) -> Result<Limit, DecodeError> {
    let offset = reader.position();
    let name = reader.text()?;
    let Ok(kind) = name.parse() else {
        return Err(invalid(offset, format!("`{}` is not a limit", name.escape_debug())));
    };
    Ok(Limit { kind, text: reader.string()? })
}

/// Describes the exit of a program: `exited with status 1`.
fn exited(status: i32) -> String {
    format!("exited with status {status}")
}

/// The status in such a text, if it is one.
fn exit_status(text: &str) -> Option<i32> {
    let status = text.strip_prefix("exited with status ")?.parse().ok()?;
    (exited(status) == text).then_some(status)
}
