//! Names for what was read without them: from positions to the names that the function's type gives.

use super::lift::all;
use crate::value::{Field, Type, Value};
use wasmtime::{Result, bail, format_err};

/// Arguments in the canonical form of their parameters.
pub(super) fn parameters(values: Vec<Value>, parameters: &[Field]) -> Result<Vec<Value>> {
    all(values.into_iter().zip(parameters).map(|(value, parameter)| named(value, &parameter.ty)))
}

fn named(value: Value, ty: &Type) -> Result<Value> {
    Ok(match (ty, value) {
        (Type::Record(fields), Value::List(items)) if items.len() == fields.len() => {
            let entries = items.into_iter().zip(fields);
            let entries = entries.map(|(value, field)| Ok((field.name.clone(), named(value, &field.ty)?)));
            Value::Map(all(entries)?)
        }
        (Type::Variant(cases), Value::List(parts)) => {
            let Ok([Value::Int(case), payload]) = <[Value; 2]>::try_from(parts) else {
                bail!("a case has two parts")
            };
            let declared = usize::try_from(case).ok().and_then(|case| cases.get(case));
            let (name, ty) = declared.ok_or_else(|| format_err!("there is no case {case}"))?;
            let payload = ty.as_ref().map_or(Ok(Value::Null), |ty| named(payload, ty))?;
            Value::case(name.clone(), payload)
        }
        (Type::Result(ok, err), Value::Map(mut entries)) => {
            if let [(name, payload)] = entries.as_mut_slice()
                && let Some(ty) = if &**name == "ok" { ok } else { err }
            {
                *payload = named(std::mem::replace(payload, Value::Null), ty)?;
            }
            Value::Map(entries)
        }
        (Type::Option(_), Value::Null) => Value::Null,
        (Type::Option(ty), Value::Map(mut entries)) if matches!(**ty, Type::Option(_)) => {
            if let [(_, payload)] = entries.as_mut_slice() {
                *payload = named(std::mem::replace(payload, Value::Null), ty)?;
            }
            Value::Map(entries)
        }
        (Type::Option(ty), value) => named(value, ty)?,
        (Type::Tuple(types), Value::List(items)) => {
            let items = items.into_iter().zip(types);
            Value::List(all(items.map(|(item, ty)| named(item, ty)))?)
        }
        (Type::List(element), Value::List(items)) => {
            Value::List(all(items.into_iter().map(|item| named(item, element)))?)
        }
        (_, value) => value,
    })
}
