//! Parts of texts that are new each time, such as ids and times: every value of them is the same.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What is replaced in a text before it is compared.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected `\"uuid\"`, `\"timestamp\"`, or `{ pattern = \"..\", as = \"..\" }`")]
pub enum Normalise {
    /// A sort that is known.
    Known(Known),
    /// What a regular expression matches.
    Pattern(Pattern),
}

/// A sort of text that is new each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// A UUID in its usual form, in upper or lower case.
    Uuid,
    /// A date with a time, as in RFC 3339 and RFC 9110: `2026-01-02T03:04:05Z`, `Fri, 02 Jan 2026 03:04:05 GMT`.
    Timestamp,
}

/// A regular expression, and the name that stands in for what it matches.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, try_from = "Written", into = "Written")]
#[cfg_attr(feature = "schema", schemars(with = "Written"))]
pub struct Pattern {
    regex: Regex,
    name: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Written {
    /// The regular expression.
    pattern: String,
    /// The name that stands in for what it matches.
    #[serde(rename = "as")]
    name: String,
}

/// The text is not a regular expression.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a regular expression: {error}")]
pub struct InvalidPattern {
    pattern: String,
    #[source]
    error: regex::Error,
}

static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").ok());

static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let rfc3339 = r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})?";
    let rfc9110 = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT";
    Regex::new(&format!("{rfc3339}|{rfc9110}")).ok()
});

impl Normalise {
    /// Replaces what a regular expression matches by a name.
    ///
    /// # Errors
    ///
    /// `pattern` is not a regular expression.
    pub fn pattern(pattern: &str, name: &str) -> Result<Self, InvalidPattern> {
        let (pattern, name) = (pattern.to_owned(), name.to_owned());
        Pattern::try_from(Written { pattern, name }).map(Self::Pattern)
    }

    /// Replaces in `text` what is new each time.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (regex, name) = match self {
            Self::Known(Known::Uuid) => (UUID.as_ref(), "<uuid>"),
            Self::Known(Known::Timestamp) => (TIMESTAMP.as_ref(), "<timestamp>"),
            Self::Pattern(Pattern { regex, name }) => (Some(regex), name.as_str()),
        };
        regex.map_or(Cow::Borrowed(text), |regex| regex.replace_all(text, regex::NoExpand(name)))
    }
}

impl InvalidPattern {
    /// Returns what is wrong, in one line.
    pub fn reason(&self) -> String {
        let text = self.error.to_string();
        let last = text.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").to_owned()
    }
}

impl TryFrom<Written> for Pattern {
    type Error = InvalidPattern;

    fn try_from(Written { pattern, name }: Written) -> Result<Self, InvalidPattern> {
        let regex = Regex::new(&pattern).map_err(|error| InvalidPattern { pattern, error })?;
        Ok(Self { regex, name })
    }
}

impl From<Pattern> for Written {
    fn from(Pattern { regex, name }: Pattern) -> Self {
        Self { pattern: regex.as_str().to_owned(), name }
    }
}

impl PartialEq for Normalise {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => a == b,
            (Self::Pattern(a), Self::Pattern(b)) => a.regex.as_str() == b.regex.as_str() && a.name == b.name,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_are_the_same_wherever_they_stand() {
        let uuid = Normalise::Known(Known::Uuid);
        assert_eq!(uuid.apply("order 0198B7A3-5d1e-7abc-8def-0123456789ab!"), "order <uuid>!");
        let timestamp = Normalise::Known(Known::Timestamp);
        for text in ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05.123+01:00", "Fri, 02 Jan 2026 03:04:05 GMT"]
        {
            assert_eq!(timestamp.apply(text), "<timestamp>", "{text}");
        }
        assert_eq!(timestamp.apply("2026-01-02"), "2026-01-02", "a day without a time is a value");
    }
}
