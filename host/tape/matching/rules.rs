//! The rules of `playback.toml`'s `[interceptions]`. How they settle what happens to each import is in
//! [`mod@resolve`].

use super::alias::AliasError;
use playback_recording::Kind;
use playback_recording::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

mod resolve;

/// Rules by what they are for: an interface, `shop:orders/inputs`, or a function, `shop:orders/inputs#price-of`.
/// Versions may be given or left out; a rule with the version goes before one without. What a function's rule
/// leaves open its interface's rule decides, but for the alias.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, Rule>);

/// What one entry of `[interceptions]` says. Everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Input or output.
    pub kind: Option<Kind>,
    /// The stable name, with placeholders in braces.
    pub alias: Option<String>,
    /// Older names to look under.
    pub fallback_aliases: Option<Vec<String>>,
    /// The arguments that identify a call of an input; empty: none do. `headers.accept` is an entry of an argument that is a list of
    /// names with values, and `body:/order/id` the part at a JSON pointer of one that is a record, JSON as text or bytes, or the body
    /// of a message by its content type.
    pub key: Option<Vec<String>>,
    /// Arguments that have another name today: the name when it was recorded, then today's.
    pub renamed: Option<BTreeMap<String, String>>,
    /// What of the arguments is new in each call, so that it neither identifies a call nor is a difference.
    pub normalise: Option<Vec<NormaliseRule>>,
    /// What a call gets that was never recorded. `None`: it ends the replay, unless it is an output whose result says at most
    /// whether it succeeded: then it succeeds.
    pub on_missing: Option<MissingRule>,
    /// What an input's call gets when its key is used up.
    pub on_exhausted: Option<OnExhausted>,
}

/// One entry of `normalise` as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NormaliseRule {
    /// Where, as in `key`: `id`, `headers.x-request-id`, `body:/id`. `None`: in every text of the arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The regular expression for what is replaced. `None`: `as` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What stands in for it. Without a pattern: `uuid` for each UUID, `timestamp` for each date with a time, and any other name for
    /// the value at the path.
    #[serde(rename = "as")]
    pub name: String,
}

/// `on-missing` as it is written: a default is still JSON.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MissingRule {
    /// End the replay with a divergence.
    Fail,
    /// Ask the provider.
    Live,
    /// Answer with this, in the JSON form of the function's result; `"none"` where it has none.
    Default(serde_json::Value),
}

/// What a call gets that was never recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum OnMissing {
    /// The replay ends with a divergence.
    Fail,
    /// The provider is asked; only where the replay was given one.
    Live,
    /// This value.
    Default(Value),
    /// What the service makes for it. Of the guest SDK alone.
    Made,
    /// Its body runs, in the sandbox. Of the guest SDK alone.
    Body,
}

/// What an input's call gets when every recorded outcome of its key was given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnExhausted {
    /// The last one again.
    #[default]
    Repeat,
    /// What was never recorded gets.
    Missing,
}

/// What decided whether a function is an input or an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A rule for the function.
    FunctionRule,
    /// A rule for its interface.
    InterfaceRule,
    /// The interface is named `inputs` or `outputs`.
    InterfaceName,
    /// It has no result, so it only sends.
    NoResult,
    /// Its result says whether it succeeded and brings nothing else in, so it only sends.
    OnlySuccess,
    /// It has a result.
    HasResult,
    /// An attribute of the guest SDK.
    Attribute,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FunctionRule => "a rule for the function",
            Self::InterfaceRule => "a rule for the interface",
            Self::InterfaceName => "the interface's name",
            Self::NoResult => "it has no result",
            Self::OnlySuccess => "its result says only whether it succeeded",
            Self::HasResult => "it has a result",
            Self::Attribute => "its attribute",
        })
    }
}

/// A rule that does not fit the function it is for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule for `{function}` cannot be used: {problem}")]
#[non_exhaustive]
pub struct RuleError {
    /// The function's full WIT name.
    pub function: String,
    /// What is wrong.
    pub problem: RuleProblem,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// An alias that cannot be rendered.
    #[error(transparent)]
    Alias(#[from] AliasError),
    /// `key` names something that is not a parameter.
    #[error("`{setting}` names `{name}`, but the function's arguments are {known}")]
    Key {
        /// The setting that does: `key` or `normalise`.
        setting: &'static str,
        /// The unknown name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// What follows the colon is not a JSON pointer.
    #[error("`{setting}` names `{name}`, but what follows the `:` is no JSON pointer; write it as `{fixed}`")]
    Pointer {
        /// The setting that does: `key` or `normalise`.
        setting: &'static str,
        /// The text.
        name: String,
        /// The text with a pointer that it probably stands for.
        fixed: String,
    },
    /// `renamed` gives a name that is not a parameter's today.
    #[error("`renamed` says that `{old}` is `{new}` now, but the function's arguments are {known}")]
    Renamed {
        /// The recorded name.
        old: String,
        /// The unknown name.
        new: String,
        /// The names there are.
        known: String,
    },
    /// A pattern of `normalise` is not a regular expression.
    #[error(
        "`normalise` has the pattern `{pattern}`, which is not a regular expression: {reason}; write a `\\` before a sign that \
         stands for itself"
    )]
    NormalisePattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `normalise` with a name, and nothing that it stands in for.
    #[error(
        "`normalise` has `as = \"{name}\"` without saying what it stands for; add a `path` or a `pattern`, or write `uuid` or \
         `timestamp`"
    )]
    NormaliseAll {
        /// The name.
        name: String,
    },
    /// The default is not a value of the function's result.
    #[error("its default does not fit the function's result: {0}")]
    Default(String),
    /// A function's rule that says how an input is found, for an output.
    #[error("`{0}` is for inputs; an output is found by its ordinal, and its arguments are compared")]
    ForInputs(&'static str),
    /// An interface's rule with an alias: its functions would take each other's answers.
    #[error(
        "the rule for its interface gives an `alias`, which one function can have; give each function its own"
    )]
    SharedAlias,
    /// `on-missing = "live"` for a function of WASI, which no provider answers.
    #[error(
        "`on-missing = \"live\"` is for functions that a provider answers; a replay sends no HTTP request"
    )]
    LiveWasi,
    /// `on-missing = "live"` for a function that takes or returns a resource.
    #[error(
        "`on-missing = \"live\"` cannot work for a function that takes or returns a resource: no provider has the resources \
         of a recording; use `fail`{}", if *.returns_one { "" } else { ", or a default" }
    )]
    LiveResource {
        /// Whether it returns one, so that no default stands for its result either.
        returns_one: bool,
    },
    /// `on-missing = "live"` for an output: an output would be sent twice.
    #[error("`on-missing = \"live\"` is for inputs; an output is never sent from a replay")]
    LiveOutput,
}

impl Rules {
    /// Adds `rule` for an interface or a function, replacing what was there.
    #[must_use]
    pub fn with(mut self, target: impl Into<String>, rule: Rule) -> Self {
        self.0.insert(target.into(), rule);
        self
    }
}
