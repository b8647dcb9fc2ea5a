//! What has no parts, or parts that are names: numbers, text, bytes, enums, flags, resources.

use super::{Misfit, Source, cases, misfit, mismatch, quoted};
use crate::value::json::short;
use crate::value::pointer::Pointer;
use crate::value::{Name, Type, Value, float};

/// Brings `value` into the form of `ty`, which is none of those that hold values of other types.
pub(super) fn fit(value: Value, ty: &Type, source: Source, at: &Pointer<'_>) -> Result<Value, Misfit> {
    match (ty, value) {
        (Type::Bool, value @ Value::Bool(_))
        | (Type::String, value @ Value::Text(_))
        | (Type::Bytes, value @ Value::Bytes(_))
        | (Type::Own(_) | Type::Borrow(_), value @ Value::Handle(_))
        | (Type::Any, value) => Ok(value),
        (Type::Int { signed, bits }, Value::Int(number)) => {
            let (low, high) = Type::int_bounds(*signed, *bits);
            match (low..=high).contains(&number) {
                true => Ok(Value::Int(number)),
                false => Err(misfit(at, format!("{ty} ({low} to {high})"), number.to_string())),
            }
        }
        // What JSON says with `-0`, which has no sign where it is not a float.
        (Type::Int { .. }, Value::F64(0.0)) if source == Source::Json => Ok(Value::Int(0)),
        (Type::F32, value) => f32(value, source).map(Value::F32).map_err(|value| no_float(at, ty, &value)),
        (Type::F64, value) => f64(value, source).map(Value::F64).map_err(|value| no_float(at, ty, &value)),
        (Type::Char, Value::Text(text)) => match text.chars().count() {
            1 => Ok(Value::Text(text)),
            count => Err(misfit(at, "char, which is one character", format!("{count} characters"))),
        },
        (Type::Bytes, Value::List(items)) => bytes(items, at),
        (Type::Enum(names), value) => {
            let case = match case_of(value).map_err(|value| mismatch(at, ty, &value))? {
                (case, Value::Null) => case,
                (case, payload) => return Err(misfit(&at.field(&case), "no payload", payload.kind())),
            };
            match names.contains(&case) {
                true => Ok(Value::from(&*case)),
                false => Err(misfit(at, cases(ty), quoted(&case))),
            }
        }
        (Type::Flags(names), Value::List(items)) => flags(&items, ty, names, at),
        (ty, value) => Err(mismatch(at, ty, &value)),
    }
}

/// The case and the payload of a variant, or of the enum that it was before its cases had payloads. The value
/// itself where it is neither.
pub(super) fn case_of(value: Value) -> Result<(Name, Value), Value> {
    match value {
        Value::Text(case) => Ok((case.into(), Value::Null)),
        Value::Map(mut entries) if entries.len() == 1 => entries.pop().ok_or(Value::Null),
        other => Err(other),
    }
}

fn f32(value: Value, source: Source) -> Result<f32, Value> {
    let float = match (&value, source) {
        (Value::F32(float), _) => Some(*float),
        (Value::F64(float), Source::Json) => {
            let nearest = float::nearest(*float).filter(|nearest| float::stands_for(*nearest, *float));
            nearest.or_else(|| float::narrow(*float))
        }
        (Value::F64(float), Source::Tape) => float::narrow(*float),
        (Value::Int(integer), Source::Json) => {
            // What stands for it in JSON may be rounded below its digits.
            let is_held = |float: &f32| {
                [f64::from(*float), float::shortest(*float)].map(|it| it as i128).contains(integer)
            };
            Some(*integer as f32).filter(is_held)
        }
        (Value::Int(integer), Source::Tape) => {
            Some(*integer as f32).filter(|float| *float as i128 == *integer)
        }
        (Value::Text(text), Source::Json) => float::parse_special_f32(text),
        _ => None,
    };
    float.ok_or(value)
}

fn f64(value: Value, source: Source) -> Result<f64, Value> {
    let float = match (&value, source) {
        (Value::F64(float), _) => Some(*float),
        (Value::F32(float), _) => Some(float::widen(*float)),
        (Value::Int(integer), _) => Some(*integer as f64).filter(|float| *float as i128 == *integer),
        (Value::Text(text), Source::Json) => float::parse_special_f64(text),
        _ => None,
    };
    float.ok_or(value)
}

fn no_float(at: &Pointer<'_>, ty: &Type, value: &Value) -> Misfit {
    let nearest = match (ty, value) {
        (Type::F32, Value::F64(float)) => float::nearest(*float).map(Value::F32),
        (Type::F32, Value::Int(integer)) => Some(Value::F32(*integer as f32)),
        (_, Value::Int(integer)) => Some(Value::F64(*integer as f64)),
        (_, Value::F64(_)) => None,
        (_, other) => return mismatch(at, ty, other),
    };
    let value = short(value);
    // Of a number that differs only below its digits, the nearest looks the same.
    let nearest = nearest.map(|nearest| short(&nearest)).filter(|nearest| *nearest != value);
    let nearest = nearest.map(|nearest| format!("; the nearest is {nearest}")).unwrap_or_default();
    misfit(at, ty.to_string(), format!("{value}, which {ty} does not hold{nearest}"))
}

fn bytes(items: Vec<Value>, at: &Pointer<'_>) -> Result<Value, Misfit> {
    let byte = |(index, item): (usize, Value)| {
        let byte = Type::Int { signed: false, bits: 8 };
        match fit(item, &byte, Source::Tape, &at.item(index))? {
            Value::Int(number) => Ok(number as u8),
            other => Err(mismatch(&at.item(index), &byte, &other)),
        }
    };
    items.into_iter().enumerate().map(byte).collect::<Result<_, _>>().map(Value::Bytes)
}

fn flags(items: &[Value], ty: &Type, names: &[Name], at: &Pointer<'_>) -> Result<Value, Misfit> {
    let mut set = vec![false; names.len()];
    for (index, item) in items.iter().enumerate() {
        let Value::Text(flag) = item else {
            return Err(misfit(&at.item(index), cases(ty), item.kind()));
        };
        match names.iter().position(|name| **name == **flag) {
            Some(position) => set[position] = true,
            None => return Err(misfit(&at.item(index), cases(ty), quoted(flag))),
        }
    }
    let declared = names.iter().zip(set).filter(|(_, set)| *set);
    Ok(Value::List(declared.map(|(name, _)| Value::from(&**name)).collect()))
}
