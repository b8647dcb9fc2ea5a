//! Places in what is compared, as patterns.

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place, or a pattern of places: `shop:orders/outputs#notify /text`, `outcome`, `file /tmp/**`, `/**/trace-id`.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What it is in. `None`: in anything.
    pub(super) what: Option<Pattern>,
    /// Where in it. `None`: all of it.
    pub(super) path: Option<Pattern>,
}

/// A text in which `*` and `**` stand for other texts.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

/// The text is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a place: {reason}; write one as reports print it, such as `outcome /ok/total` or `/**/trace-id`"
)]
pub struct InvalidPlace {
    text: String,
    reason: &'static str,
}

impl Pattern {
    /// `*` and `**` are the only signs of a pattern, since names of methods have brackets. Where the text is a path, `*` stops at
    /// the end of a part.
    fn new(text: String, is_path: bool) -> Option<Self> {
        // A place in a file is one path: that of the file and that in it.
        let joined = if is_path { text.replace(" /", "/") } else { text.clone() };
        let escaped: Vec<String> = joined.split('*').map(globset::escape).collect();
        let glob = GlobBuilder::new(&escaped.join("*")).literal_separator(is_path).build().ok()?;
        Some(Self { text, matcher: glob.compile_matcher() })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let invalid = |reason| InvalidPlace { text: text.to_owned(), reason };
        let trimmed = text.trim();
        let (what, path) = match trimmed.split_once(" /") {
            _ if trimmed.is_empty() => return Err(invalid("it is empty")),
            _ if trimmed.starts_with('/') => (None, Some(trimmed.to_owned())),
            Some((what, path)) => (Some(what.trim_end().to_owned()), Some(format!("/{path}"))),
            None if trimmed.contains(' ') => return Err(invalid("the path after the space begins with `/`")),
            None => (Some(trimmed.to_owned()), None),
        };
        if path.as_deref().is_some_and(|path| path.len() > 1 && path.ends_with('/')) {
            return Err(invalid("its path ends with `/`"));
        }
        let pattern = |text: Option<String>, is_path| match text {
            None => Ok(None),
            Some(text) => Pattern::new(text, is_path).map(Some).ok_or(invalid("it is too long")),
        };
        Ok(Self { what: pattern(what, false)?, path: pattern(path, true)? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> =
            [&self.what, &self.path].into_iter().flatten().map(|pattern| pattern.text.as_str()).collect();
        f.write_str(&parts.join(" "))
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn matches(place: &str, what: &str, path: &str) -> bool {
        let place: Place = place.parse().unwrap();
        let is_what = place.what.is_none_or(|pattern| pattern.is_match(what));
        is_what && place.path.is_none_or(|pattern| pattern.is_match(path))
    }

    #[test]
    fn a_place_matches_what_reports_print() {
        assert!(matches("outcome /ok/total", "outcome", "/ok/total"));
        assert!(!matches("outcome /ok/total", "outcome", "/ok/total/cents"));
        assert!(!matches("outcome /ok/total", "stdout", "/ok/total"));
        assert!(matches(
            "shop:orders/outputs#notify /lines/*/cents",
            "shop:orders/outputs#notify",
            "/lines/12/cents"
        ));
    }

    #[test]
    fn stars_stand_for_parts_of_a_path_and_for_any_part_of_a_name() {
        for path in ["/trace-id", "/a/trace-id", "/a/0/b/trace-id"] {
            assert!(matches("/**/trace-id", "anything", path), "{path}");
        }
        assert!(!matches("/**/trace-id", "anything", "/a/trace-id/b"));
        assert!(matches("/a/*", "anything", "/a/b") && !matches("/a/*", "anything", "/a/b/c"));
        assert!(matches("/a/**", "anything", "/a/b/c"));
        assert!(matches("shop:*", "shop:orders/outputs#notify", ""));
        assert!(matches("file /tmp/*.log", "file", "/tmp/a.log"));
        assert!(matches("file /tmp/a.json /id", "file", "/tmp/a.json/id"));
    }

    #[test]
    fn brackets_and_braces_of_names_are_no_patterns() {
        assert!(matches("a:b/c#[method]bucket.get", "a:b/c#[method]bucket.get", ""));
        assert!(matches("price.{sku}?", "price.{sku}?", "") && !matches("price.{sku}?", "price.sku1", ""));
    }

    #[test]
    fn a_text_that_is_no_place_is_refused_with_the_reason() {
        let problem = |text: &str| text.parse::<Place>().unwrap_err().to_string();
        assert!(problem("outcome ok").contains("begins with `/`"), "{}", problem("outcome ok"));
        assert!(problem(" ").contains("empty"));
        assert!(problem("outcome /ok/").contains("ends with `/`"));
    }

    #[test]
    fn a_place_is_written_as_it_is_read() {
        for text in ["outcome", "outcome /ok", "/**/id", "file /tmp/**"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
    }
}
