//! Values as JSON that is written while they are gone through.

use super::{BYTES, HANDLE, to_json};
use crate::value::{Value, readable};
use base64::display::Base64Display;
use base64::prelude::BASE64_STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value to be serialized as JSON from where it is. [`to_json`] makes a copy, several times as large, in which
/// fields are sorted; here they stand as their type declares them.
#[derive(Debug, Clone, Copy)]
pub struct View<'v>(pub &'v Value);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.collect_map([(BYTES, BytesView(bytes))]),
            Value::List(items) => serializer.collect_seq(items.iter().map(View)),
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (&**name, View(value))))
            }
            Value::Handle(number) => serializer.collect_map([(HANDLE, number)]),
            scalar => to_json(scalar).serialize(serializer),
        }
    }
}

/// The same with what byte strings are beside them: `{"$bytes": "eyJhIjoxfQ==", "json": {"a": 1}}`, or `text`.
#[derive(Debug, Clone, Copy)]
pub struct ReadableView<'v>(pub &'v Value);

impl Serialize for ReadableView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bytes(bytes) => {
                let mut object = serializer.serialize_map(None)?;
                object.serialize_entry(BYTES, &BytesView(bytes))?;
                if let Some(text) = readable::text(bytes) {
                    match readable::json(text) {
                        Some(json) => object.serialize_entry("json", &json)?,
                        None => object.serialize_entry("text", text)?,
                    }
                }
                object.end()
            }
            Value::List(items) => serializer.collect_seq(items.iter().map(ReadableView)),
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (&**name, ReadableView(value))))
            }
            other => View(other).serialize(serializer),
        }
    }
}

/// Bytes in base64, a piece at a time.
struct BytesView<'b>(&'b [u8]);

impl Serialize for BytesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &BASE64_STANDARD))
    }
}
