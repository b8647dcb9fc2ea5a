//! Comparing what has no parts: numbers, texts, bytes. And texts and bytes that a rule gives parts.

use super::Walk;
use super::view;
use crate::rules::{Indexed, Tolerance};
use playback_recording::value::Value;
use std::borrow::Cow;

impl<'r> Walk<'_, 'r> {
    /// Compares two values that differ and are not both lists or both records.
    pub(super) fn compare_scalars(&mut self, recorded: &Value, replayed: &Value, in_force: &[&'r Indexed]) {
        if let Some((rule, format)) = self.inside.format(in_force, &self.path)
            && let Some(recorded) = view::of(recorded, format)
            && let Some(replayed) = view::of(replayed, format)
        {
            let before = self.found.differences.len();
            let inside = self.inside.text_of(rule);
            self.read(inside, |walk| walk.compare(Some(&recorded), Some(&replayed), in_force));
            if self.found.differences.len() == before {
                self.take(&[rule]);
            }
            return;
        }
        if let Some(rules) =
            tolerated(recorded, replayed, in_force).or_else(|| alike(recorded, replayed, in_force))
        {
            return self.take(&rules);
        }
        self.differ(Some(recorded), Some(replayed));
    }
}

/// The rule that lets two numbers be this far apart.
fn tolerated<'r>(recorded: &Value, replayed: &Value, in_force: &[&'r Indexed]) -> Option<Vec<&'r Indexed>> {
    let allows = |rule: &&&Indexed| rule.rule.tolerance.is_some_and(|it| it.allows(recorded, replayed));
    in_force.iter().find(allows).map(|rule| vec![*rule])
}

impl Tolerance {
    fn allows(self, recorded: &Value, replayed: &Value) -> bool {
        if let (Value::Int(recorded), Value::Int(replayed)) = (recorded, replayed) {
            // Exact where a float would round.
            let distance = recorded.abs_diff(*replayed) as f64;
            let larger = recorded.unsigned_abs().max(replayed.unsigned_abs()) as f64;
            return distance <= self.absolute || distance <= self.relative * larger;
        }
        let (Some(recorded), Some(replayed)) = (number(recorded), number(replayed)) else { return false };
        let distance = (recorded - replayed).abs();
        distance <= self.absolute || distance <= self.relative * recorded.abs().max(replayed.abs())
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::F32(value) => Some(f64::from(*value)),
        Value::F64(value) => Some(*value),
        _ => None,
    }
}

/// The rules under which two texts are alike.
fn alike<'r>(recorded: &Value, replayed: &Value, in_force: &[&'r Indexed]) -> Option<Vec<&'r Indexed>> {
    let rules: Vec<&Indexed> = in_force.iter().copied().filter(|rule| is_for_texts(rule)).collect();
    let (recorded, replayed) = (view::text(recorded)?, view::text(replayed)?);
    let is_alike = !rules.is_empty() && plain(recorded, &rules) == plain(replayed, &rules);
    is_alike.then_some(rules)
}

pub(super) fn is_for_texts(rule: &Indexed) -> bool {
    rule.rule.ignore_case || rule.rule.ignore_white_space || !rule.rule.normalise.is_empty()
}

/// A text without what the rules say does not count.
pub(super) fn plain<'t>(text: &'t str, in_force: &[&Indexed]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for normalise in in_force.iter().flat_map(|rule| &rule.rule.normalise) {
        if let Cow::Owned(replaced) = normalise.apply(&text) {
            text = Cow::Owned(replaced);
        }
    }
    if in_force.iter().any(|rule| rule.rule.ignore_white_space) {
        text = Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if in_force.iter().any(|rule| rule.rule.ignore_case) {
        text = Cow::Owned(text.to_lowercase());
    }
    text
}
