//! Error messages about the configuration.

use anyhow::anyhow;
use playback_host::tape::{Rule, RuleProblem};
use serde_json::{Value as Json, json};
use std::path::Path;

/// An error with its file, line and key.
pub(super) fn located(path: &Path, text: &str, mut error: toml::de::Error) -> anyhow::Error {
    let line = error.span().map_or(String::new(), |span| format!(":{}", line(text, span.start)));
    // Without its input the error says which key it is about, and nowhere else.
    error.set_input(None);
    let whole = error.to_string();
    let key = whole.strip_prefix(error.message()).map(str::trim).filter(|key| !key.is_empty());
    let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
    anyhow!("{}{line}: {key}{}", path.display(), reworded(error.message()))
}

/// The line of a place in the text, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A message without words that are for programmers.
fn reworded(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("struct Provider", "a table such as { component = \"shop.wasm\" }"),
        ("struct Rule", "a table such as { kind = \"input\" }"),
        ("struct Service", "a table"),
        ("struct Record", "a table"),
        ("struct Replay", "a table"),
        ("struct MaxIncrease", "a table such as { instructions = \"5%\" }"),
        ("struct Limits", "a table"),
        ("struct CompareRule", "a table such as { at = \"outcome /ok/at\", ignore = true }"),
        ("struct Compare", "a table"),
        ("struct Tolerance", "a table such as { absolute = 0.01 }"),
        ("struct OfCategory", "a table"),
        ("struct Sampling", "a table such as { rate = 0.05 }"),
        ("expected f64", "expected a number"),
        ("expected u8", "expected a whole number"),
        ("expected usize", "expected a whole number"),
        ("expected a nonzero usize", "expected a whole number, 1 or more"),
        ("expected a nonzero u64", "expected a whole number, 1 or more"),
        ("wanted exactly 1 element, more than 1 element", "expected one of them, found several"),
        ("wanted exactly 1 element, found 0 elements", "expected one of them, found none"),
    ];
    WORDS.iter().fold(message.replace('\n', " "), |message, (theirs, ours)| message.replace(theirs, ours))
}

/// A name as a key of TOML.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { Json::from(name).to_string() }
}

/// What a rule says as JSON, without what it leaves open.
pub(super) fn said(rule: &Rule) -> Json {
    let mut said = json!(rule);
    if let Json::Object(said) = &mut said {
        said.retain(|_, value| !value.is_null());
    }
    said
}

/// Whether a rule says anything that the problem can be with.
pub(super) fn says(rule: &Rule, problem: &RuleProblem) -> bool {
    match problem {
        RuleProblem::Alias(_) => rule.alias.is_some() || rule.fallback_aliases.is_some(),
        RuleProblem::SharedAlias => rule.alias.is_some(),
        RuleProblem::Renamed { .. } => rule.renamed.is_some(),
        RuleProblem::Key { setting: "key", .. } | RuleProblem::Pointer { setting: "key", .. } => {
            rule.key.is_some()
        }
        RuleProblem::Key { .. }
        | RuleProblem::Pointer { .. }
        | RuleProblem::NormalisePattern { .. }
        | RuleProblem::NormaliseAll { .. } => rule.normalise.is_some(),
        RuleProblem::Default(_)
        | RuleProblem::LiveOutput
        | RuleProblem::LiveResource { .. }
        | RuleProblem::LiveWasi => rule.on_missing.is_some(),
        RuleProblem::ForInputs("key") => rule.key.is_some(),
        RuleProblem::ForInputs(_) => rule.on_exhausted.is_some(),
    }
}

/// Returns true if the value contains a TOML date. JSON has no dates, so the parser turns one into an object with a marker.
pub(super) fn holds_date(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(holds_date),
        Json::Object(fields) => {
            fields.iter().any(|(name, value)| name == "$__toml_private_datetime" || holds_date(value))
        }
        _ => false,
    }
}
