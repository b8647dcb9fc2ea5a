//! Messages, such as HTTP requests and responses, by what their headers say about their bodies.
//!
//! A record with `headers` (a list of name and value pairs, or a record of names) and a `body` (bytes or text) is a message,
//! wherever it stands. Its headers become a record by their lower-case names, since the order of headers of different names means
//! nothing, and its body becomes a value with parts:
//!
//! | content type | parts |
//! |---|---|
//! | `application/json`, `*+json` | by path |
//! | `application/x-ndjson`, `application/jsonl` | a list of lines, each by path |
//! | `application/x-www-form-urlencoded` | by field; a field that is there several times is a list |
//! | `multipart/*` | by part: its name, or its number where it has none. Each part is a message again |
//! | `application/xml`, `text/xml`, `*+xml` | by element |
//! | `text/*`, and other types that are text | a list of lines |
//! | anything else, and a body that is not what it says | bytes |
//!
//! A body with a `content-encoding` is unpacked before. One that does not unpack, or that becomes too large, stays as it is.
//!
//! Some headers say only how the message was transferred. What they say follows from the body, and a change of the body would
//! change them too, so that one change was reported several times:
//!
//! - A `content-length` that is the length of its own body reads `<length of the body>`. Any other, such as that of an answer to
//!   `HEAD`, is compared as it is. So is whether there is one.
//! - A multipart boundary that separates the parts of its own body reads `<boundary>`.
//! - `chunks` do not count between bodies of different lengths.
//!
//! Everything else is compared as it is: `content-encoding`, because the peer sees it; `date`, because a recorded clock gives the
//! recorded date; `etag` and digests, because only the service knows what they are of.

use playback_recording::value::{Name, Value, readable};
use std::borrow::Cow;
use std::collections::BTreeMap;

mod encoding;
mod form;
mod media_type;
mod multipart;
mod text;
mod xml;

pub use xml::xml;

use media_type::MediaType;

/// How many messages may be inside each other.
pub const MAX_NESTED_MESSAGES: usize = 4;

/// The field with the headers of a message.
const HEADERS: &str = "headers";
/// The field with its body.
pub const BODY: &str = "body";
/// The fields of a message that are records by name.
const NAMED: [&str; 2] = [HEADERS, "trailers"];
/// The field with the lengths of the pieces in which a body was transferred.
const CHUNKS: &str = "chunks";

/// A record that is a message.
#[derive(Debug)]
pub struct Message<'v> {
    fields: &'v [(Name, Value)],
    headers: BTreeMap<String, Vec<Value>>,
    body: &'v Value,
}

/// What a body was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JSON.
    Json,
    /// A JSON value a line.
    JsonLines,
    /// The fields of a form.
    Form,
    /// Parts, each a message.
    Multipart,
    /// XML.
    Xml,
    /// Lines of text.
    Text,
    /// Unpacked, and not read further.
    Bytes,
    /// Not unpacked, though it should be.
    Packed,
}

/// How far a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// By its content type.
    Content,
    /// Unpacked only.
    Unpacked,
    /// Not at all.
    Nothing,
}

/// A message with its headers by name and its body read.
#[derive(Debug)]
pub struct View {
    /// All fields but the body.
    pub fields: Vec<(Name, Value)>,
    /// The body.
    pub body: Value,
    /// What the body was read as.
    pub kind: Kind,
}

impl Kind {
    /// Returns the name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "json-lines",
            Self::Form => "form",
            Self::Multipart => "multipart",
            Self::Xml => "xml",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Packed => "packed",
        }
    }
}

impl View {
    /// Returns a field.
    pub fn field(&self, wanted: &str) -> Option<&Value> {
        match wanted {
            BODY => Some(&self.body),
            _ => self.fields.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value),
        }
    }

    /// Returns true if a field of this name is read: the body, and what is told by name.
    pub fn is_read(&self, field: &str) -> bool {
        field == BODY || NAMED.contains(&field)
    }
}

impl<'v> Message<'v> {
    /// Returns the message that a record with these fields is. `None`: it is none.
    pub fn of(fields: &'v [(Name, Value)]) -> Option<Self> {
        let field = |wanted: &str| fields.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value);
        let body = field(BODY).filter(|body| bytes(body).is_some())?;
        let headers = entries(field(HEADERS)?)?;
        Some(Self { fields, headers, body })
    }

    /// Returns true if both have the same bytes as a body.
    pub fn has_body_of(&self, other: &Self) -> bool {
        self.body == other.body
    }

    /// Returns the message with its body read this far.
    pub fn view(&self, read: Read) -> View {
        let (body, kind) = match read {
            Read::Nothing => (self.body.clone(), Kind::Packed),
            Read::Unpacked => self.unpacked(),
            Read::Content => self.content(),
        };
        let field = |(name, value): &(Name, Value)| {
            let value = match &**name {
                HEADERS => self.told_headers(kind),
                name if NAMED.contains(&name) => entries(value).map_or_else(|| value.clone(), by_name),
                _ => value.clone(),
            };
            (name.clone(), value)
        };
        let fields = self.fields.iter().filter(|(name, _)| **name != *BODY).map(field).collect();
        View { fields, body, kind }
    }

    /// The body as its content type says.
    fn content(&self) -> (Value, Kind) {
        let (unpacked, kind) = self.unpacked();
        let parts = bytes(&unpacked).filter(|_| kind != Kind::Packed).and_then(|bytes| self.parts(bytes));
        parts.unwrap_or((unpacked, kind))
    }

    fn parts(&self, body: &[u8]) -> Option<(Value, Kind)> {
        let media_type = MediaType::parse(self.header("content-type")?)?;
        let declared = media_type.kind()?;
        if declared == Kind::Multipart {
            return Some((multipart::parts(body, media_type.parameter("boundary")?)?, declared));
        }
        let text = str::from_utf8(body).ok()?;
        let parts = match declared {
            Kind::Json => text::json(text),
            Kind::JsonLines => text::json_lines(text),
            Kind::Form => form::fields(text),
            Kind::Xml => xml(text),
            _ => None,
        };
        parts.map(|parts| (parts, declared)).or_else(|| Some((text::lines(text)?, Kind::Text)))
    }

    fn unpacked(&self) -> (Value, Kind) {
        let codings = self.headers.get("content-encoding").map_or(&[][..], Vec::as_slice);
        let codings: Option<Vec<&str>> = codings.iter().map(header_text).collect();
        let bytes = bytes(self.body).unwrap_or_default();
        match codings.and_then(|codings| encoding::unpack(bytes, &codings.join(","))) {
            None => (self.body.clone(), Kind::Packed),
            Some(Cow::Borrowed(_)) => (self.body.clone(), Kind::Bytes),
            Some(Cow::Owned(unpacked)) => (Value::Bytes(unpacked), Kind::Bytes),
        }
    }

    /// The headers by name. What follows from the body is told as such.
    fn told_headers(&self, kind: Kind) -> Value {
        let mut headers = self.headers.clone();
        let length = bytes(self.body).unwrap_or_default().len().to_string();
        for value in headers.get_mut("content-length").into_iter().flatten() {
            if header_text(value) == Some(&length) {
                *value = "<length of the body>".into();
            }
        }
        if kind == Kind::Multipart
            && let Some(value) = headers.get_mut("content-type").and_then(|values| values.first_mut())
            && let Some(told) = header_text(value).and_then(media_type::without_boundary)
        {
            *value = told.into();
        }
        by_name(headers)
    }

    /// The first header of this name.
    fn header(&self, name: &str) -> Option<&str> {
        header_text(self.headers.get(name)?.first()?)
    }

    /// The lengths of the pieces of the body, if they are such.
    fn has_chunks(&self) -> bool {
        let chunks = self.fields.iter().find(|(name, _)| **name == *CHUNKS);
        let Some((_, Value::List(chunks))) = chunks else { return false };
        let length = |chunk: &Value| match chunk {
            Value::Int(length) => Some(*length),
            _ => None,
        };
        let sum = chunks.iter().try_fold(0_i128, |sum, chunk| sum.checked_add(length(chunk)?));
        sum == bytes(self.body).map(|body| body.len() as i128)
    }
}

/// Returns both messages with their bodies read this far, if the bodies differ, and read alike: as far as both can be.
pub fn views(recorded: &Message<'_>, replayed: &Message<'_>, read: Read) -> (View, View) {
    let both = |read| (recorded.view(read), replayed.view(read));
    if recorded.has_body_of(replayed) {
        return both(Read::Nothing);
    }
    let (mut old, mut new) = both(read);
    if old.kind != new.kind {
        let is_packed = old.kind == Kind::Packed || new.kind == Kind::Packed;
        (old, new) = both(if is_packed { Read::Nothing } else { Read::Unpacked });
    }
    let length = |message: &Message<'_>| bytes(message.body).map(<[u8]>::len);
    if length(recorded) != length(replayed) && recorded.has_chunks() && replayed.has_chunks() {
        old.fields.retain(|(name, _)| **name != *CHUNKS);
        new.fields.retain(|(name, _)| **name != *CHUNKS);
    }
    (old, new)
}

/// The values of each header, by its lower-case name.
fn entries(value: &Value) -> Option<BTreeMap<String, Vec<Value>>> {
    let mut entries = BTreeMap::<String, Vec<Value>>::new();
    let mut add = |name: &str, value: &Value| {
        entries.entry(name.to_ascii_lowercase()).or_default().push(readable_header(value)?);
        Some(())
    };
    match value {
        Value::List(items) => items.iter().try_for_each(|item| match item {
            Value::List(pair) => match pair.as_slice() {
                [Value::Text(name), value] => add(name, value),
                _ => None,
            },
            _ => None,
        })?,
        Value::Map(fields) => fields.iter().try_for_each(|(name, value)| match value {
            Value::List(values) => values.iter().try_for_each(|value| add(name, value)),
            value => add(name, value),
        })?,
        _ => return None,
    }
    Some(entries)
}

/// The value of a header as text, if it is text.
fn readable_header(value: &Value) -> Option<Value> {
    match value {
        Value::Text(_) => Some(value.clone()),
        Value::Bytes(bytes) => Some(readable::text(bytes).map_or_else(|| value.clone(), Value::from)),
        _ => None,
    }
}

fn header_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text.trim()),
        _ => None,
    }
}

/// A record of values by name, in the order of the names. Several values of one name are a list.
fn by_name<N: Into<Name>>(entries: impl IntoIterator<Item = (N, Vec<Value>)>) -> Value {
    let one_or_more = |mut values: Vec<Value>| match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, last) => Value::List(values.into_iter().chain(last).collect()),
    };
    Value::record(entries.into_iter().map(|(name, values)| (name, one_or_more(values))))
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Text(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}
