//! Settling what happens to each import: the rules for it, the most precise first, then what its name and type say.

use super::{MissingRule, OnMissing, Rule, RuleError, RuleProblem, Rules, Why};
use crate::matching::alias::{AliasPattern, list_names};
use crate::matching::boundary::Boundary;
use crate::matching::interceptor::{Interceptor, Signature};
use crate::matching::key::{self, KeyPart};
use crate::matching::normalised::Normalisation;
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Name, Type, Value, json};
use playback_recording::{Kind, format};
use std::collections::{BTreeMap, HashMap, HashSet};

impl Rules {
    /// Settles what happens to each of these imports.
    pub fn resolve(&self, imports: &[Signature]) -> Result<Boundary, RuleError> {
        let mut versions = HashMap::<String, usize>::new();
        for signature in imports {
            *versions.entry(default_alias(signature)).or_default() += 1;
        }
        let interceptors = imports
            .iter()
            .map(|signature| {
                let alias = default_alias(signature);
                // Two versions of one interface in one component: only their full names tell them apart.
                let is_shared = versions.get(&alias).is_some_and(|count| *count > 1);
                let alias = if is_shared { signature.full_name() } else { alias };
                self.interceptor(signature, alias)
                    .map_err(|problem| RuleError { function: signature.full_name(), problem })
            })
            .collect::<Result<_, _>>()?;
        Ok(Boundary::new(interceptors))
    }

    /// The targets of rules that name nothing among these imports, as typing errors do.
    pub fn unused<'r>(&'r self, imports: &[Signature]) -> Vec<&'r str> {
        let named: HashSet<String> =
            imports.iter().flat_map(|signature| [names(signature), interfaces(signature)].concat()).collect();
        self.0.keys().map(String::as_str).filter(|target| !named.contains(*target)).collect()
    }

    fn interceptor(&self, signature: &Signature, own_alias: String) -> Result<Interceptor, RuleProblem> {
        let own = self.named(&names(signature));
        let interface = self.named(&interfaces(signature));
        let (kind, why) = decide(signature, said(&own, |rule| rule.kind), said(&interface, |rule| rule.kind));
        if said(&interface, |rule| rule.alias.clone()).is_some() {
            return Err(RuleProblem::SharedAlias);
        }
        if kind == Kind::Output {
            refuse(&own, "key", |rule| rule.key.is_some())?;
            refuse(&own, "on-exhausted", |rule| rule.on_exhausted.is_some())?;
        }
        let rules = [own, interface].concat();
        let parse = |pattern: &String| AliasPattern::parse(pattern, &signature.parameters);
        let alias = said(&rules, |rule| rule.alias.as_ref()).map(parse).transpose()?;
        let fallback_aliases = said(&rules, |rule| rule.fallback_aliases.as_deref()).unwrap_or_default();
        let key = said(&rules, |rule| rule.key.as_deref()).filter(|_| kind == Kind::Input);
        let on_missing = said(&rules, |rule| rule.on_missing.clone());
        let normalise = said(&rules, |rule| rule.normalise.as_deref()).unwrap_or_default().iter();
        Ok(Interceptor {
            position: 0,
            function: signature.to_function(),
            kind,
            why,
            alias: alias.unwrap_or_else(|| AliasPattern::fixed(own_alias)),
            fallback_aliases: fallback_aliases.iter().map(parse).collect::<Result<_, _>>()?,
            key: match key {
                Some(key) => Some(parts(key, signature)?),
                None => {
                    signature.key.as_ref().map(|key| key.iter().copied().map(KeyPart::Argument).collect())
                }
            },
            renamed: said(&rules, |rule| rule.renamed.as_ref())
                .map_or_else(|| Ok(Vec::new()), |renamed| pairs(renamed, signature))?,
            normalise: normalise
                .map(|rule| Normalisation::parse(rule, &signature.parameters))
                .collect::<Result<_, _>>()?,
            on_missing: on_missing.map_or_else(
                || Ok(missing_without_rule(kind, signature)),
                |rule| missing(rule, kind, signature),
            )?,
            on_exhausted: said(&rules, |rule| rule.on_exhausted).unwrap_or(signature.on_exhausted),
            signature: signature.clone(),
        })
    }

    /// The rules for these targets, in their order.
    fn named(&self, targets: &[String]) -> Vec<&Rule> {
        targets.iter().filter_map(|target| self.0.get(target)).collect()
    }
}

/// What the first rule says that says anything.
fn said<'r, T>(rules: &[&'r Rule], what: impl Fn(&'r Rule) -> Option<T>) -> Option<T> {
    rules.iter().find_map(|rule| what(rule))
}

fn refuse(rules: &[&Rule], what: &'static str, says: impl Fn(&Rule) -> bool) -> Result<(), RuleProblem> {
    match rules.iter().any(|rule| says(rule)) {
        true => Err(RuleProblem::ForInputs(what)),
        false => Ok(()),
    }
}

/// The names a rule can use for a function, the most precise first.
fn names(signature: &Signature) -> Vec<String> {
    distinct(signature.full_name(), default_alias(signature))
}

/// The names a rule can use for a function's interface, the most precise first.
fn interfaces(signature: &Signature) -> Vec<String> {
    let name = signature.interface.as_ref();
    name.map_or(Vec::new(), |name| distinct(name.clone(), without_version(name).to_owned()))
}

fn distinct(first: String, second: String) -> Vec<String> {
    if first == second { vec![first] } else { vec![first, second] }
}

fn default_alias(signature: &Signature) -> String {
    format::default_alias(&signature.full_name())
}

fn without_version(interface: &str) -> &str {
    interface.split_once('@').map_or(interface, |(name, _)| name)
}

fn decide(signature: &Signature, function: Option<Kind>, interface: Option<Kind>) -> (Kind, Why) {
    let name = signature.interface.as_deref().and_then(|interface| {
        match without_version(interface).rsplit(['/', ':']).next()? {
            "inputs" => Some(Kind::Input),
            "outputs" => Some(Kind::Output),
            _ => None,
        }
    });
    let by_result = match signature.result {
        None => (Kind::Output, Why::NoResult),
        Some(Type::Result(None, _)) => (Kind::Output, Why::OnlySuccess),
        Some(_) => (Kind::Input, Why::HasResult),
    };
    function
        .map(|kind| (kind, Why::FunctionRule))
        .or(interface.map(|kind| (kind, Why::InterfaceRule)))
        .or(name.map(|kind| (kind, Why::InterfaceName)))
        .unwrap_or(by_result)
}

fn parts(key: &[String], signature: &Signature) -> Result<Vec<KeyPart>, RuleProblem> {
    let parameters = &signature.parameters;
    let part = |name: &String| key::parse("key", name, parameters);
    let mut parts = key.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    parts.sort_unstable();
    parts.dedup();
    Ok(parts)
}

/// Arguments by their recorded names, each with today's.
fn pairs(
    renamed: &BTreeMap<String, String>,
    signature: &Signature,
) -> Result<Vec<(Name, Name)>, RuleProblem> {
    let pair = |(old, new): (&String, &String)| {
        let parameter = signature.parameters.iter().find(|parameter| *parameter.name == **new);
        let unknown = || RuleProblem::Renamed {
            old: old.clone(),
            new: new.clone(),
            known: list_names(&signature.parameters),
        };
        Ok((Name::from(old.as_str()), parameter.ok_or_else(unknown)?.name.clone()))
    };
    renamed.iter().map(pair).collect()
}

/// A call that brings nothing in needs no answer: it is one more output, which is a difference whatever it gets. It succeeds, so
/// that the replay goes on.
fn missing_without_rule(kind: Kind, signature: &Signature) -> OnMissing {
    match &signature.result {
        None => OnMissing::Default(Value::Null),
        Some(Type::Result(None, _)) if kind == Kind::Output => {
            OnMissing::Default(Value::case("ok", Value::Null))
        }
        Some(_) => OnMissing::Fail,
    }
}

fn missing(rule: MissingRule, kind: Kind, signature: &Signature) -> Result<OnMissing, RuleProblem> {
    let json = match rule {
        MissingRule::Fail => return Ok(OnMissing::Fail),
        MissingRule::Live if kind == Kind::Output => return Err(RuleProblem::LiveOutput),
        MissingRule::Live if signature.interface.as_deref().is_some_and(|name| name.starts_with("wasi:")) => {
            return Err(RuleProblem::LiveWasi);
        }
        MissingRule::Live if signature.holds_resource() => {
            let returns_one = signature.result.as_ref().is_some_and(Type::holds_resource);
            return Err(RuleProblem::LiveResource { returns_one });
        }
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
            fitted
                .map(|fitted| OnMissing::Default(fitted.value))
                .map_err(|misfit| RuleProblem::Default(misfit.to_string()))
        }
    }
}
