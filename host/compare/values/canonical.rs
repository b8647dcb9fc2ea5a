//! The canonical form of a value under rules: two values with the same form have no difference that the rules leave. The
//! reverse holds but for what only a pair of values can be asked about: tolerances, the chunks of
//! a message, and messages whose headers or body do not count.

use super::messages::Inside;
use super::scalars::{is_for_texts, plain};
use super::{InForce, Scope, push, view};
use crate::rules::Indexed;
use playback_recording::value::{Name, Value};
use playback_tape::content::{BODY, View};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A walk through one value that makes its canonical form.
pub(super) struct Former<'s, 'r> {
    scope: &'s Scope<'r>,
    path: String,
    inside: Inside,
}

impl<'r> Scope<'r> {
    /// Returns the canonical form of a value.
    pub(crate) fn canonical(&self, value: &Value) -> Value {
        self.former(self.root.clone(), Inside::default()).form(value, &self.outermost())
    }

    /// What makes the canonical forms of values at `path`.
    pub(super) fn former(&self, path: String, inside: Inside) -> Former<'_, 'r> {
        Former { scope: self, path, inside }
    }
}

impl<'r> Former<'_, 'r> {
    /// The canonical form of the value at the path, where the rules of `in_force` are in force.
    fn form(&mut self, value: &Value, in_force: &[&'r Indexed]) -> Value {
        if self.scope.rules.is_empty() {
            return value.clone();
        }
        if in_force.iter().any(|rule| rule.rule.ignore) {
            return Value::Null;
        }
        match value {
            Value::List(items) => self.list(items, in_force),
            Value::Map(fields) => match self.inside.message(fields, self.scope, &mut self.path) {
                Some((message, read)) => self.message(&message.view(read), in_force),
                None => self.fields(fields, in_force),
            },
            scalar => self.scalar(scalar, in_force),
        }
    }

    fn fields(&mut self, fields: &[(Name, Value)], in_force: &[&'r Indexed]) -> Value {
        let form = |(name, value): &(Name, Value)| {
            let form = self.field(name, in_force, |former, in_force| former.form(value, in_force));
            (name.clone(), form)
        };
        Value::Map(fields.iter().map(form).collect())
    }

    /// What a body was read as is part of its form: bodies of different kinds are compared as bytes.
    fn message(&mut self, view: &View, in_force: &[&'r Indexed]) -> Value {
        let Value::Map(mut fields) = self.fields(&view.fields, in_force) else { return Value::Null };
        let body = self.field(BODY, in_force, |former, in_force| {
            let inside = former.inside.body_as(view.kind);
            let outside = std::mem::replace(&mut former.inside, inside);
            let form = former.form(&view.body, in_force);
            former.inside = outside;
            let is_ignored = in_force.iter().any(|rule| rule.rule.ignore);
            if is_ignored { form } else { Value::case(format!("${}", view.kind.name()), form) }
        });
        fields.push((BODY.into(), body));
        Value::Map(fields)
    }

    /// Goes one part deeper for the time of `visit`.
    fn field(
        &mut self,
        name: &str,
        in_force: &[&'r Indexed],
        visit: impl FnOnce(&mut Self, &InForce<'r>) -> Value,
    ) -> Value {
        let length = self.path.len();
        push(&mut self.path, name);
        let in_force = self.scope.at(&self.path, in_force);
        let form = visit(self, &in_force);
        self.path.truncate(length);
        form
    }

    /// The canonical forms of the items of the list at the path.
    pub(super) fn items(&mut self, items: &[Value], in_force: &[&'r Indexed]) -> Vec<Value> {
        let form = |(index, item): (usize, &Value)| {
            let length = self.path.len();
            // Writing to a text cannot fail.
            let _ = write!(self.path, "/{index}");
            let in_force = self.scope.at(&self.path, in_force);
            let form = self.form(item, &in_force);
            self.path.truncate(length);
            form
        };
        items.iter().enumerate().map(form).collect()
    }

    fn list(&mut self, items: &[Value], in_force: &[&'r Indexed]) -> Value {
        let mut forms = self.items(items, in_force);
        let has_order = |rule: &Indexed| !rule.rule.unordered && rule.rule.key.is_none();
        if in_force.iter().any(|rule| !has_order(rule) && rule.is_at(&self.path)) {
            forms.sort_by_cached_key(hash);
        }
        Value::List(forms)
    }

    fn scalar(&mut self, value: &Value, in_force: &[&'r Indexed]) -> Value {
        let format = self.inside.format(in_force, &self.path);
        if let Some((rule, parts)) = format.and_then(|(rule, format)| Some((rule, view::of(value, format)?)))
        {
            let inside = self.inside.text_of(rule);
            let outside = std::mem::replace(&mut self.inside, inside);
            let form = self.form(&parts, in_force);
            self.inside = outside;
            return form;
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
