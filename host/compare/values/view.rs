//! Texts and bytes as values with parts, where a rule says what they are.

use crate::rules::Format;
use playback_recording::value::Value;
use playback_recording::value::readable;
use playback_tape::content::xml;

/// Returns the value as text, if it is text.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bytes(bytes) => readable::text(bytes),
        _ => None,
    }
}

/// Returns the parts of a text of this format. `None`: it is not of this format, and is compared as it is.
pub(super) fn of(value: &Value, format: Format) -> Option<Value> {
    let text = text(value)?;
    match format {
        Format::Json => readable::json_value(text),
        Format::Xml => xml(text),
        Format::Text => Some(lines(text)),
    }
}

fn lines(text: &str) -> Value {
    Value::List(text.lines().map(Value::from).collect())
}
