//! Multipart bodies: [RFC 2046, 5.1](https://www.rfc-editor.org/rfc/rfc2046#section-5.1) and, for forms,
//! [RFC 7578](https://www.rfc-editor.org/rfc/rfc7578).

use super::{BODY, HEADERS, by_name, media_type};
use playback_recording::value::{Value, readable};
use std::collections::BTreeMap;

/// The most parts that are read.
const MAX_PARTS: usize = 1_000;

/// One part.
struct Part<'b> {
    headers: Vec<(String, Value)>,
    body: &'b [u8],
}

/// The parts of a body by their names, those without a name by their number from 0; a list if none has a name. Each is a message.
/// `None`: the body has no such parts.
pub(super) fn parts(body: &[u8], boundary: &str) -> Option<Value> {
    let parts: Vec<Part<'_>> = split(body, boundary)?.into_iter().map(Part::parse).collect::<Option<_>>()?;
    let names: Vec<Option<String>> = parts.iter().map(Part::name).collect();
    let messages = parts.into_iter().map(Part::into_message);
    if names.iter().all(Option::is_none) {
        return Some(Value::List(messages.collect()));
    }
    let mut by_names = BTreeMap::<String, Vec<Value>>::new();
    for (number, (name, message)) in names.into_iter().zip(messages).enumerate() {
        by_names.entry(name.unwrap_or_else(|| number.to_string())).or_default().push(message);
    }
    Some(by_name(by_names))
}

/// What is between the delimiters, each a line of its own.
fn split<'b>(body: &'b [u8], boundary: &str) -> Option<Vec<&'b [u8]>> {
    let delimiter = format!("--{boundary}");
    let (mut parts, mut begin) = (Vec::new(), None);
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix(delimiter.as_bytes()) {
            let rest = rest.trim_ascii();
            if rest.is_empty() || rest == b"--" {
                if let Some(begin) = begin {
                    // The end of the line before is part of the delimiter.
                    let part = body.get(begin..at).unwrap_or_default();
                    let part = part.strip_suffix(b"\n").unwrap_or(part);
                    parts.push(part.strip_suffix(b"\r").unwrap_or(part));
                }
                if rest == b"--" {
                    return (!parts.is_empty()).then_some(parts);
                }
                begin = Some(end);
            }
        }
        if parts.len() > MAX_PARTS {
            return None;
        }
        at = end;
    }
    None
}

impl<'b> Part<'b> {
    fn parse(part: &'b [u8]) -> Option<Self> {
        let (mut headers, mut rest) = (Vec::<(String, Value)>::new(), part);
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            rest = after;
            let line = readable::text(line.trim_ascii_end())?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().into()));
        }
        Some(Self { headers, body: rest })
    }

    /// The name of the field of a form.
    fn name(&self) -> Option<String> {
        let (_, disposition) = self.headers.iter().find(|(name, _)| name == "content-disposition")?;
        let Value::Text(disposition) = disposition else { return None };
        media_type::split(disposition).into_iter().find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let is_name = name.trim().eq_ignore_ascii_case("name");
            is_name.then(|| media_type::unquoted(value.trim()).into_owned())
        })
    }

    fn into_message(self) -> Value {
        let mut headers = BTreeMap::<String, Vec<Value>>::new();
        for (name, value) in self.headers {
            headers.entry(name).or_default().push(value);
        }
        let body = Value::Bytes(self.body.to_vec());
        Value::record([(HEADERS, by_name(headers)), (BODY, body)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_their_names_and_are_messages() {
        let body = b"preamble\r\n--ab\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--ab \r\n\
            content-disposition: form-data; name=b; filename=\"x.bin\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n--abc\n\r\n--ab--\r\nend";
        let part = |headers: &[(&str, &str)], body: &[u8]| {
            let headers = Value::record(headers.iter().map(|(name, value)| (*name, Value::from(*value))));
            Value::record([("headers", headers), ("body", Value::Bytes(body.to_vec()))])
        };
        let disposition = "content-disposition";
        let expected = Value::record([
            ("a", part(&[(disposition, "form-data; name=\"a\"")], b"1")),
            (
                "b",
                part(
                    &[(disposition, "form-data; name=b; filename=\"x.bin\""), ("content-type", "image/png")],
                    b"\xff\r\n--abc\n",
                ),
            ),
        ]);
        assert_eq!(parts(body, "ab"), Some(expected));
    }

    #[test]
    fn parts_without_names_are_a_list_and_a_body_that_is_cut_off_has_none() {
        let body = b"--x\n\na\n--x\nContent-Type: text/plain\n\nb\n--x--";
        let bodies = parts(body, "x").map(|parts| ["/0/body", "/1/body"].map(|at| parts.at(at).cloned()));
        assert_eq!(bodies, Some([b"a", b"b"].map(|body| Some(Value::Bytes(body.to_vec())))));
        assert_eq!(parts(&body[..20], "x"), None);
        assert_eq!(parts(body, "y"), None);
    }
}
