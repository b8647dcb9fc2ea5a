//! Parts of a recording as JSON that is written while they are gone through.

use crate::format::is_http_exchange;
use crate::value::json::{ReadableView, View};
use crate::value::{Name, Value};
use crate::{Interception, LimitKind, Outcome, Recording};
use serde::{Serialize, Serializer};

/// How a call ended: `{"returned": 45}`, `{"trapped": "why"}`, `{"exited": 1}`,
/// `{"stopped": {"limit": "time", "reason": "why"}}`, `"abandoned"`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the cases are those of an outcome")]
pub enum Ended<'o> {
    Returned(Shown<'o>),
    Trapped(&'o str),
    Exited(i32),
    Stopped { limit: LimitKind, reason: &'o str },
    Abandoned,
}

impl<'o> From<&'o Outcome> for Ended<'o> {
    fn from(outcome: &'o Outcome) -> Self {
        match outcome {
            Outcome::Returned(value) => Self::Returned(Shown::Plain(View(value))),
            Outcome::Trapped(reason) => Self::Trapped(reason),
            Outcome::Exited(status) => Self::Exited(*status),
            Outcome::Stopped(limit) => Self::Stopped { limit: limit.kind, reason: &limit.text },
            Outcome::Abandoned => Self::Abandoned,
        }
    }
}

impl<'o> Ended<'o> {
    /// How a call of the function of this name ended.
    pub fn of_call(function: &str, outcome: &'o Outcome) -> Self {
        match outcome {
            Outcome::Returned(value) => Self::Returned(Shown::of(function, value)),
            other => other.into(),
        }
    }
}

/// A value, and of an HTTP exchange what its byte strings are.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Shown<'v> {
    /// The value alone.
    Plain(View<'v>),
    /// With the text or the JSON that its byte strings are.
    Readable(ReadableView<'v>),
}

impl<'v> Shown<'v> {
    /// A value of a call of the function of this name.
    pub fn of(function: &str, value: &'v Value) -> Self {
        match is_http_exchange(function) {
            true => Self::Readable(ReadableView(value)),
            false => Self::Plain(View(value)),
        }
    }
}

/// Bytes that are likely text: as text if they are, else in base64.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'b>(pub &'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => View(&Value::Bytes(self.0.to_vec())).serialize(serializer),
        }
    }
}

/// An object of the names and values that the function gives, each time it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Entries<F>(pub F);

impl<K: Serialize, V: Serialize, I: IntoIterator<Item = (K, V)>, F: Fn() -> I> Serialize for Entries<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// Arguments of the function of this name, by their names.
pub fn arguments<'a>(
    function: &'a str,
    names: impl IntoIterator<Item = &'a Name> + Clone,
    values: &'a [Value],
) -> impl Serialize {
    Entries(move || {
        let arguments = names.clone().into_iter().zip(values);
        arguments.map(|(name, value)| (&**name, Shown::of(function, value)))
    })
}

/// The arguments of a recorded call, by their names; none of a function that the recording does not name.
pub fn recorded_arguments<'r>(recording: &'r Recording, call: &'r Interception) -> impl Serialize {
    let (name, parameters): (&str, &[Name]) = match recording.function(call) {
        Some(function) => (&function.name, &function.parameters),
        None => ("", &[]),
    };
    arguments(name, parameters, &call.arguments)
}
