//! Comparing messages by their content types, and what a walk is inside of.

use super::{Scope, Walk, push};
use crate::rules::{Format, Indexed};
use playback_recording::value::{Name, Value};
use playback_tape::content::{self, BODY, Kind, MAX_NESTED_MESSAGES, Message, Read};

/// What was read as parts on the way into a value: each is read once, so that a text in it is a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Inside {
    /// The rules that said what a text is, by their indices.
    formats: Vec<usize>,
    /// The number of bodies.
    bodies: usize,
}

impl Inside {
    /// The rule that says what a text at `path` is. Inside of what was read, only one that is for exactly this place does.
    pub(super) fn format<'r>(&self, in_force: &[&'r Indexed], path: &str) -> Option<(&'r Indexed, Format)> {
        let is_outermost = self.formats.is_empty() && self.bodies == 0;
        let applies =
            |rule: &Indexed| !self.formats.contains(&rule.index) && (is_outermost || rule.is_at(path));
        in_force.iter().rev().filter(|rule| applies(rule)).find_map(|rule| Some((*rule, rule.rule.format?)))
    }

    /// Inside of a text that `rule` gave parts.
    pub(super) fn text_of(&self, rule: &Indexed) -> Self {
        let mut inside = self.clone();
        inside.formats.push(rule.index);
        inside
    }

    /// Inside of a body that was read as `kind`.
    pub(super) fn body_as(&self, kind: Kind) -> Self {
        let is_read = !matches!(kind, Kind::Bytes | Kind::Packed);
        Self { bodies: self.bodies + usize::from(is_read), ..self.clone() }
    }

    /// How far the body at `path` is read.
    fn reading(&self, scope: &Scope<'_>, path: &str) -> Read {
        // What a rule says about the very place goes before what the headers say.
        let is_of_user = |rule: &Indexed| !Indexed::is_of_interceptor(rule.index);
        let reads = |rule: &&Indexed| rule.rule.format.is_some() && rule.is_at(path) && is_of_user(rule);
        match scope.rules.iter().any(|rule| reads(rule) && !self.formats.contains(&rule.index)) {
            true => Read::Unpacked,
            false => Read::Content,
        }
    }

    /// The message that a record at `path` is, and how far its body is read.
    pub(super) fn message<'v>(
        &self,
        fields: &'v [(Name, Value)],
        scope: &Scope<'_>,
        path: &mut String,
    ) -> Option<(Message<'v>, Read)> {
        let message = Message::of(fields).filter(|_| self.bodies < MAX_NESTED_MESSAGES)?;
        let length = path.len();
        push(path, BODY);
        let reading = self.reading(scope, path);
        path.truncate(length);
        Some((message, reading))
    }
}

impl<'r> Walk<'_, 'r> {
    /// Compares two records as messages, if they are messages. Returns true if so.
    pub(super) fn compare_messages(
        &mut self,
        recorded: &[(Name, Value)],
        replayed: &[(Name, Value)],
        in_force: &[&'r Indexed],
    ) -> bool {
        let Some((recorded, read)) = self.inside.message(recorded, self.scope, &mut self.path) else {
            return false;
        };
        let Some(replayed) = Message::of(replayed) else { return false };
        let (recorded, replayed) = content::views(&recorded, &replayed, read);
        self.compare_fields(&recorded.fields, &replayed.fields, in_force);
        let inside = self.inside.body_as(recorded.kind);
        self.field(BODY, in_force, |walk, in_force| {
            walk.read(inside, |walk| walk.compare(Some(&recorded.body), Some(&replayed.body), in_force));
        });
        true
    }

    /// Goes inside of what was read, for the time of `visit`.
    pub(super) fn read(&mut self, inside: Inside, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.inside, inside);
        visit(self);
        self.inside = outside;
    }
}
