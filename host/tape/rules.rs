//! The rules of `playback.toml`'s `[interceptions]`, and how they settle what happens to each import.

use super::alias::{AliasError, AliasPattern, list_names};
use super::boundary::{Boundary, Interceptor, Signature};
use crate::recording::{Kind, format};
use crate::value::fit::{self, Source};
use crate::value::{Type, Value, json};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Rules by what they are for: an interface, `shop:orders/inputs`, or a function, `shop:orders/inputs#price-of`.
/// Versions may be given or left out. What a function's rule leaves open its interface's rule decides.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, Rule>);

/// What one entry of `[interceptions]` says. Everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Input or output.
    pub kind: Option<Kind>,
    /// The stable name, with placeholders in braces.
    pub alias: Option<String>,
    /// Older names to look under.
    pub fallback_aliases: Option<Vec<String>>,
    /// The arguments that identify a call of an input; empty: none do.
    pub key: Option<Vec<String>>,
    /// What a call gets that was never recorded.
    pub on_missing: Option<MissingRule>,
    /// What an input's call gets when its key is used up.
    pub on_exhausted: Option<OnExhausted>,
}

/// `on-missing` as it is written: a default is still JSON.
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
}

/// What an input's call gets when every recorded outcome of its key was given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
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
    /// It has a result.
    HasResult,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FunctionRule => "a rule for the function",
            Self::InterfaceRule => "a rule for the interface",
            Self::InterfaceName => "the interface's name",
            Self::NoResult => "it has no result",
            Self::HasResult => "it has a result",
        })
    }
}

/// A rule that does not fit the function it is for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule for `{function}` cannot be used: {problem}")]
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
    /// `key` names something that is no parameter.
    #[error("`key` names `{name}`, but the function's arguments are {known}")]
    Key {
        /// The unknown name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The default is no value of the function's result.
    #[error("its default does not fit the function's result: {0}")]
    Default(String),
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

    /// Settles what happens to each of these imports.
    pub fn resolve(&self, imports: &[Signature]) -> Result<Boundary, RuleError> {
        let interceptors = imports
            .iter()
            .map(|signature| {
                let shared = imports.iter().filter(|other| default_alias(other) == default_alias(signature));
                // Two versions of one interface in one component: only their full names tell them apart.
                let alias = if shared.count() > 1 { signature.full_name() } else { default_alias(signature) };
                self.interceptor(signature, &alias)
                    .map_err(|problem| RuleError { function: signature.full_name(), problem })
            })
            .collect::<Result<_, _>>()?;
        Ok(Boundary::new(interceptors))
    }

    /// The targets of rules that name nothing among these imports, as typing errors do.
    pub fn unused<'r>(&'r self, imports: &[Signature]) -> Vec<&'r str> {
        let named = |target: &str| {
            imports.iter().any(|signature| {
                names(signature).contains(&target.to_owned())
                    || signature.interface.as_ref().is_some_and(|interface| same_interface(interface, target))
            })
        };
        self.0.keys().map(String::as_str).filter(|target| !named(target)).collect()
    }

    fn interceptor(&self, signature: &Signature, own_alias: &str) -> Result<Interceptor, RuleProblem> {
        let own = names(signature).iter().find_map(|name| self.0.get(name)).cloned().unwrap_or_default();
        let interface = signature.interface.as_ref().and_then(|interface| {
            self.0.iter().find(|(target, _)| same_interface(interface, target)).map(|(_, rule)| rule.clone())
        });
        let interface = interface.unwrap_or_default();
        let (kind, why) = decide(signature, own.kind, interface.kind);
        let parse = |pattern: &String| AliasPattern::parse(pattern, &signature.parameters);
        let alias = own.alias.or(interface.alias);
        let fallback_aliases = own.fallback_aliases.or(interface.fallback_aliases).unwrap_or_default();
        let on_missing = own.on_missing.or(interface.on_missing).unwrap_or(MissingRule::Fail);
        Ok(Interceptor {
            position: 0,
            function: signature.to_function(),
            kind,
            why,
            alias: alias.as_ref().map(parse).transpose()?.unwrap_or_else(|| AliasPattern::fixed(own_alias)),
            fallback_aliases: fallback_aliases.iter().map(parse).collect::<Result<_, _>>()?,
            key: own.key.or(interface.key).map(|key| positions(&key, signature)).transpose()?,
            on_missing: missing(on_missing, kind, signature)?,
            on_exhausted: own.on_exhausted.or(interface.on_exhausted).unwrap_or_default(),
            signature: signature.clone(),
        })
    }
}

/// The names a rule can use for a function.
fn names(signature: &Signature) -> [String; 2] {
    [signature.full_name(), default_alias(signature)]
}

fn default_alias(signature: &Signature) -> String {
    format::default_alias(&signature.full_name())
}

fn same_interface(interface: &str, target: &str) -> bool {
    interface == target || interface.split('@').next() == Some(target)
}

fn decide(signature: &Signature, function: Option<Kind>, interface: Option<Kind>) -> (Kind, Why) {
    let name = signature.interface.as_deref().and_then(|interface| {
        match interface.split('@').next()?.rsplit(['/', ':']).next()? {
            "inputs" => Some(Kind::Input),
            "outputs" => Some(Kind::Output),
            _ => None,
        }
    });
    let by_result = match signature.result {
        None => (Kind::Output, Why::NoResult),
        Some(_) => (Kind::Input, Why::HasResult),
    };
    function
        .map(|kind| (kind, Why::FunctionRule))
        .or(interface.map(|kind| (kind, Why::InterfaceRule)))
        .or(name.map(|kind| (kind, Why::InterfaceName)))
        .unwrap_or(by_result)
}

fn positions(key: &[String], signature: &Signature) -> Result<Vec<usize>, RuleProblem> {
    let position = |name: &String| {
        signature.parameters.iter().position(|parameter| *parameter.name == **name).ok_or_else(|| {
            RuleProblem::Key { name: name.clone(), known: list_names(&signature.parameters) }
        })
    };
    let mut positions = key.iter().map(position).collect::<Result<Vec<_>, _>>()?;
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

fn missing(rule: MissingRule, kind: Kind, signature: &Signature) -> Result<OnMissing, RuleProblem> {
    let json = match rule {
        MissingRule::Fail => return Ok(OnMissing::Fail),
        MissingRule::Live if kind == Kind::Output => return Err(RuleProblem::LiveOutput),
        MissingRule::Live => return Ok(OnMissing::Live),
        MissingRule::Default(json) => json,
    };
    // TOML has no null, so "none" stands for it where there is nothing to return.
    let none = json == "none" || json.is_null();
    match &signature.result {
        None | Some(Type::Option(_)) if none => Ok(OnMissing::Default(Value::Null)),
        None => Err(RuleProblem::Default("the function has no result; write \"none\"".to_owned())),
        Some(ty) if ty.holds_resource() => {
            Err(RuleProblem::Default("a resource cannot be made up".to_owned()))
        }
        Some(ty) => {
            let value = json::from_json(json).map_err(|error| RuleProblem::Default(error.to_string()))?;
            let fitted = fit::fit(value, ty, Source::Json);
            fitted.map(|fitted| OnMissing::Default(fitted.value)).map_err(|misfit| RuleProblem::Default(misfit.to_string()))
        }
    }
}
