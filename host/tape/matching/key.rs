//! What identifies a call: arguments, or what is named in one that is a list of names with values, such as headers, or a
//! map from names. A map that identifies a call as a whole does so with its entries in the order in which they crossed.

use super::alias::list_names;
use super::reach;
use super::rules::RuleProblem;
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
    /// The part at this JSON pointer of the argument at this position: of a record, or of JSON as text or bytes.
    Inside(usize, Name),
}

/// Parses what `setting` of a rule calls `name`: a parameter, `headers.accept` for what is named in one, or `body:/order/id` for
/// the part of one at a JSON pointer.
pub(crate) fn parse(setting: &'static str, name: &str, parameters: &[Field]) -> Result<KeyPart, RuleProblem> {
    let unknown = || RuleProblem::Key { setting, name: name.to_owned(), known: list_names(parameters) };
    if let Some(part) = KeyPart::parse(name, parameters) {
        return Ok(part);
    }
    let (parameter, pointer) = name.split_once(':').ok_or_else(unknown)?;
    let position = parameters.iter().position(|known| *known.name == *parameter).ok_or_else(unknown)?;
    match pointer {
        _ if pointer.len() > 1 && pointer.starts_with('/') => Ok(KeyPart::Inside(position, pointer.into())),
        _ => {
            let fixed = format!("{parameter}:/{}", pointer.trim_matches('/').replace('.', "/"));
            Err(RuleProblem::Pointer { setting, name: name.to_owned(), fixed })
        }
    }
}

impl KeyPart {
    /// The part that a rule calls `name`: a parameter, or `headers.accept` for what is named in one.
    fn parse(name: &str, parameters: &[Field]) -> Option<Self> {
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
            Self::Inside(position, pointer) => {
                format!("{}:{pointer}", of(position).unwrap_or_default()).into()
            }
        }
    }

    /// Where it stands in a record of the arguments by their names, as a JSON pointer.
    pub(crate) fn path(&self, parameters: &[Field]) -> String {
        let parameter = Self::Argument(self.position()).name(parameters);
        match self {
            Self::Argument(_) => format!("/{}", escaped(&parameter)),
            Self::Entry(_, name) => format!("/{}/{}", escaped(&parameter), escaped(name)),
            Self::Inside(_, pointer) => format!("/{}{pointer}", escaped(&parameter)),
        }
    }

    /// The position of the argument that it is, or is in.
    pub(crate) fn position(&self) -> usize {
        match self {
            Self::Argument(position) | Self::Entry(position, _) | Self::Inside(position, _) => *position,
        }
    }

    /// The values that identify the call; those of an entry end with [`Value::Null`], so that none is taken for one of
    /// the next part. What is inside an argument is made, not found: see [`value`](Self::value).
    pub(crate) fn of<'a>(&'a self, arguments: &'a [Value]) -> impl Iterator<Item = &'a Value> {
        let (argument, entry) = match self {
            Self::Argument(position) | Self::Inside(position, _) => (arguments.get(*position), None),
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
            Self::Inside(position, pointer) => reach::part(arguments.get(*position)?, pointer),
        }
    }
}

pub(super) fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}

/// The value of an entry of this name.
pub(super) fn under<'a>(item: &'a Value, wanted: &str) -> Option<&'a Value> {
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
