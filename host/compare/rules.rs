//! What a user says about differences: `[[compare.rule]]` of `playback.toml`, and the settings of a category.
//!
//! A rule names a place, as reports print it, and says how values there are compared. It says why, who decided it and until
//! when it holds, so that a reviewer can judge it later.

use jiff::civil::Date;
use playback_recording::Category;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod extract;
mod interception;
mod place;
pub(crate) mod until;

pub use extract::{Extract, InvalidExtract};
pub use place::{InvalidPlace, Place};
pub use playback_tape::{InvalidPattern, Normalise};

/// One entry of `[[compare.rule]]`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CompareRule"))]
#[serde(deny_unknown_fields, rename = "CompareRule", rename_all = "kebab-case")]
pub struct Rule {
    /// Where it applies, in the form in which reports print places: `outcome /ok/total`, `shop:orders/outputs#notify /text`,
    /// `file /tmp/**`, or `/**/trace-id` for that path anywhere. `*` stands for anything within one part of a path, `**` for any
    /// number of parts. It holds for everything inside the place too.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub at: Place,
    /// The categories for which it applies. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub category: Vec<Category>,
    /// Whether differences there do not count.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore: bool,
    /// Whether the order of the list there does not count; of the calls, if the place is a function.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unordered: bool,
    /// The field by whose value the items of the list there are found, by its name or, where it is deeper, as a JSON pointer: `id`,
    /// `/order/id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How far numbers there may be apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Tolerance>,
    /// Whether upper and lower case are the same there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_case: bool,
    /// Whether the amount of white space does not count there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_white_space: bool,
    /// What texts there have a fresh value of each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub normalise: Vec<Normalise>,
    /// What the texts or bytes there are.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The reason for the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The last day on which it applies.
    #[serde(default, with = "until", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub until: Option<Date>,
}

/// How far apart two numbers may be to count as equal. Either bound is enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Tolerance {
    /// The largest difference.
    pub absolute: f64,
    /// The largest difference, as a share of the larger number.
    pub relative: f64,
}

/// What a text or a list of bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON: compared by its fields.
    Json,
    /// XML: compared by its elements and attributes.
    Xml,
    /// Text: compared line by line.
    Text,
}

/// How the outputs of an operation are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The calls of one alias have an order; calls of different aliases have none.
    #[default]
    Alias,
    /// All outputs have one order.
    Outputs,
}

/// What holds for one category, beside its rules.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Settings {
    /// The one value that is compared, instead of all outputs and the outcome: `shop:orders/outputs#store#1/args/0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub result: Option<Extract>,
    /// Which outputs have an order among each other.
    pub order: Order,
    /// Whether what is usually a note counts as a difference: inputs that were not asked for, were asked for more often or in another
    /// order, and answers that are not the recorded ones of the call.
    pub strict: bool,
}

impl Rule {
    /// A rule for a place that says nothing yet.
    pub fn new(at: Place) -> Self {
        Self {
            at,
            category: Vec::new(),
            ignore: false,
            unordered: false,
            key: None,
            tolerance: None,
            ignore_case: false,
            ignore_white_space: false,
            normalise: Vec::new(),
            format: None,
            why: None,
            who: None,
            until: None,
        }
    }

    /// A rule that ignores a place.
    pub fn ignoring(at: Place) -> Self {
        Self { ignore: true, ..Self::new(at) }
    }
}

/// The rules that apply to one category, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    pub(crate) rules: Arc<[Indexed]>,
    pub(crate) settings: Settings,
}

/// A rule, and where it stands among all rules.
#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) index: usize,
    pub(crate) rule: Rule,
}

impl RuleSet {
    /// Selects those of `rules` that apply to `category` on the day `today`. A rule that has expired does not apply.
    pub fn new(rules: &[Rule], settings: &Settings, category: &Category, today: Date) -> Self {
        let applies = |rule: &Rule| {
            let is_current = rule.until.is_none_or(|until| until >= today);
            is_current && (rule.category.is_empty() || rule.category.contains(category))
        };
        let all = rules.iter().cloned().enumerate().filter(|(_, rule)| applies(rule));
        let indexed = all.map(|(index, rule)| Indexed { index, rule });
        Self { rules: indexed.collect(), settings: settings.clone() }
    }
}

impl Indexed {
    /// Returns true if the rule can apply to something inside `what`.
    pub(crate) fn is_for(&self, what: &str) -> bool {
        self.rule.at.what.as_ref().is_none_or(|pattern| pattern.is_match(what))
    }

    /// Returns true if the rule is for exactly this path.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        match &self.rule.at.path {
            Some(pattern) => pattern.is_match(path),
            None => path.is_empty(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}
