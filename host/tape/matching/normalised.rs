//! Arguments without what is new in each call: `normalise` of a rule. They identify a call and are compared; the arguments
//! themselves stay as they are.

use super::key::{self, KeyPart};
use super::reach;
use super::rules::{NormaliseRule, RuleProblem};
use crate::normalise::{Known, Normalise};
use playback_recording::value::{Field, Name, Type, Value, readable};
use std::borrow::Cow;

/// What is replaced in the arguments of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    /// Where. `None`: in every text of the arguments.
    place: Option<KeyPart>,
    how: How,
}

#[derive(Debug, Clone, PartialEq)]
enum How {
    /// In the texts there.
    Texts(Normalise),
    /// All that is there, by this name.
    Whole(Name),
}

/// What is replaced, for whoever compares.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Replaced<'n> {
    /// Parts of the texts there.
    Texts(&'n Normalise),
    /// Whatever is there.
    Whole,
}

impl Normalisation {
    /// What `rule` says about a function with these `parameters`.
    pub(super) fn parse(rule: &NormaliseRule, parameters: &[Field]) -> Result<Self, RuleProblem> {
        let NormaliseRule { path, pattern, name } = rule;
        let parse = |path: &String| key::parse("normalise", path, parameters);
        let place = path.as_ref().map(parse).transpose()?;
        let how = match (pattern, name.as_str()) {
            (Some(pattern), name) => How::Texts(Normalise::pattern(pattern, name).map_err(|error| {
                RuleProblem::NormalisePattern { pattern: pattern.clone(), reason: error.reason() }
            })?),
            (None, "uuid") => How::Texts(Normalise::Known(Known::Uuid)),
            (None, "timestamp") => How::Texts(Normalise::Known(Known::Timestamp)),
            (None, name) if place.is_some() => How::Whole(name.into()),
            (None, name) => return Err(RuleProblem::NormaliseAll { name: name.to_owned() }),
        };
        Ok(Self { place, how })
    }

    /// What is replaced.
    pub fn replaced(&self) -> Replaced<'_> {
        match &self.how {
            How::Texts(normalise) => Replaced::Texts(normalise),
            How::Whole(_) => Replaced::Whole,
        }
    }

    /// The place in a record of the arguments, as a JSON pointer. `None`: everywhere.
    pub fn path(&self, parameters: &[Field]) -> Option<String> {
        self.place.as_ref().map(|place| place.path(parameters))
    }

    /// The part of the arguments that is changed. `None`: all of them.
    pub(super) fn place(&self) -> Option<&KeyPart> {
        self.place.as_ref()
    }

    /// The place of the text, or the bytes, that is read as JSON to get to what is replaced: an argument, as a JSON pointer.
    pub fn json(&self, parameters: &[Field]) -> Option<String> {
        let Some(KeyPart::Inside(position, _)) = &self.place else { return None };
        let is_text = matches!(parameters.get(*position)?.ty, Type::String | Type::Bytes);
        is_text.then(|| KeyPart::Argument(*position).path(parameters))
    }

    /// Returns true if the argument at this position may be changed.
    pub(super) fn is_for(&self, position: usize) -> bool {
        self.place.as_ref().is_none_or(|place| place.position() == position)
    }

    /// Replaces in the arguments what is new each time.
    fn apply(&self, arguments: &mut [Value]) {
        match &self.place {
            None => arguments.iter_mut().for_each(|argument| *argument = self.made_of(argument)),
            Some(place) => {
                let Some(argument) = arguments.get_mut(place.position()) else { return };
                let made = match place {
                    KeyPart::Argument(_) => Some(self.made_of(argument)),
                    KeyPart::Inside(_, pointer) => {
                        reach::with_part(argument, pointer, &mut |part| self.made_of(part))
                    }
                    KeyPart::Entry(_, name) => Some(self.entries(argument, name)),
                };
                if let Some(made) = made {
                    *argument = made;
                }
            }
        }
    }

    fn entries(&self, argument: &Value, wanted: &str) -> Value {
        let Value::List(items) = argument else { return argument.clone() };
        let made = |item: &Value| match (key::under(item, wanted), item) {
            (Some(value), Value::List(pair)) => {
                Value::List(pair.iter().take(1).cloned().chain([self.made_of(value)]).collect())
            }
            _ => item.clone(),
        };
        Value::List(items.iter().map(made).collect())
    }

    /// What stands in for a value.
    fn made_of(&self, value: &Value) -> Value {
        match &self.how {
            How::Whole(name) => Value::from(&**name),
            How::Texts(normalise) => in_texts(value, normalise),
        }
    }
}

/// Replaces in every text of a value, and in bytes that are text.
fn in_texts(value: &Value, normalise: &Normalise) -> Value {
    match value {
        Value::Text(text) => normalise.apply(text).into_owned().into(),
        Value::Bytes(bytes) => match readable::text(bytes).map(|text| normalise.apply(text)) {
            Some(Cow::Owned(text)) => Value::Bytes(text.into_bytes()),
            _ => value.clone(),
        },
        Value::List(items) => Value::List(items.iter().map(|item| in_texts(item, normalise)).collect()),
        Value::Map(fields) => Value::Map(
            fields.iter().map(|(name, value)| (name.clone(), in_texts(value, normalise))).collect(),
        ),
        other => other.clone(),
    }
}

/// Applies every one of `normalise` in turn. Nothing is copied where there is none.
pub(super) fn normalised<'a>(normalise: &[Normalisation], arguments: &'a [Value]) -> Cow<'a, [Value]> {
    if normalise.is_empty() {
        return Cow::Borrowed(arguments);
    }
    let mut made = arguments.to_vec();
    for normalisation in normalise {
        normalisation.apply(&mut made);
    }
    Cow::Owned(made)
}
