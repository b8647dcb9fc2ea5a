//! Values on one line, for messages: JSON where it is short, and sizes where it is not.

use crate::value::{Value, readable};
use std::fmt::Write;

/// After how many bytes a line is cut.
const LINE: usize = 72;
/// How many characters are shown of a byte string that is text.
const SHOWN_CHARACTERS: usize = 48;
/// How many bytes of another one.
const SHOWN_BYTES: usize = 8;

/// The value on one line of about 80 characters at most: `{"sku":"a","count":2}`. What is longer is cut and
/// its size given: `"Lorem ipsum dolor… (1200 characters)`. Bytes are a size and their beginning, as the JSON or text that
/// they are, `<5 bytes "hello">`, or else hexadecimal, `<2 bytes ff00>`.
pub fn short(value: &Value) -> String {
    if let Value::Text(text) = value {
        return short_text(text);
    }
    let mut line = String::new();
    if put(value, &mut line).is_none() {
        line.push('…');
        let (size, what) = match value {
            Value::List(items) => (items.len(), "items"),
            Value::Map(entries) => (entries.len(), "fields"),
            _ => return line,
        };
        if size > 1 {
            // Writing to a string cannot fail.
            let _ = write!(line, " ({size} {what})");
        }
    }
    line
}

/// Whether [`short`] shows the whole value.
pub(in crate::value) fn is_short(value: &Value) -> bool {
    put(value, &mut String::new()).is_some()
}

/// The same for a text.
pub(in crate::value) fn is_short_text(text: &str) -> bool {
    put_text(text, &mut String::new()).is_some()
}

/// A text in quotes, cut where it is long, and whether it is whole.
pub(in crate::value) fn quoted(text: &str) -> (String, bool) {
    let mut line = String::new();
    let is_whole = put_text(text, &mut line).is_some();
    if !is_whole {
        line.push('"');
    }
    (line, is_whole)
}

fn short_text(text: &str) -> String {
    let mut line = String::new();
    if put_text(text, &mut line).is_none() {
        // Writing to a string cannot fail.
        let _ = write!(line, "… ({} characters)", text.chars().count());
    }
    line
}

/// Writes what fits on the line; none when it is full.
fn put(value: &Value, line: &mut String) -> Option<()> {
    match value {
        Value::Text(text) => put_text(text, line),
        Value::Bytes(bytes) => put_bytes(bytes, line),
        Value::List(items) => {
            line.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, line)?;
                put(item, line)?;
            }
            line.push(']');
            Some(())
        }
        Value::Map(entries) => {
            line.push('{');
            for (index, (name, value)) in entries.iter().enumerate() {
                separate(index, line)?;
                put_text(name, line)?;
                line.push(':');
                put(value, line)?;
            }
            line.push('}');
            Some(())
        }
        Value::Handle(number) => write!(line, "<resource {number}>").ok(),
        scalar => write!(line, "{}", super::to_json(scalar)).ok(),
    }
}

fn separate(index: usize, line: &mut String) -> Option<()> {
    if index > 0 {
        line.push(',');
    }
    (line.len() < LINE).then_some(())
}

/// What is measured is what is written: an escape is several times as long as its character.
fn put_text(text: &str, line: &mut String) -> Option<()> {
    line.push('"');
    for c in text.chars() {
        if line.len() >= LINE {
            return None;
        }
        let quoted = serde_json::Value::from(&*c.encode_utf8(&mut [0; 4])).to_string();
        line.push_str(&quoted[1..quoted.len() - 1]);
    }
    line.push('"');
    Some(())
}

fn put_bytes(bytes: &[u8], line: &mut String) -> Option<()> {
    write!(line, "<{} bytes", bytes.len()).ok()?;
    if let Some(text) = readable::text(bytes).filter(|text| !text.is_empty()) {
        return put_readable(text, line);
    }
    for (index, byte) in bytes.iter().take(SHOWN_BYTES).enumerate() {
        write!(line, "{}{byte:02x}", if index == 0 { " " } else { "" }).ok()?;
    }
    line.push_str(if bytes.len() > SHOWN_BYTES { "…>" } else { ">" });
    Some(())
}

/// A byte string that is text, and its closing bracket. What looks like JSON has no quotes.
fn put_readable(text: &str, line: &mut String) -> Option<()> {
    let end = text.char_indices().nth(SHOWN_CHARACTERS).map_or(text.len(), |(at, _)| at);
    let quoted = serde_json::Value::from(&text[..end]).to_string();
    let is_json = text.trim_start().starts_with(['{', '[']);
    line.push(' ');
    match is_json {
        true => line.extend(text[..end].chars().map(|c| if c.is_control() { ' ' } else { c })),
        false => line.push_str(&quoted),
    }
    line.push_str(if end < text.len() { "…>" } else { ">" });
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_json() {
        let order =
            Value::record([("sku", Value::from("a\"b")), ("paid", Value::Null), ("total", 12.5.into())]);
        assert_eq!(short(&order), r#"{"sku":"a\"b","paid":null,"total":12.5}"#);
        assert_eq!(short(&Value::List(vec![])), "[]");
        assert_eq!(short(&Value::Handle(2)), "<resource 2>");
    }

    #[test]
    fn what_is_long_is_cut_and_its_size_given() {
        assert_eq!(short(&"é".repeat(500).into()), format!("\"{}… (500 characters)", "é".repeat(36)));
        let escapes = format!("\"{}… (500 characters)", "\\u001b".repeat(12));
        assert_eq!(short(&"\u{1b}".repeat(500).into()), escapes);
        let numbers = Value::List((0..1000).map(|number: u16| number.into()).collect());
        let line = short(&numbers);
        assert!(
            line.starts_with("[0,1,2,") && line.ends_with(",… (1000 items)") && line.len() < 100,
            "{line}"
        );
    }

    #[test]
    fn bytes_are_a_size_and_a_beginning() {
        assert_eq!(short(&Value::Bytes(b"hello".to_vec())), "<5 bytes \"hello\">");
        assert_eq!(short(&Value::Bytes(br#"{"a": "b"}"#.to_vec())), "<10 bytes {\"a\": \"b\"}>");
        let long = format!("<500 bytes \"{}\"…>", "x".repeat(48));
        assert_eq!(short(&Value::Bytes(vec![b'x'; 500])), long);
        assert_eq!(short(&Value::Bytes(b"\xffhello".to_vec())), "<6 bytes ff68656c6c6f>");
        assert_eq!(short(&Value::Bytes(vec![0; 1 << 20])), "<1048576 bytes 0000000000000000…>");
        assert_eq!(short(&Value::Bytes(vec![])), "<0 bytes>");
    }
}
