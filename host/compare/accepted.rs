//! Changes that are meant: a file that `playback-host accept` writes, that is checked in beside the code, and that a reviewer
//! can read.

use crate::cause::{Cause, CauseId};
use crate::kind::ChangeKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One change that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Accept {
    /// What changed, as reports name it.
    pub what: String,
    /// Where in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// How it changed.
    pub kind: ChangeKind,
    /// The reason of a divergence, or the limit that was reached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The category for which it is meant. `None`: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Why it is meant.
    pub reason: String,
    /// Who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The last day on which it is accepted.
    #[serde(default, with = "crate::rules::until", skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    accept: Vec<Accept>,
}

/// The changes that are meant.
#[derive(Debug, Default)]
pub struct Accepted {
    entries: Vec<Accept>,
    /// Those that have not expired, by their causes.
    by_cause: HashMap<Cause, Vec<usize>>,
}

/// The comment at the head of the file.
const HEAD: &str = "\
# Changes that are meant. `playback-host accept` adds to this file; edit it as you like. Reports call these
# changes `accepted`, and list the entries that match nothing any more.
";

impl Accept {
    /// Accepts `cause` for this reason.
    pub fn new(cause: Cause, reason: impl Into<String>) -> Self {
        let Cause { what, path, kind, detail } = cause;
        Self { what, path, kind, detail, category: None, reason: reason.into(), who: None, until: None }
    }

    /// The cause that it accepts.
    pub fn cause(&self) -> Cause {
        let Self { what, path, kind, detail, .. } = self.clone();
        Cause { what, path, kind, detail }
    }
}

impl Accepted {
    /// Reads the file. An entry whose last day is before `today` accepts nothing.
    ///
    /// # Errors
    ///
    /// The text is not such a file.
    pub fn parse(text: &str, today: Date) -> Result<Self, toml::de::Error> {
        let File { accept: entries } = toml::from_str(text)?;
        let mut by_cause: HashMap<Cause, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if entry.until.is_none_or(|until| until >= today) {
                by_cause.entry(entry.cause()).or_default().push(at);
            }
        }
        Ok(Self { entries, by_cause })
    }

    /// Returns the text of the file with one more entry. An entry for the same cause and category is replaced; comments stay only at
    /// the head.
    ///
    /// # Errors
    ///
    /// The entry cannot be written as TOML.
    pub fn with(&self, entry: Accept) -> Result<String, toml::ser::Error> {
        let mut entries = self.entries.clone();
        entries.retain(|other| other.cause() != entry.cause() || other.category != entry.category);
        entries.push(entry);
        entries.sort_by(|a, b| {
            (&a.what, &a.path, a.kind, &a.category).cmp(&(&b.what, &b.path, b.kind, &b.category))
        });
        Ok(format!("{HEAD}\n{}", toml::to_string(&File { accept: entries })?))
    }

    /// Returns the entries in the order of the file.
    pub fn entries(&self) -> &[Accept] {
        &self.entries
    }

    /// Returns the reason for which `cause` is accepted in a category, if it is.
    pub(crate) fn reason(&self, category: &str, cause: &Cause) -> Option<&str> {
        let found = self.by_cause.get(cause)?.iter().filter_map(|at| self.entries.get(*at));
        let mut applies = found.filter(|entry| entry.category.as_deref().is_none_or(|of| of == category));
        applies.next().map(|entry| entry.reason.as_str())
    }

    /// Returns the entries that accept none of `causes`: they have expired, or what they accept no longer happens.
    pub fn unused<'a>(&'a self, causes: &[CauseId]) -> Vec<&'a Accept> {
        self.entries.iter().filter(|entry| !causes.contains(&entry.cause().id())).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn total() -> Cause {
        Cause::new("outcome", "/ok/total", ChangeKind::Changed)
    }

    fn today() -> Date {
        "2026-06-01".parse().unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_and_accepts_its_cause_alone() {
        let entry = Accept { until: Some(today()), ..Accept::new(total(), "rounds half to even now") };
        let text = Accepted::default().with(entry.clone()).unwrap();
        assert!(text.starts_with("# Changes that are meant."), "{text}");
        assert!(
            text.contains("[[accept]]\nwhat = \"outcome\"\npath = \"/ok/total\"\nkind = \"changed\"\n"),
            "{text}"
        );
        let accepted = Accepted::parse(&text, today()).unwrap();
        assert_eq!(accepted.entries(), [entry]);
        assert_eq!(accepted.reason("orders", &total()), Some("rounds half to even now"));
        assert_eq!(accepted.reason("orders", &Cause::new("outcome", "/ok/tax", ChangeKind::Changed)), None);
        assert_eq!(accepted.reason("orders", &Cause::new("outcome", "/ok/total", ChangeKind::Added)), None);
    }

    #[test]
    fn an_entry_expires_and_holds_for_its_category_alone() {
        let text =
            "[[accept]]\nwhat = \"outcome\"\npath = \"/ok/total\"\nkind = \"changed\"\nreason = \"x\"\n";
        let expired = Accepted::parse(&format!("{text}until = 2026-05-31\n"), today()).unwrap();
        assert_eq!(expired.reason("orders", &total()), None);
        assert_eq!(expired.unused(&[]).len(), 1);
        let of_refunds = Accepted::parse(&format!("{text}category = \"refunds\"\n"), today()).unwrap();
        assert_eq!(
            (of_refunds.reason("orders", &total()), of_refunds.reason("refunds", &total())),
            (None, Some("x"))
        );
    }

    #[test]
    fn accepting_a_cause_again_replaces_its_reason() {
        let text = Accepted::default().with(Accept::new(total(), "first")).unwrap();
        let accepted = Accepted::parse(&text, today()).unwrap();
        let text = accepted.with(Accept::new(total(), "second")).unwrap();
        let accepted = Accepted::parse(&text, today()).unwrap();
        assert_eq!(accepted.reason("orders", &total()), Some("second"));
        assert_eq!(accepted.entries().len(), 1);
    }

    #[test]
    fn a_file_that_says_something_unknown_is_refused() {
        assert!(Accepted::parse("[[accept]]\nwhat = \"outcome\"\n", today()).is_err());
        assert!(Accepted::parse("[[acept]]\n", today()).is_err());
    }
}
