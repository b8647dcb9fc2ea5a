//! What identifies a call: arguments, or what is named in one that is a list of names with values, such as headers, or a
//! map from names. A map that identifies a call as a whole does so with its entries in the order in which they crossed.

use playback_recording::value::{Field, Name, Type, Value};
use std::borrow::Cow;
use std::iter;

/// A part of what identifies a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPart {
    /// The argument at this position.
    Argument(usize),
    /// All values under this name in the argument at this position. Names are the same in upper and lower case, as those
    /// of headers are.
    Entry(usize, Name),
}

impl KeyPart {
    /// The part that a rule calls `name`: a parameter, or `headers.accept` for what is named in one.
    pub(crate) fn parse(name: &str, parameters: &[Field]) -> Option<Self> {
        let position = |name: &str| parameters.iter().position(|parameter| *parameter.name == *name);
        if let Some(position) = position(name) {
            return Some(Self::Argument(position));
        }
        let (parameter, entry) = name.split_once('.')?;
        let position = position(parameter)?;
        let has_names = parameters.get(position).is_some_and(|parameter| has_names(&parameter.ty));
        (has_names && !entry.is_empty()).then(|| Self::Entry(position, entry.to_ascii_lowercase().into()))
    }

    /// What it is called in a rule.
    pub fn name(&self, parameters: &[Field]) -> Name {
        let of = |position: &usize| parameters.get(*position).map(|parameter| parameter.name.clone());
        match self {
            Self::Argument(position) => of(position).unwrap_or_default(),
            Self::Entry(position, name) => format!("{}.{name}", of(position).unwrap_or_default()).into(),
        }
    }

    /// The values that identify the call; those of an entry end with [`Value::Null`], so that none is taken for one of
    /// the next part.
    pub(crate) fn of<'a>(&'a self, arguments: &'a [Value]) -> impl Iterator<Item = &'a Value> {
        let (argument, entry) = match self {
            Self::Argument(position) => (arguments.get(*position), None),
            Self::Entry(position, name) => (arguments.get(*position), Some(name)),
        };
        let items = match (argument, entry) {
            (Some(Value::List(items)), Some(_)) => items.as_slice(),
            _ => &[],
        };
        let found = items.iter().filter_map(move |item| under(item, entry?));
        found.chain(iter::once(argument.filter(|_| entry.is_none()).unwrap_or(&Value::Null)))
    }

    /// The same as one value, for comparing and showing.
    pub(crate) fn value<'a>(&self, arguments: &'a [Value]) -> Option<Cow<'a, Value>> {
        match self {
            Self::Argument(position) => arguments.get(*position).map(Cow::Borrowed),
            Self::Entry(position, name) => match arguments.get(*position)? {
                Value::List(items) => {
                    let found = items.iter().filter_map(|item| under(item, name));
                    Some(Cow::Owned(Value::List(found.cloned().collect())))
                }
                _ => None,
            },
        }
    }
}

/// The value of an entry of this name.
fn under<'a>(item: &'a Value, wanted: &str) -> Option<&'a Value> {
    match item {
        Value::List(pair) => match pair.as_slice() {
            [Value::Text(name), value] if name.eq_ignore_ascii_case(wanted) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a type is a list of names with values, or a map from names.
fn has_names(ty: &Type) -> bool {
    match ty {
        Type::Map(key, _) => **key == Type::String,
        Type::List(item) => {
            matches!(&**item, Type::Tuple(pair) if matches!(pair.as_slice(), [Type::String, _]))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_map_from_names_identifies_a_call_and_none_of_another_map_does() {
        let map = |key| Field { name: "tags".into(), ty: Type::Map(Box::new(key), Box::new(Type::Bool)) };
        let urgent = KeyPart::Entry(0, "urgent".into());
        assert_eq!(KeyPart::parse("tags.urgent", &[map(Type::String)]), Some(urgent.clone()));
        assert_eq!(KeyPart::parse("tags.urgent", &[map(Type::Char)]), None);
        let entry = |name: &str, value: bool| Value::List(vec![name.into(), value.into()]);
        let arguments = [Value::List(vec![entry("late", false), entry("urgent", true)])];
        assert_eq!(urgent.value(&arguments).as_deref(), Some(&Value::List(vec![true.into()])));
    }
}
