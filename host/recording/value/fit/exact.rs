//! Whether a value has the form of a type already. Most do, and looking is much cheaper than taking them apart.

use super::is_some;
use crate::value::{Name, Type, Value};

/// Whether `value` is what [`fit`](super::fit) would make of it.
pub(super) fn is_exact(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Bool, Value::Bool(_))
        | (Type::F32, Value::F32(_))
        | (Type::F64, Value::F64(_))
        | (Type::String, Value::Text(_))
        | (Type::Bytes, Value::Bytes(_))
        | (Type::Own(_) | Type::Borrow(_), Value::Handle(_))
        | (Type::Option(_), Value::Null)
        | (Type::Any, _) => true,
        (Type::Int { signed, bits }, Value::Int(number)) => {
            let (low, high) = Type::int_bounds(*signed, *bits);
            (low..=high).contains(number)
        }
        (Type::Char, Value::Text(text)) => text.chars().count() == 1,
        (Type::Enum(names), Value::Text(case)) => names.iter().any(|name| **name == **case),
        (Type::Flags(names), Value::List(set)) => is_in_order(set, names),
        (Type::List(element), Value::List(items)) => items.iter().all(|item| is_exact(item, element)),
        (Type::FixedLengthList(element, length), Value::Bytes(bytes)) => {
            element.is_byte() && bytes.len() == *length as usize
        }
        (Type::FixedLengthList(element, length), Value::List(items)) => {
            !element.is_byte()
                && items.len() == *length as usize
                && items.iter().all(|item| is_exact(item, element))
        }
        (Type::Map(key, entry), Value::List(items)) => items.iter().all(|item| match item {
            Value::List(pair) => match pair.as_slice() {
                [name, value] => is_exact(name, key) && is_exact(value, entry),
                _ => false,
            },
            _ => false,
        }),
        (Type::Tuple(types), Value::List(items)) => {
            items.len() == types.len() && items.iter().zip(types).all(|(item, ty)| is_exact(item, ty))
        }
        (Type::Record(fields), Value::Map(entries)) => {
            let mut parts = entries.iter().zip(fields);
            entries.len() == fields.len()
                && parts.all(|((name, value), field)| **name == *field.name && is_exact(value, &field.ty))
        }
        (Type::Option(payload), value) => match (&**payload, value) {
            (Type::Option(_), Value::Map(entries)) if is_some(entries) => {
                entries.iter().all(|(_, value)| is_exact(value, payload))
            }
            (Type::Option(_), _) => false,
            (payload, value) => is_exact(value, payload),
        },
        (Type::Variant(_) | Type::Result(..), Value::Map(entries)) => match entries.as_slice() {
            [(case, payload)] => is_case(ty, case, payload),
            _ => false,
        },
        _ => false,
    }
}

/// Whether `ty`, a variant or a result, has the case with this payload.
fn is_case(ty: &Type, case: &str, payload: &Value) -> bool {
    let declared = match (ty, case) {
        (Type::Variant(cases), _) => {
            cases.iter().find(|(name, _)| **name == *case).map(|(_, ty)| ty.as_ref())
        }
        (Type::Result(ok, _), "ok") => Some(ok.as_deref()),
        (Type::Result(_, err), "err") => Some(err.as_deref()),
        _ => None,
    };
    match declared {
        Some(Some(ty)) => is_exact(payload, ty),
        Some(None) => *payload == Value::Null,
        None => false,
    }
}

/// Whether flags are set in the order in which they are declared, each once.
fn is_in_order(set: &[Value], names: &[Name]) -> bool {
    let mut names = names.iter();
    set.iter().all(|flag| matches!(flag, Value::Text(flag) if names.any(|name| **name == **flag)))
}
