//! Bytes and texts as people read them: bytes that are text, and text that is JSON.

use super::{Value, json};
use serde_json::Value as Json;

/// Up to how many bytes a text is read as JSON.
const MAX_JSON_BYTES: usize = 4 << 20;

/// Returns the text that the bytes are: UTF-8, with no control characters but tabs and ends of lines.
pub fn text(bytes: &[u8]) -> Option<&str> {
    let is_shown = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    str::from_utf8(bytes).ok().filter(|text| text.chars().all(is_shown))
}

/// Returns the object or the array that a text is in JSON. Texts above 4 MiB are not read.
pub fn json(text: &str) -> Option<Json> {
    let begins = text.trim_start().starts_with(['{', '[']);
    (begins && text.len() <= MAX_JSON_BYTES).then(|| json::parse(text).ok()).flatten()
}

/// Returns the value with each of its byte strings as the JSON or the text that it is, if any.
pub fn readable(value: &Value) -> Value {
    match value {
        Value::Bytes(bytes) => match text(bytes) {
            Some(text) => json_value(text).unwrap_or_else(|| text.into()),
            None => value.clone(),
        },
        Value::List(items) => Value::List(items.iter().map(readable).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(name, value)| (name.clone(), readable(value))).collect())
        }
        other => other.clone(),
    }
}

/// Returns the object or the array that a text is in JSON, as a value.
pub fn json_value(text: &str) -> Option<Value> {
    json::from_json(json(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_json_or_text_only_if_they_are() {
        let read = |bytes: &[u8]| readable(&Value::Bytes(bytes.to_vec()));
        assert_eq!(read(b"application/json"), "application/json".into());
        assert_eq!(read(br#"{"price": 5}"#), Value::record([("price", Value::from(5))]));
        assert_eq!(read(b"5"), "5".into(), "a number alone is text");
        assert_eq!(read(b"{not json"), "{not json".into());
        for bytes in [&b"\xff\xfe"[..], b"a\0b", b"\x1b[2J"] {
            assert_eq!(read(bytes), Value::Bytes(bytes.to_vec()));
        }
    }
}
