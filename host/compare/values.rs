//! Comparing two values under rules. Values that are equal cost one comparison; only where they differ are rules asked.

use crate::kind::ChangeKind;
use crate::rules::{Indexed, RuleSet};
use playback_recording::value::{Name, Value, diff};
use std::collections::BTreeMap;
use std::fmt::Write;

mod align;
mod canonical;
mod lists;
mod messages;
mod scalars;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use align::Step;
use align::align;
pub(crate) use lists::{align_values, unpaired};
use messages::Inside;

/// The most differences that are told of one value.
const MAX_DIFFERENCES: usize = 1_000;

/// One place at which two values differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// As a JSON pointer.
    pub(crate) path: String,
    pub(crate) kind: ChangeKind,
    pub(crate) recorded: Option<Value>,
    pub(crate) replayed: Option<Value>,
}

/// The rules for one place, such as an output or the outcome.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'r> {
    rules: Vec<&'r Indexed>,
    /// Where in the place the compared values stand, as a JSON pointer.
    root: String,
}

/// What was found in one place, or in several.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) differences: Vec<Difference>,
    /// How many differences each rule took away, by the rule's index.
    pub(crate) taken: BTreeMap<usize, u64>,
}

/// The rules that are in force at a place inside a value: those for the place and for what it is in.
type InForce<'r> = Vec<&'r Indexed>;

impl<'r> Scope<'r> {
    /// The rules of `rules` that can apply inside something that has any of these names.
    pub(crate) fn new(rules: &'r RuleSet, names: &[&str]) -> Self {
        let is_for = |rule: &&Indexed| names.iter().any(|name| rule.is_for(name));
        Self { rules: rules.rules.iter().filter(is_for).collect(), root: String::new() }
    }

    /// The same with these rules too.
    pub(crate) fn with(mut self, rules: &'r [Indexed]) -> Self {
        self.rules.extend(rules);
        self
    }

    /// The same for values that stand at `root`, a JSON pointer.
    pub(crate) fn below(self, root: &str) -> Self {
        Self { root: root.to_owned(), ..self }
    }

    /// Returns the rule by which the order of the calls does not count, for a place that is a function.
    pub(crate) fn is_unordered(&self) -> Option<usize> {
        self.rules.iter().find(|rule| rule.rule.unordered && rule.is_at("")).map(|rule| rule.index)
    }

    /// Returns the rule by which a difference at `path` does not count.
    pub(crate) fn ignores(&self, path: &str) -> Option<usize> {
        let mut in_force = Vec::new();
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            in_force = self.at(&path[..end], &in_force);
        }
        in_force.iter().find(|rule| rule.rule.ignore).map(|rule| rule.index)
    }

    /// Returns `text` without what the rules for the place as a whole say is new each time, and these rules. `None`: no rule says so.
    pub(crate) fn normalised(&self, text: &str) -> Option<(String, Vec<usize>)> {
        let mut rules = self.outermost();
        rules.retain(|rule| !rule.rule.normalise.is_empty());
        let indices = rules.iter().map(|rule| rule.index).collect();
        (!rules.is_empty()).then(|| (scalars::plain(text, &rules).into_owned(), indices))
    }

    /// Compares two values.
    pub(crate) fn compare(&self, recorded: &Value, replayed: &Value, found: &mut Found) {
        let inside = Inside::default();
        let mut walk = Walk { scope: self, path: self.root.clone(), inside, found };
        walk.compare(Some(recorded), Some(replayed), &self.outermost());
        for difference in &mut found.differences {
            difference.path.drain(..self.root.len().min(difference.path.len()));
        }
    }

    /// Takes a difference, unless a rule ignores it.
    pub(crate) fn judge(&self, difference: Difference, found: &mut Found) {
        match self.ignores(&difference.path) {
            Some(rule) => *found.taken.entry(rule).or_default() += 1,
            None => found.differences.push(difference),
        }
    }

    /// The rules in force for a value as a whole.
    fn outermost(&self) -> InForce<'r> {
        let mut in_force = self.at("", &[]);
        for (end, _) in self.root.match_indices('/').skip(1) {
            in_force = self.at(&self.root[..end], &in_force);
        }
        if self.root.is_empty() { in_force } else { self.at(&self.root, &in_force) }
    }

    /// Returns the rules in force at `path`, inside a place where those of `outer` are.
    fn at(&self, path: &str, outer: &[&'r Indexed]) -> InForce<'r> {
        let here = self.rules.iter().copied().filter(|rule| rule.is_at(path));
        let is_outer = |rule: &&Indexed| outer.iter().any(|other| other.index == rule.index);
        outer.iter().copied().chain(here.filter(|rule| !is_outer(rule))).collect()
    }
}

/// A walk through two values at once.
struct Walk<'w, 'r> {
    scope: &'w Scope<'r>,
    path: String,
    /// What was read as parts to get to the path.
    inside: Inside,
    found: &'w mut Found,
}

impl<'r> Walk<'_, 'r> {
    fn compare(&mut self, recorded: Option<&Value>, replayed: Option<&Value>, in_force: &[&'r Indexed]) {
        if recorded == replayed || self.found.differences.len() >= MAX_DIFFERENCES {
            return;
        }
        if let Some(rule) = in_force.iter().find(|rule| rule.rule.ignore) {
            return self.take(&[rule]);
        }
        match (recorded, replayed) {
            (Some(Value::List(recorded)), Some(Value::List(replayed))) => {
                self.compare_lists(recorded, replayed, in_force);
            }
            (Some(Value::Map(recorded)), Some(Value::Map(replayed)))
                if !is_other_case(recorded, replayed) =>
            {
                if !self.compare_messages(recorded, replayed, in_force) {
                    self.compare_fields(recorded, replayed, in_force);
                }
            }
            (Some(recorded), Some(replayed)) => self.compare_scalars(recorded, replayed, in_force),
            (recorded, replayed) => self.differ(recorded, replayed),
        }
    }

    fn compare_fields(
        &mut self,
        recorded: &[(Name, Value)],
        replayed: &[(Name, Value)],
        in_force: &[&'r Indexed],
    ) {
        for (name, value) in recorded {
            let other = field(replayed, name);
            // A type that gained or lost a field says nothing with a field that is none.
            if other.is_some() || *value != Value::Null {
                self.field(name, in_force, |walk, in_force| walk.compare(Some(value), other, in_force));
            }
        }
        for (name, value) in replayed {
            if field(recorded, name).is_none() && *value != Value::Null {
                self.field(name, in_force, |walk, in_force| walk.compare(None, Some(value), in_force));
            }
        }
    }

    /// Goes one part deeper for the time of `visit`.
    fn field(&mut self, part: &str, in_force: &[&'r Indexed], visit: impl FnOnce(&mut Self, &[&'r Indexed])) {
        let length = self.path.len();
        push(&mut self.path, part);
        let in_force = self.scope.at(&self.path, in_force);
        visit(self, &in_force);
        self.path.truncate(length);
    }

    fn item(
        &mut self,
        index: usize,
        in_force: &[&'r Indexed],
        visit: impl FnOnce(&mut Self, &[&'r Indexed]),
    ) {
        let length = self.path.len();
        // Writing to a text cannot fail.
        let _ = write!(self.path, "/{index}");
        let in_force = self.scope.at(&self.path, in_force);
        visit(self, &in_force);
        self.path.truncate(length);
    }

    /// Reports a difference at the place where the walk is.
    fn differ(&mut self, recorded: Option<&Value>, replayed: Option<&Value>) {
        let kind = match (recorded, replayed) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        self.differ_as(kind, recorded, replayed);
    }

    fn differ_as(&mut self, kind: ChangeKind, recorded: Option<&Value>, replayed: Option<&Value>) {
        let path = self.path.clone();
        self.found.differences.push(Difference {
            path,
            kind,
            recorded: recorded.cloned(),
            replayed: replayed.cloned(),
        });
    }

    /// Counts a difference that rules took away.
    fn take(&mut self, rules: &[&Indexed]) {
        for rule in rules {
            *self.found.taken.entry(rule.index).or_default() += 1;
        }
    }
}

/// Returns true for two variants with different cases.
fn is_other_case(recorded: &[(Name, Value)], replayed: &[(Name, Value)]) -> bool {
    matches!((recorded, replayed), ([(recorded, _)], [(replayed, _)]) if recorded != replayed)
}

fn field<'v>(fields: &'v [(Name, Value)], name: &str) -> Option<&'v Value> {
    fields.iter().find(|(field, _)| **field == *name).map(|(_, value)| value)
}

/// Appends a part to a JSON pointer.
fn push(path: &mut String, part: &str) {
    path.push('/');
    for character in part.chars() {
        match character {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            other => path.push(other),
        }
    }
}

impl From<Difference> for diff::Difference {
    fn from(Difference { path, recorded, replayed, .. }: Difference) -> Self {
        Self { path, recorded, replayed }
    }
}
