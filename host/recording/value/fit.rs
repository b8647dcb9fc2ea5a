//! Fitting brings a value into the form that a type gives it today: one that was recorded when the type was
//! another, or that was written as JSON, which does not say all that a type does.
//!
//! What fits loses nothing: a new `option` field is none, a field that is gone is dropped and noted, a number
//! takes another width if it is the same number there. Anything else is a [`Misfit`] that names the place.

use super::pointer::Pointer;
use super::{Field, Name, Type, Value};
use std::collections::HashSet;
use std::fmt;

mod exact;
mod scalar;

/// Where a value comes from, which says how literally it is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A recording: each value has the form of a type, if of an older one.
    Tape,
    /// JSON of a person, a rule or a plugin: floats round to the nearest, texts stand for what JSON numbers
    /// cannot be.
    Json,
}

/// A value in the form of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The value; fields in declared order, every one present.
    pub value: Value,
    /// The fields that the type does not have and that were dropped, as JSON pointers. A field that several
    /// items of a list have is noted at the first.
    pub dropped: Vec<String>,
}

/// Arguments in the form of a function's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FittedParameters {
    /// One value a parameter, in declared order. Where it does not fit it stays as it was, and where there is
    /// none for a parameter that is no `option` it is [`Value::Null`]; `misfits` has both.
    pub values: Vec<Value>,
    /// What was dropped: arguments without a parameter, and fields as in [`Fitted::dropped`].
    pub dropped: Vec<String>,
    /// What does not fit, at most one a parameter. Empty: the values can be used.
    pub misfits: Vec<Misfit>,
}

/// Where a value does not fit its type, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The place in the value, as a JSON pointer; empty for the whole.
    pub path: String,
    /// What the type asks for.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// Brings `value` into the form of `ty`.
///
/// # Errors
///
/// The first place at which it does not fit.
pub fn fit(value: Value, ty: &Type, source: Source) -> Result<Fitted, Misfit> {
    if exact::is_exact(&value, ty) {
        return Ok(Fitted { value, dropped: Vec::new() });
    }
    let mut fitting = Fitting::new(source);
    let value = fitting.value(value, ty, &Pointer::Root)?;
    Ok(Fitted { value, dropped: fitting.dropped })
}

/// Brings arguments, `values` for the parameters named in `from`, into the form of the parameters `to`. They
/// are found by name, so that parameters can change places; those that do not fit are reported one by one.
pub fn fit_parameters(values: Vec<Value>, from: &[Name], to: &[Field], source: Source) -> FittedParameters {
    let mut fitting = Fitting::new(source);
    let mut arguments: Arguments = from.iter().cloned().zip(values.into_iter().map(Some)).collect();
    let mut misfits = Vec::new();
    let mut parameter = |(index, Field { name, ty }): (usize, &Field)| {
        let at = Pointer::Root.field(name);
        let argument = take(&mut arguments, index, name).map(|(_, value)| value);
        let fitted = match argument.clone() {
            Some(value) => fitting.value(value, ty, &at),
            None => absent(ty, &at, "no such argument"),
        };
        fitted.unwrap_or_else(|misfit| {
            misfits.push(misfit);
            argument.unwrap_or(Value::Null)
        })
    };
    let values = to.iter().enumerate().map(&mut parameter).collect();
    fitting.note_dropped(arguments, to, &Pointer::Root);
    FittedParameters { values, dropped: fitting.dropped, misfits }
}

/// Named values of which some have been taken out.
type Arguments = Vec<(Name, Option<Value>)>;

/// Takes out the value `name`, which is most likely at `index`.
fn take(arguments: &mut Arguments, index: usize, name: &str) -> Option<(Name, Value)> {
    let index = match arguments.get(index) {
        Some((found, _)) if **found == *name => index,
        _ => arguments.iter().position(|(found, _)| **found == *name)?,
    };
    let (name, value) = arguments.get_mut(index)?;
    // The recording's own name: one thread has it, while all replays share those of the type.
    Some((name.clone(), value.take()?))
}

struct Fitting {
    source: Source,
    dropped: Vec<String>,
    /// By the record type, told by its address, and the name.
    noted: HashSet<(usize, Name)>,
}

impl Fitting {
    fn new(source: Source) -> Self {
        Self { source, dropped: Vec::new(), noted: HashSet::new() }
    }

    /// Goes no deeper than the type does.
    fn value(&mut self, value: Value, ty: &Type, at: &Pointer<'_>) -> Result<Value, Misfit> {
        match (ty, value) {
            (Type::List(element), Value::List(items)) => {
                let items = items.into_iter().enumerate();
                let fitted = items.map(|(index, item)| self.value(item, element, &at.item(index)));
                fitted.collect::<Result<_, _>>().map(Value::List)
            }
            (Type::FixedLengthList(element, length), value) => self.fixed(value, element, *length, at),
            (Type::Map(key, entry), Value::List(items)) => {
                let items = items.into_iter().enumerate();
                items
                    .map(|(index, item)| self.entry(item, key, entry, &at.item(index)))
                    .collect::<Result<_, _>>()
                    .map(Value::List)
            }
            (Type::Map(key, entry), Value::Map(entries))
                if self.source == Source::Json && **key == Type::String =>
            {
                let entries = entries.into_iter().map(|(name, value)| {
                    let value = self.value(value, entry, &at.field(&name))?;
                    Ok(Value::List(vec![Value::from(&*name), value]))
                });
                entries.collect::<Result<_, _>>().map(Value::List)
            }
            (Type::Tuple(types), Value::List(items)) => self.tuple(items, types, at),
            (Type::Record(fields), Value::Map(entries)) => self.record(entries, fields, at),
            (Type::Variant(cases), value) => {
                let payload_of =
                    |case: &str| cases.iter().find(|(name, _)| **name == *case).map(|(_, ty)| ty.as_ref());
                self.case(value, ty, payload_of, at)
            }
            (Type::Result(ok, err), value) => {
                let payload_of = |case: &str| match case {
                    "ok" => Some(ok.as_deref()),
                    "err" => Some(err.as_deref()),
                    _ => None,
                };
                self.case(value, ty, payload_of, at)
            }
            (Type::Option(_), Value::Null) => Ok(Value::Null),
            (Type::Option(payload), value) => match (&**payload, value) {
                (Type::Option(_), Value::Map(mut entries)) if is_some(&entries) => {
                    let some = entries.pop().map_or(Value::Null, |(_, value)| value);
                    Ok(Value::case("some", self.value(some, payload, &at.field("some"))?))
                }
                // It was an option when it was recorded, and became an option of one.
                (Type::Option(_), value) => Ok(Value::case("some", self.value(value, payload, at)?)),
                (payload, value) => self.value(value, payload, at),
            },
            (ty, value) => scalar::fit(value, ty, self.source, at),
        }
    }

    /// A key of a map and its value.
    fn entry(&mut self, item: Value, key: &Type, entry: &Type, at: &Pointer<'_>) -> Result<Value, Misfit> {
        let pair = match item {
            Value::List(pair) => <[Value; 2]>::try_from(pair).map_err(|pair| count(pair.len())),
            other => Err(other.kind().to_owned()),
        };
        let [name, value] = pair.map_err(|found| misfit(at, "a key and its value", found))?;
        Ok(Value::List(vec![self.value(name, key, &at.item(0))?, self.value(value, entry, &at.item(1))?]))
    }

    /// A list of so many elements, which is bytes where they are.
    fn fixed(
        &mut self,
        value: Value,
        element: &Type,
        length: u32,
        at: &Pointer<'_>,
    ) -> Result<Value, Misfit> {
        let as_list = if element.is_byte() { Type::Bytes } else { Type::List(Box::new(element.clone())) };
        let value = self.value(value, &as_list, at)?;
        let found = match &value {
            Value::Bytes(bytes) => bytes.len(),
            Value::List(items) => items.len(),
            _ => 0,
        };
        match found == length as usize {
            true => Ok(value),
            false => Err(misfit(at, format!("a list of {}", count(length as usize)), count(found))),
        }
    }

    fn tuple(&mut self, items: Vec<Value>, types: &[Type], at: &Pointer<'_>) -> Result<Value, Misfit> {
        if items.len() != types.len() {
            return Err(misfit(at, format!("a tuple of {}", count(types.len())), count(items.len())));
        }
        let parts = items.into_iter().zip(types).enumerate();
        let fitted = parts.map(|(index, (item, ty))| self.value(item, ty, &at.item(index)));
        fitted.collect::<Result<_, _>>().map(Value::List)
    }

    fn record(
        &mut self,
        entries: Vec<(Name, Value)>,
        fields: &[Field],
        at: &Pointer<'_>,
    ) -> Result<Value, Misfit> {
        let mut entries: Arguments = entries.into_iter().map(|(name, value)| (name, Some(value))).collect();
        let mut fitted = Vec::with_capacity(fields.len());
        for (index, Field { name, ty }) in fields.iter().enumerate() {
            let at = at.field(name);
            fitted.push(match take(&mut entries, index, name) {
                Some((name, value)) => (name, self.value(value, ty, &at)?),
                None => (name.clone(), absent(ty, &at, "no such field")?),
            });
        }
        self.note_dropped(entries, fields, at);
        Ok(Value::Map(fitted))
    }

    fn note_dropped(&mut self, rest: Arguments, fields: &[Field], at: &Pointer<'_>) {
        for (name, _) in rest.into_iter().filter(|(_, value)| value.is_some()) {
            if self.noted.insert((fields.as_ptr().addr(), name.clone())) {
                self.dropped.push(at.field(&name).to_string());
            }
        }
    }

    /// A variant or a result; `payload_of` knows its cases and what each holds.
    fn case<'t>(
        &mut self,
        value: Value,
        ty: &Type,
        payload_of: impl Fn(&str) -> Option<Option<&'t Type>>,
        at: &Pointer<'_>,
    ) -> Result<Value, Misfit> {
        let (case, payload) = scalar::case_of(value).map_err(|value| mismatch(at, ty, &value))?;
        let Some(ty) = payload_of(&case) else {
            return Err(misfit(at, cases(ty), quoted(&case)));
        };
        let at = at.field(&case);
        let payload = match (ty, payload) {
            (Some(ty), payload) => self.value(payload, ty, &at)?,
            (None, Value::Null) => Value::Null,
            (None, payload) => return Err(misfit(&at, "no payload", payload.kind())),
        };
        Ok(Value::Map(vec![(case.clone(), payload)]))
    }
}

fn count(items: usize) -> String {
    format!("{items} item{}", if items == 1 { "" } else { "s" })
}

fn is_some(entries: &[(Name, Value)]) -> bool {
    matches!(entries, [(name, _)] if **name == *"some")
}

/// What stands for a field that is not there.
fn absent(ty: &Type, at: &Pointer<'_>, found: &str) -> Result<Value, Misfit> {
    match ty {
        Type::Option(_) | Type::Any => Ok(Value::Null),
        _ => Err(misfit(at, shown(ty), found)),
    }
}

fn mismatch(at: &Pointer<'_>, ty: &Type, value: &Value) -> Misfit {
    misfit(at, shown(ty), value.kind())
}

fn misfit(at: &Pointer<'_>, expected: impl Into<String>, found: impl Into<String>) -> Misfit {
    Misfit { path: at.to_string(), expected: expected.into(), found: found.into() }
}

/// The type as WIT, cut where it is long.
fn shown(ty: &Type) -> String {
    let mut text = ty.to_string();
    if text.len() > 100 {
        text.truncate(text.floor_char_boundary(96));
        text.push('…');
    }
    text
}

/// A name that the type does not have, cut where it is long: it is whatever somebody put there.
fn quoted(name: &str) -> String {
    const SHOWN: usize = 40;
    match name.char_indices().nth(SHOWN) {
        None => format!("`{}`", name.escape_debug()),
        Some((end, _)) => format!("`{}…`", name[..end].escape_debug()),
    }
}

/// The cases that a type has.
fn cases(ty: &Type) -> String {
    const SHOWN: usize = 16;
    let names: Vec<&str> = match ty {
        Type::Enum(names) | Type::Flags(names) => names.iter().map(|name| &**name).collect(),
        Type::Variant(cases) => cases.iter().map(|(name, _)| &**name).collect(),
        _ => vec!["ok", "err"],
    };
    let first = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => format!("one of {first}"),
        more => format!("one of {first} and {more} more"),
    }
}

/// Up to how many bytes a type is short in a message.
const MAX_SHORT_TYPE: usize = 40;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path.escape_debug())?;
        }
        // The reason comes before a type that is long.
        match self.expected.len() {
            ..=MAX_SHORT_TYPE => write!(f, "expected {}, found {}", self.expected, self.found),
            _ => write!(f, "found {}, expected {}", self.found, self.expected),
        }
    }
}

impl std::error::Error for Misfit {}

#[cfg(test)]
mod tests;
