//! What differs between two values that are too long to be shown whole.

use super::{Difference, diff_up_to};
use crate::value::{Hex, Value, json, readable};
use std::fmt::{self, Display};

/// How many places inside a value are looked up.
const MAX_PLACES: usize = 100;
/// How many of them are shown on a line.
const MAX_SHOWN_PLACES: usize = 3;
/// How many characters around the difference are shown, on either side.
const CONTEXT: usize = 12;
/// How many bytes are shown from where they differ.
const SHOWN_BYTES: usize = 8;

/// What differs inside two values, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Two texts, or bytes that are text.
    Text(TextDifference),
    /// Bytes that are not text.
    Bytes(BytesDifference),
    /// Places inside both values, or inside the JSON that both are: at most 100.
    Inside(Vec<Difference>),
}

/// Where bytes begin to differ, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BytesDifference {
    /// The offset of the first byte that differs, from 0.
    pub offset: usize,
    /// The bytes that were recorded.
    pub recorded: BytesSide,
    /// The bytes on replay.
    pub replayed: BytesSide,
}

/// The bytes of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BytesSide {
    /// How many there are.
    pub length: usize,
    /// The first bytes from the difference on, as hexadecimal digits; `…` where more follow, `(end)` where there are none.
    pub excerpt: String,
}

/// Where two texts differ, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDifference {
    /// The line, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
    /// The part that differs with what stands around it, as JSON; `…` on the side where the text goes on.
    pub recorded: String,
    /// The same on replay.
    pub replayed: String,
}

impl Detail {
    /// Returns what differs, `None` where it is seen when both values are shown.
    pub(super) fn of(recorded: &Value, replayed: &Value) -> Option<Self> {
        match (recorded, replayed) {
            (Value::Text(recorded), Value::Text(replayed)) => Self::of_texts(recorded, replayed),
            (Value::Bytes(recorded), Value::Bytes(replayed)) => {
                match (readable::text(recorded), readable::text(replayed)) {
                    (Some(recorded), Some(replayed)) => Self::of_texts(recorded, replayed)
                        .or_else(|| Some(Self::Text(TextDifference::of(recorded, replayed)))),
                    _ => Some(Self::Bytes(BytesDifference::of(recorded, replayed))),
                }
            }
            (recorded, replayed) if json::is_short(recorded) && json::is_short(replayed) => None,
            (recorded, replayed) => Self::inside(recorded, replayed),
        }
    }

    fn of_texts(recorded: &str, replayed: &str) -> Option<Self> {
        if json::is_short_text(recorded) && json::is_short_text(replayed) {
            return None;
        }
        let values = readable::json_value(recorded).zip(readable::json_value(replayed));
        let inside = values.and_then(|(recorded, replayed)| Self::inside(&recorded, &replayed));
        Some(inside.unwrap_or_else(|| Self::Text(TextDifference::of(recorded, replayed))))
    }

    /// `None` where they differ as a whole, or not at all.
    fn inside(recorded: &Value, replayed: &Value) -> Option<Self> {
        let differences = diff_up_to(recorded, replayed, MAX_PLACES);
        let is_whole = differences.first().is_none_or(|first| first.path.is_empty());
        (!is_whole).then_some(Self::Inside(differences))
    }

    /// Writes it on one line; `path` is where both values are.
    pub(super) fn put(&self, path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}{text}", Prefix(path)),
            Self::Bytes(bytes) => write!(f, "{}{bytes}", Prefix(path)),
            Self::Inside(differences) => {
                for (index, inner) in differences.iter().take(MAX_SHOWN_PLACES).enumerate() {
                    let separator = if index > 0 { "; " } else { "" };
                    let path = format!("{path}{}", inner.path);
                    write!(f, "{separator}{}", Difference { path, ..inner.clone() })?;
                }
                match differences.len().saturating_sub(MAX_SHOWN_PLACES) {
                    0 => Ok(()),
                    _ if differences.len() == MAX_PLACES => f.write_str("; and others"),
                    more => write!(f, "; and {more} more"),
                }
            }
        }
    }
}

impl BytesDifference {
    fn of(recorded: &[u8], replayed: &[u8]) -> Self {
        let offset = recorded.iter().zip(replayed).take_while(|(a, b)| a == b).count();
        let [recorded, replayed] = [recorded, replayed].map(|bytes| BytesSide::at(offset, bytes));
        Self { offset, recorded, replayed }
    }
}

impl BytesSide {
    fn at(offset: usize, bytes: &[u8]) -> Self {
        let rest = bytes.get(offset..).unwrap_or_default();
        let excerpt = match rest.get(..SHOWN_BYTES) {
            _ if rest.is_empty() => "(end)".to_owned(),
            Some(shown) if shown.len() < rest.len() => format!("{}…", Hex(shown)),
            _ => Hex(rest).to_string(),
        };
        Self { length: bytes.len(), excerpt }
    }
}

impl Display for BytesDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, recorded, replayed } = self;
        let (old, new) = (recorded.length, replayed.length);
        write!(f, "<{old} bytes> -> <{new} bytes>, unlike from byte {offset} on: ")?;
        write!(f, "{} -> {}", recorded.excerpt, replayed.excerpt)
    }
}

impl TextDifference {
    fn of(recorded: &str, replayed: &str) -> Self {
        let same = recorded.bytes().zip(replayed.bytes()).take_while(|(a, b)| a == b).count();
        let start = recorded.floor_char_boundary(same);
        let before = &recorded[..start];
        // Both are the same before `start`, so it is a character's beginning in both.
        let (ends, other) = (&recorded[start..], replayed.get(start..).unwrap_or_default());
        let behind = ends.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b);
        let behind: usize = behind.map(|(c, _)| c.len_utf8()).sum();
        Self {
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
            recorded: excerpt(recorded, start, recorded.len() - behind),
            replayed: excerpt(replayed, start, replayed.len() - behind),
        }
    }
}

impl Display for TextDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, recorded, replayed } = self;
        write!(f, "{recorded} -> {replayed}, unlike from ")?;
        match line {
            1 => write!(f, "character {column} on"),
            _ => write!(f, "line {line}, column {column} on"),
        }
    }
}

/// The text from `start` to `end`, with what stands around it, cut where that is long.
fn excerpt(text: &str, start: usize, end: usize) -> String {
    let from = text[..start].char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let to = text[end..].char_indices().nth(CONTEXT).map_or(text.len(), |(at, _)| end + at);
    let (shown, is_whole) = json::quoted(&text[from..to]);
    let before = if from > 0 { "…" } else { "" };
    let after = if !is_whole || to < text.len() { "…" } else { "" };
    format!("{before}{shown}{after}")
}

struct Prefix<'p>(&'p str);

impl Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0.escape_debug()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(recorded: Value, replayed: Value) -> String {
        Difference { path: "/body".to_owned(), recorded: Some(recorded), replayed: Some(replayed) }
            .to_string()
    }

    fn bytes(text: &str) -> Value {
        Value::Bytes(text.into())
    }

    #[test]
    fn long_texts_show_the_part_that_differs_with_its_place_and_what_stands_around_it() {
        let text = |word: &str| {
            Value::from(format!("{}the price is {word} today\n{}", "a line\n".repeat(99), "x".repeat(999)))
        };
        let expected = r#"/body: …"he price is 5 today\nxxxxx"… -> …"he price is 12 today\nxxxxx"…, unlike from line 100, column 14 on"#;
        assert_eq!(line(text("5"), text("12")), expected);
        let long = |start: &str| Value::from(format!("{start}{}", "x".repeat(999)));
        let expected = r#"/body: "axxxxxxxxxxxx"… -> "bxxxxxxxxxxxx"…, unlike from character 1 on"#;
        assert_eq!(line(long("a"), long("b")), expected);
        assert!(line(long(""), "x".into()).len() < 300, "what was left out is cut");
        let end = |end: &str| Value::from(format!("{}{end}", "é".repeat(500)));
        let expected = "/body: …\"ééééééééééééà\" -> …\"éééééééééééé\", unlike from character 501 on";
        assert_eq!(line(end("à"), end("")), expected);
    }

    #[test]
    fn bytes_that_are_text_are_compared_as_text_and_others_by_their_offset() {
        assert_eq!(
            line(bytes("text/html"), bytes("text/plain")),
            r#"/body: "text/html" -> "text/plain", unlike from character 6 on"#
        );
        let binary = |last: u8| Value::Bytes([&[0; 512][..], &[last]].concat());
        let expected = "/body: <513 bytes> -> <513 bytes>, unlike from byte 512 on: 01 -> 02";
        assert_eq!(line(binary(1), binary(2)), expected);
    }

    #[test]
    fn bytes_show_what_stands_where_they_differ() {
        let side = |end: &[u8]| Value::Bytes([&[0xff; 3][..], end].concat());
        let expected = "/body: <4 bytes> -> <3 bytes>, unlike from byte 3 on: 07 -> (end)";
        assert_eq!(line(side(&[7]), side(&[])), expected);
        let expected =
            "/body: <11 bytes> -> <23 bytes>, unlike from byte 3 on: 0101010101010101 -> 0202020202020202…";
        assert_eq!(line(side(&[1; 8]), side(&[2; 20])), expected);
    }

    #[test]
    fn json_is_compared_by_its_paths_whether_it_is_text_or_bytes() {
        let order = |price: u32, tag: &str| {
            let items: Vec<String> =
                (0..9).map(|n| format!("{{\"sku\": \"s{n}\", \"price\": {n}}}")).collect();
            let items = items.join(", ").replace("\"price\": 3", &format!("\"price\": {price}"));
            format!("{{\"items\": [{items}], \"tag\": \"{tag}\"}}")
        };
        let expected = r#"/body/items/3/price: 3 -> 5; /body/tag: "a" -> "b""#;
        assert_eq!(line(bytes(&order(3, "a")), bytes(&order(5, "b"))), expected);
        assert_eq!(line(Value::from(order(3, "a")), Value::from(order(5, "b"))), expected);
        // The same JSON, written otherwise.
        let spaced = order(3, "a").replace(": ", " : ");
        assert!(line(bytes(&order(3, "a")), bytes(&spaced)).contains(", unlike from character 9 on"));
        let many = |n: u32| bytes(&format!("{:?}", vec![n; 5_000]));
        assert_eq!(line(many(1), many(2)), "/body/0: 1 -> 2; /body/1: 1 -> 2; /body/2: 1 -> 2; and others");
    }

    #[test]
    fn a_long_value_that_differs_as_a_whole_is_looked_into() {
        let trapped = |why: &str| Value::case("trapped", format!("{}{why}", "x".repeat(200)).into());
        let expected =
            r#"/body/trapped: …"xxxxxxxxxxxxone" -> …"xxxxxxxxxxxxtwo", unlike from character 201 on"#;
        assert_eq!(line(trapped("one"), trapped("two")), expected);
        let other = Value::case("ok", "y".repeat(200).into());
        assert!(line(trapped("one"), other).starts_with(r#"/body: {"trapped":"xxx"#));
    }
}
