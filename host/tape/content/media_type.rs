//! Media types, as `content-type` has them: [RFC 9110, 8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.3).

use super::Kind;
use std::borrow::Cow;

/// Types outside of `text/` that are text.
const TEXT: [&str; 9] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-sh",
    "application/x-yaml",
    "application/yaml",
];

/// A media type with its parameters.
#[derive(Debug)]
pub(super) struct MediaType<'t> {
    /// In lower case: `text/plain`.
    name: String,
    /// Their names in lower case.
    parameters: Vec<(String, Cow<'t, str>)>,
}

impl<'t> MediaType<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = split(text).into_iter();
        let name = parts.next()?.trim().to_ascii_lowercase();
        let parameter = |part: &'t str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        };
        name.contains('/').then(|| Self { name, parameters: parts.filter_map(parameter).collect() })
    }

    pub(super) fn parameter(&self, wanted: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value)
    }

    /// What a body of this type is read as. `None`: bytes.
    pub(super) fn kind(&self) -> Option<Kind> {
        let name = self.name.as_str();
        match name {
            "application/json" | "text/json" => Some(Kind::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonl" => {
                Some(Kind::JsonLines)
            }
            "application/x-www-form-urlencoded" => Some(Kind::Form),
            "application/xml" | "text/xml" => Some(Kind::Xml),
            _ if name.ends_with("+json") => Some(Kind::Json),
            _ if name.ends_with("+xml") => Some(Kind::Xml),
            _ if name.starts_with("multipart/") => Some(Kind::Multipart),
            _ if name.starts_with("text/") || name.ends_with("+yaml") || TEXT.contains(&name) => {
                Some(Kind::Text)
            }
            _ => None,
        }
    }
}

/// Returns a `content-type` with `<boundary>` in place of the boundary.
pub(super) fn without_boundary(text: &str) -> Option<String> {
    let is_boundary = |part: &str| {
        part.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
    };
    let parts = split(text);
    let told = parts.iter().map(|part| if is_boundary(part) { " boundary=<boundary>" } else { part });
    parts.iter().any(|part| is_boundary(part)).then(|| told.collect::<Vec<_>>().join(";"))
}

/// Splits at each `;` that is not in quotes.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|c| {
        let is_end = c == ';' && !is_quoted;
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = c == '\\' && is_quoted && !is_escaped;
        is_end
    })
    .collect()
}

/// Returns the text that a quoted one is.
pub(super) fn unquoted(text: &str) -> Cow<'_, str> {
    let Some(quoted) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.into();
    };
    let mut is_escape = false;
    let keep = |c: &char| {
        is_escape = *c == '\\' && !is_escape;
        !is_escape
    };
    if quoted.contains('\\') { quoted.chars().filter(keep).collect::<String>().into() } else { quoted.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_any_case_and_in_quotes() {
        let boundary = |text: &str| MediaType::parse(text)?.parameter("boundary").map(str::to_owned);
        assert_eq!(boundary("multipart/form-data; boundary=ab").as_deref(), Some("ab"));
        assert_eq!(boundary("Multipart/Mixed;BOUNDARY=\"a;\\\"b\" ; x=1").as_deref(), Some("a;\"b"));
        assert_eq!(boundary("multipart/mixed"), None);
        assert!(MediaType::parse("nothing").is_none());
    }

    #[test]
    fn a_type_says_what_its_body_is_read_as() {
        let kind = |text: &str| MediaType::parse(text)?.kind();
        assert_eq!(kind("application/problem+json; charset=utf-8"), Some(Kind::Json));
        assert_eq!(kind("image/svg+xml"), Some(Kind::Xml));
        assert_eq!(kind("Text/HTML"), Some(Kind::Text));
        assert_eq!(kind("application/octet-stream"), None);
    }
}
