//! A component value as plain data: owned, comparable, free of wasm and of any type declaration.
//!
//! Every value that crosses the boundary becomes a [`Value`], is stored as CBOR ([`cbor`]), shown as JSON
//! ([`json`]), brought into the form that today's type asks for ([`fit`](mod@fit)) and compared ([`diff`](mod@diff)).
//! One mapping serves all of them:
//!
//! | WIT | `Value` | CBOR | JSON |
//! |---|---|---|---|
//! | `bool` | [`Bool`](Value::Bool) | bool | `true` |
//! | `u8` to `u64`, `s8` to `s64` | [`Int`](Value::Int) | integer | number, exact |
//! | `f32` | [`F32`](Value::F32) | single float, bit for bit | number; `"NaN"`, `"Infinity"`, `"-Infinity"`, `"NaN:7fc00001"` |
//! | `f64` | [`F64`](Value::F64) | double float, bit for bit | the same, a NaN payload with 16 digits |
//! | `char`, `string`, `enum` | [`Text`](Value::Text) | text | string |
//! | `list<u8>`, `list<u8, N>` | [`Bytes`](Value::Bytes) | byte string | `{"$bytes": "<base64>"}` |
//! | any other `list`, with or without a length, `tuple` | [`List`](Value::List) | array | array |
//! | `map` | [`List`](Value::List) of lists of a key and its value, in the order in which they crossed | array of arrays of two | the same; read from an object too where keys are `string` |
//! | `record` | [`Map`](Value::Map) | map of text | object |
//! | `variant`, `result` | [`Map`](Value::Map) of one entry | map of one | `{"case": payload}`, payload `null` where the case has none |
//! | `flags` | [`List`](Value::List) of text, in declared order | array of text | array of strings |
//! | `option` | [`Null`](Value::Null) or the payload; `{"some": payload}` where the payload is itself an `option` | null or the payload | the same |
//! | `own`, `borrow` | [`Handle`](Value::Handle) | tag 39 and a number | `{"$handle": 1}` |

use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod cbor;
pub mod diff;
pub mod fit;
pub mod float;
pub(crate) mod hex;
pub mod json;
pub mod names;
mod pointer;
pub mod readable;
mod types;

pub use hex::Hex;
pub use types::{Field, Type};

/// The name of a record field or of a variant case. Shared, because every value of a type repeats it.
pub type Name = Arc<str>;

/// How deep values may nest. Component types end at 100, so nothing a component can say is refused.
pub const MAX_DEPTH: usize = 128;

/// The owned, self-describing form of a component value; the module's table says what becomes what.
///
/// Two values are equal when their bits are: a NaN equals itself, and `-0.0` differs from `0.0`.
#[derive(Debug, Clone)]
pub enum Value {
    /// An `option` that is none, or a result that a function does not have.
    Null,
    /// A `bool`.
    Bool(bool),
    /// Any integer; wide enough for both `u64` and `s64`.
    Int(i128),
    /// An `f32`, its bits kept.
    F32(f32),
    /// An `f64`, its bits kept.
    F64(f64),
    /// A `string`, a `char` or the case of an `enum`.
    Text(String),
    /// A `list<u8>`.
    Bytes(Vec<u8>),
    /// A `list` of anything else, a `tuple`, a `map` as lists of a key and its value, or the names of the `flags` that are
    /// set.
    List(Vec<Value>),
    /// A `record`; or a `variant` or `result`, as one entry from the case to its payload.
    Map(Vec<(Name, Value)>),
    /// A resource, by the number the tape gave it.
    Handle(u32),
}

impl Value {
    /// A variant or result value: `case` with its payload, [`Value::Null`] where it has none.
    pub fn case(case: impl Into<Name>, payload: Value) -> Self {
        Self::Map(vec![(case.into(), payload)])
    }

    /// A record from its fields.
    pub fn record<N: Into<Name>>(fields: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::Map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The field `name` of a record, or the payload of a variant whose case is `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| &**key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns the part of the value at a JSON pointer, if there is one: the value itself at the empty one.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        let mut parts = pointer.split('/').skip(1);
        parts.try_fold(self, |value, part| match value {
            Self::List(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(&part.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// What kind of value this is, for messages: `text`, `an integer`, ...
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an integer",
            Self::F32(_) | Self::F64(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Map(_) => "a record or case",
            Self::Handle(_) => "a resource",
        }
    }

    /// Calls `visit` for every resource in the value, outermost first.
    pub fn visit_handles(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Self::Handle(number) => visit(*number),
            Self::List(items) => items.iter().for_each(|item| item.visit_handles(visit)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.visit_handles(visit)),
            _ => {}
        }
    }

    /// The memory the value holds, in bytes, to a few percent. What limits on recordings are measured in.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Bytes(bytes) => bytes.len(),
                Self::List(items) => items.iter().map(Self::weight).sum(),
                Self::Map(entries) => {
                    entries.iter().map(|(_, value)| size_of::<Name>() + value.weight()).sum()
                }
                _ => 0,
            }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::F32(a), Self::F32(b)) => a.to_bits() == b.to_bits(),
            (Self::F64(a), Self::F64(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Handle(a), Self::Handle(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Int(value) => value.hash(state),
            Self::F32(value) => value.to_bits().hash(state),
            Self::F64(value) => value.to_bits().hash(state),
            Self::Text(value) => value.hash(state),
            Self::Bytes(value) => value.hash(state),
            Self::List(items) => items.hash(state),
            Self::Map(entries) => entries.hash(state),
            Self::Handle(number) => number.hash(state),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        Self::F32(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::F64(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<char> for Value {
    fn from(value: char) -> Self {
        Self::Text(value.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {
        $(impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Int(value.into())
            }
        })*
    };
}

from_integers!(u8 u16 u32 u64 i8 i16 i32 i64);
