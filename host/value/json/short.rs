//! Values on one line, for messages: JSON where it is short, and sizes where it is not.

use crate::value::Value;
use std::fmt::Write;

/// After how many bytes a line is cut.
const LINE: usize = 72;
/// How many bytes of a byte string are shown.
const SHOWN_BYTES: usize = 8;

/// The value on one line of about 80 characters at most: `{"sku":"a","count":2}`. What is longer is cut and
/// its size given: `"Lorem ipsum dolor… (1200 characters)`; bytes are hexadecimal: `<5 bytes 68656c6c6f>`.
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

/// The same for a text.
pub(in crate::value) fn short_text(text: &str) -> String {
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
    for (index, byte) in bytes.iter().take(SHOWN_BYTES).enumerate() {
        write!(line, "{}{byte:02x}", if index == 0 { " " } else { "" }).ok()?;
    }
    line.push_str(if bytes.len() > SHOWN_BYTES { "…>" } else { ">" });
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
        assert_eq!(short(&Value::Bytes(b"hello".to_vec())), "<5 bytes 68656c6c6f>");
        assert_eq!(short(&Value::Bytes(vec![0; 1 << 20])), "<1048576 bytes 0000000000000000…>");
        assert_eq!(short(&Value::Bytes(vec![])), "<0 bytes>");
    }
}
