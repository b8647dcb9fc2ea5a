//! Causes: what changes of many recordings have in common.

use crate::kind::ChangeKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use twox_hash::XxHash3_128;

/// What identifies a cause: where something changed, and how. Nothing in it belongs to one recording alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Cause {
    /// What changed: `outcome`, `stdout`, `stderr`, `file`, or the name of an imported function, without its version.
    pub what: String,
    /// Where in it, as a JSON pointer whose list indices are `*`; the path of a file. Empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// How.
    pub kind: ChangeKind,
    /// The reason of a divergence, or the limit that was reached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// The short name of a cause, as users write it: eight hexadecimal digits that depend on the cause alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CauseId(u32);

/// The text is not the name of a cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the name of a cause; a cause is named by eight hexadecimal digits, as reports print them"
)]
pub struct InvalidCauseId(String);

impl Cause {
    /// A cause of this kind. `path` may have list indices; each becomes `*`.
    pub(crate) fn new(what: impl Into<String>, path: &str, kind: ChangeKind) -> Self {
        Self { what: what.into(), path: any_index(path), kind, detail: String::new() }
    }

    /// Adds the reason of a divergence or of a stop.
    pub(crate) fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Returns the name of the cause.
    pub fn id(&self) -> CauseId {
        let Self { what, path, kind, detail } = self;
        let hash = XxHash3_128::oneshot(format!("{what}\0{path}\0{kind}\0{detail}").as_bytes());
        // Any 32 bits of it serve.
        CauseId((hash & u128::from(u32::MAX)) as u32)
    }
}

/// Replaces the list indices of a JSON pointer by `*`, so that all items of a list have one place.
fn any_index(path: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = path.split('/').map(|part| if is_index(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, path, kind, detail } = self;
        let place = if path.is_empty() { what.clone() } else { format!("{what} {path}") };
        match kind {
            ChangeKind::Changed if path.is_empty() => write!(f, "{place} as a whole"),
            ChangeKind::Changed => f.write_str(&place),
            ChangeKind::Added => write!(f, "{place}: was added"),
            ChangeKind::Removed => write!(f, "{place}: is gone"),
            ChangeKind::New => write!(f, "{place}: was not recorded"),
            ChangeKind::NotMade => write!(f, "{place}: was recorded, and not made"),
            ChangeKind::Moved => write!(f, "{place}: came at another place in the order"),
            ChangeKind::NotInType => write!(f, "{place}: is no longer in its type"),
            ChangeKind::Diverged | ChangeKind::Stopped | ChangeKind::Lenient => {
                write!(f, "{place}: {detail}")
            }
            ChangeKind::NotAsked => write!(f, "{place}: was recorded, and not asked for"),
            ChangeKind::Repeated => write!(f, "{place}: was asked for more often than recorded"),
            ChangeKind::Judged => write!(f, "{place}: the comparator found a difference"),
        }
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl FromStr for CauseId {
    type Err = InvalidCauseId;

    fn from_str(text: &str) -> Result<Self, InvalidCauseId> {
        let is_name = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_name.then(|| u32::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or_else(|| InvalidCauseId(text.to_owned()))
    }
}

impl Serialize for CauseId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CauseId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn the_items_of_a_list_are_one_cause() {
        let cause = |path: &str| Cause::new("outcome", path, ChangeKind::Changed);
        assert_eq!(cause("/ok/lines/17/cents"), cause("/ok/lines/3/cents"));
        assert_eq!(cause("/ok/lines/17/cents").to_string(), "outcome /ok/lines/*/cents");
        assert_eq!(cause("").to_string(), "outcome as a whole");
    }

    #[test]
    fn a_cause_has_a_name_that_users_can_write() {
        let cause = Cause::new("outcome", "/ok/total", ChangeKind::Changed);
        assert_eq!(cause.id().to_string().parse(), Ok(cause.id()));
        let added = Cause::new("outcome", "/ok/total", ChangeKind::Added);
        assert_ne!(cause.id(), added.id());
        for wrong in ["", "12", "123456789", "0123456g", "+1234567"] {
            assert!(wrong.parse::<CauseId>().is_err(), "{wrong}");
        }
    }
}
