//! The canonical form of a value under rules: two values with the same form have no difference that the rules leave. The
//! reverse holds but for tolerances, which only a pair of values can be asked about.

use super::scalars::{is_for_texts, plain};
use super::{Scope, push, view};
use crate::rules::Indexed;
use playback_recording::value::{Name, Value};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Scope<'_> {
    /// Returns the canonical form of a value.
    pub(crate) fn canonical(&self, value: &Value) -> Value {
        self.form(value, &mut self.root.clone(), &self.outermost())
    }

    /// The canonical form of a part of a value, where the rules of `in_force` are in force.
    pub(super) fn form<'r>(&self, value: &Value, path: &mut String, in_force: &[&'r Indexed]) -> Value
    where
        Self: 'r,
    {
        if self.rules.is_empty() {
            return value.clone();
        }
        if in_force.iter().any(|rule| rule.rule.ignore) {
            return Value::Null;
        }
        match value {
            Value::List(items) => self.list(items, path, in_force),
            Value::Map(fields) => {
                let form = |(name, value): &(Name, Value)| {
                    let length = path.len();
                    push(path, name);
                    let form = self.form(value, path, &self.at(path, in_force));
                    path.truncate(length);
                    (name.clone(), form)
                };
                Value::Map(fields.iter().map(form).collect())
            }
            scalar => self.scalar(scalar, path, in_force),
        }
    }

    fn list(&self, items: &[Value], path: &mut String, in_force: &[&Indexed]) -> Value {
        let form = |(index, item): (usize, &Value)| {
            let length = path.len();
            // Writing to a text cannot fail.
            let _ = write!(path, "/{index}");
            let form = self.form(item, path, &self.at(path, in_force));
            path.truncate(length);
            form
        };
        let mut forms: Vec<Value> = items.iter().enumerate().map(form).collect();
        let has_order = |rule: &Indexed| !rule.rule.unordered && rule.rule.key.is_none();
        if in_force.iter().any(|rule| !has_order(rule) && rule.is_at(path)) {
            forms.sort_by_cached_key(hash);
        }
        Value::List(forms)
    }

    fn scalar(&self, value: &Value, path: &mut String, in_force: &[&Indexed]) -> Value {
        let format = in_force.iter().rev().find_map(|rule| rule.rule.format).filter(|_| self.reads);
        if let Some(parts) = format.and_then(|format| view::of(value, format)) {
            // What is inside is not read again.
            return Scope { reads: false, ..self.clone() }.form(&parts, path, in_force);
        }
        let rules: Vec<&Indexed> = in_force.iter().copied().filter(|rule| is_for_texts(rule)).collect();
        match view::text(value) {
            Some(text) if !rules.is_empty() => plain(text, &rules).into_owned().into(),
            _ => value.clone(),
        }
    }
}

/// A number that equal values share.
fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
