//! One thing that a replay did otherwise.

use crate::cause::Cause;
use crate::kind::ChangeKind;
use playback_recording::value::Value;
use playback_recording::value::diff::Difference;
use playback_recording::value::json;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use std::fmt;

/// The largest value that a change shows in full, in bytes of memory.
const MAX_SHOWN_BYTES: usize = 16 << 10;
/// The deepest value that a change shows in full. Readers of JSON stop at some 128 levels, those of the report among them.
const MAX_SHOWN_DEPTH: usize = 64;

/// One change, in one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Change {
    /// What it has in common with changes of other recordings.
    pub cause: Cause,
    /// The number of the output among those of its alias, from 1: on replay or, for one that was not made, when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<usize>,
    /// The place in the value, as a JSON pointer; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What was recorded. A long or deep value is cut.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Json>,
    /// What the replay gave. A long or deep value is cut.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Json>,
    /// The change in a line of text, without the place.
    pub text: String,
    /// The reason for which it was accepted, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

impl Change {
    /// A change of a value.
    pub(crate) fn of_value(cause: Cause, call: Option<usize>, difference: Difference) -> Self {
        let shown = Difference { path: String::new(), ..difference };
        let text = shown.to_string();
        let Difference { recorded, replayed, .. } = shown;
        let [recorded, replayed] = [recorded, replayed].map(|value| value.as_ref().map(limited));
        Self { cause, call, path: difference.path, recorded, replayed, text, accepted: None }
    }

    /// A change that `text` says all about.
    pub(crate) fn of_text(cause: Cause, call: Option<usize>, text: impl Into<String>) -> Self {
        Self {
            cause,
            call,
            path: String::new(),
            recorded: None,
            replayed: None,
            text: text.into(),
            accepted: None,
        }
    }

    /// Shows the arguments of an output that only one side has.
    pub(crate) fn with(self, recorded: Option<&Value>, replayed: Option<&Value>) -> Self {
        Self { recorded: recorded.map(limited), replayed: replayed.map(limited), ..self }
    }
}

/// The place and the change: `shop:orders/outputs#notify, call 2 /text: "a" -> "b"`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A divergence says itself which call it is about.
        if self.cause.kind == ChangeKind::Diverged {
            return f.write_str(&self.text);
        }
        f.write_str(&self.cause.what)?;
        if let Some(call) = self.call {
            write!(f, ", call {call}")?;
        }
        let path = if self.path.is_empty() { &self.cause.path } else { &self.path };
        if !path.is_empty() {
            write!(f, " {path}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// The value as JSON, or its beginning as text if it is long or deep.
fn limited(value: &Value) -> Json {
    let is_shown = value.weight() <= MAX_SHOWN_BYTES && is_within(value, MAX_SHOWN_DEPTH);
    if is_shown { json::to_json(value) } else { json::short(value).into() }
}

/// Returns true if the value has at most so many levels.
fn is_within(value: &Value, levels: usize) -> bool {
    let Some(inner) = levels.checked_sub(1) else { return false };
    match value {
        Value::List(items) => items.iter().all(|item| is_within(item, inner)),
        Value::Map(fields) => fields.iter().all(|(_, value)| is_within(value, inner)),
        _ => true,
    }
}

/// Reads a field that is there, so that `null` is a value and no field is none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn change(recorded: Option<Value>, replayed: Option<Value>) -> Change {
        let cause = Cause::new("outcome", "/ok", ChangeKind::Changed);
        Change::of_value(cause, None, Difference { path: "/ok".into(), recorded, replayed })
    }

    #[test]
    fn a_change_reads_back_as_it_was_and_null_is_a_value() {
        for (recorded, replayed) in [(None, Some(Value::Null)), (Some(Value::Null), Some(1.into()))] {
            let change = change(recorded, replayed);
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
        }
    }

    #[test]
    fn a_value_that_is_too_long_or_too_deep_to_read_is_cut_and_its_change_is_short() {
        let long = |end: &str| Value::Text(format!("{}{end}", "x".repeat(1 << 20)));
        let changed = change(Some(long("a")), Some(long("b")));
        assert!(
            changed.text.len() < 200 && changed.text.contains("unlike from character"),
            "{}",
            changed.text
        );
        let mut deep = Value::from(1);
        for _ in 0..100 {
            deep = Value::List(vec![deep]);
        }
        for change in [changed, change(Some(deep), None)] {
            let text = serde_json::to_string(&change).unwrap();
            assert!(text.len() < 2_000, "{} bytes", text.len());
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
        }
    }
}
