//! Values in and out of wasm: the only file that builds or takes apart wasmtime's dynamic values, so that it
//! can be swapped for something faster.

use super::limits::LimitReached;
use playback_recording::value::{Field, Name, Type, Value};
use wasmtime::component::{ResourceAny, Val};
use wasmtime::{Result, bail, format_err};

/// What resources are on the two sides of the boundary.
pub(crate) trait Resources {
    /// The number on the tape of a resource that leaves wasm.
    fn number(&mut self, resource: ResourceAny) -> Result<u32>;
    /// The resource of a number that enters wasm. `owned` says that wasm gets it for good.
    fn resource(&mut self, number: u32, owned: bool) -> Result<ResourceAny>;
}

/// The values of a parameter list that leaves wasm.
pub(crate) fn lift_parameters(
    values: &[Val],
    parameters: &[Field],
    resources: &mut impl Resources,
) -> Result<Vec<Value>> {
    values.iter().zip(parameters).map(|(value, parameter)| lift(value, &parameter.ty, resources)).collect()
}

/// The values of a parameter list that enters wasm.
///
/// # Errors
///
/// [`LimitReached::Crossing`], if they would take more than `limit` bytes on the way. wasmtime counts what leaves wasm
/// and not what enters it.
pub(crate) fn lower_parameters(
    values: &[Value],
    parameters: &[Field],
    resources: &mut impl Resources,
    limit: usize,
) -> Result<Vec<Val>> {
    if values.iter().map(size).fold(0, usize::saturating_add) > limit {
        return Err(LimitReached::Crossing(limit).into());
    }
    if values.len() != parameters.len() {
        bail!("{} arguments were given to a function of {}", values.len(), parameters.len());
    }
    values.iter().zip(parameters).map(|(value, parameter)| lower(value, &parameter.ty, resources)).collect()
}

/// A value of type `ty` that leaves wasm.
pub(crate) fn lift(value: &Val, ty: &Type, resources: &mut impl Resources) -> Result<Value> {
    Ok(match (value, ty) {
        (Val::Bool(value), _) => Value::Bool(*value),
        (Val::S8(value), _) => (*value).into(),
        (Val::U8(value), _) => (*value).into(),
        (Val::S16(value), _) => (*value).into(),
        (Val::U16(value), _) => (*value).into(),
        (Val::S32(value), _) => (*value).into(),
        (Val::U32(value), _) => (*value).into(),
        (Val::S64(value), _) => (*value).into(),
        (Val::U64(value), _) => (*value).into(),
        (Val::Float32(value), _) => Value::F32(*value),
        (Val::Float64(value), _) => Value::F64(*value),
        (Val::Char(value), _) => (*value).into(),
        (Val::String(value), _) => Value::Text(value.clone()),
        (Val::List(items), Type::Bytes) => Value::Bytes(bytes(items)?),
        (Val::List(items), Type::List(element)) => {
            Value::List(items.iter().map(|item| lift(item, element, resources)).collect::<Result<_>>()?)
        }
        (Val::FixedLengthList(items), Type::FixedLengthList(element, _)) if element.is_byte() => {
            Value::Bytes(bytes(items)?)
        }
        (Val::FixedLengthList(items), Type::FixedLengthList(element, _)) => {
            Value::List(items.iter().map(|item| lift(item, element, resources)).collect::<Result<_>>()?)
        }
        (Val::Map(entries), Type::Map(key, entry)) => {
            let entries = entries.iter().map(|(name, value)| {
                Ok(Value::List(vec![lift(name, key, resources)?, lift(value, entry, resources)?]))
            });
            Value::List(entries.collect::<Result<_>>()?)
        }
        (Val::Tuple(items), Type::Tuple(types)) => {
            let items = items.iter().zip(types).map(|(item, ty)| lift(item, ty, resources));
            Value::List(items.collect::<Result<_>>()?)
        }
        (Val::Record(values), Type::Record(fields)) => {
            let entries = values
                .iter()
                .zip(fields)
                .map(|((_, value), field)| Ok((field.name.clone(), lift(value, &field.ty, resources)?)));
            Value::Map(entries.collect::<Result<_>>()?)
        }
        (Val::Variant(case, payload), Type::Variant(cases)) => {
            let declared = cases.iter().find(|(name, _)| **name == **case);
            let (name, ty) = declared
                .ok_or_else(|| format_err!("`{case}` is not a case of {}", Type::Variant(cases.clone())))?;
            Value::case(name.clone(), lift_payload(payload.as_deref(), ty.as_ref(), resources)?)
        }
        (Val::Result(Ok(payload)), Type::Result(ok, _)) => {
            Value::case("ok", lift_payload(payload.as_deref(), ok.as_deref(), resources)?)
        }
        (Val::Result(Err(payload)), Type::Result(_, err)) => {
            Value::case("err", lift_payload(payload.as_deref(), err.as_deref(), resources)?)
        }
        (Val::Enum(case), _) => Value::Text(case.clone()),
        (Val::Option(None), _) => Value::Null,
        (Val::Option(Some(payload)), Type::Option(ty)) => {
            let payload = lift(payload, ty, resources)?;
            if matches!(**ty, Type::Option(_)) { Value::case("some", payload) } else { payload }
        }
        (Val::Flags(set), Type::Flags(names)) => {
            // Declared order, whatever order they come in.
            let set = names.iter().filter(|name| set.iter().any(|flag| **flag == ***name));
            Value::List(set.map(|name| Value::from(&**name)).collect())
        }
        (Val::Resource(resource), _) => Value::Handle(resources.number(*resource)?),
        (_, ty) => bail!("a value that is not {ty} came out of the component"),
    })
}

/// A value of type `ty` that enters wasm. The value has the canonical form of its type.
pub(crate) fn lower(value: &Value, ty: &Type, resources: &mut impl Resources) -> Result<Val> {
    Ok(match (value, ty) {
        (Value::Bool(value), Type::Bool) => Val::Bool(*value),
        (Value::Int(value), Type::Int { signed, bits }) => integer(*value, *signed, *bits)?,
        (Value::F32(value), Type::F32) => Val::Float32(*value),
        (Value::F64(value), Type::F64) => Val::Float64(*value),
        (Value::Text(text), Type::Char) => Val::Char(text.parse()?),
        (Value::Text(text), Type::String) => Val::String(text.clone()),
        (Value::Text(case), Type::Enum(_)) => Val::Enum(case.clone()),
        (Value::Bytes(bytes), Type::Bytes) => Val::List(bytes.iter().map(|byte| Val::U8(*byte)).collect()),
        (Value::List(items), Type::List(element)) => {
            Val::List(items.iter().map(|item| lower(item, element, resources)).collect::<Result<_>>()?)
        }
        (Value::Bytes(bytes), Type::FixedLengthList(element, _)) if element.is_byte() => {
            Val::FixedLengthList(bytes.iter().map(|byte| Val::U8(*byte)).collect())
        }
        (Value::List(items), Type::FixedLengthList(element, _)) => Val::FixedLengthList(
            items.iter().map(|item| lower(item, element, resources)).collect::<Result<_>>()?,
        ),
        (Value::List(items), Type::Map(key, entry)) => {
            let entries = items.iter().map(|item| {
                let (name, value) = pair(item)?;
                Ok((lower(name, key, resources)?, lower(value, entry, resources)?))
            });
            Val::Map(entries.collect::<Result<_>>()?)
        }
        (Value::List(items), Type::Tuple(types)) if items.len() == types.len() => {
            let items = items.iter().zip(types).map(|(item, ty)| lower(item, ty, resources));
            Val::Tuple(items.collect::<Result<_>>()?)
        }
        (Value::List(items), Type::Flags(_)) => Val::Flags(items.iter().map(flag).collect::<Result<_>>()?),
        (Value::Map(entries), Type::Record(fields)) if entries.len() == fields.len() => {
            let fields = entries
                .iter()
                .zip(fields)
                .map(|((name, value), field)| Ok((name.to_string(), lower(value, &field.ty, resources)?)));
            Val::Record(fields.collect::<Result<_>>()?)
        }
        (Value::Map(entries), Type::Variant(cases)) => {
            let (name, payload) = only(entries)?;
            let declared = cases.iter().find(|(case, _)| **case == *name);
            let (_, ty) = declared.ok_or_else(|| format_err!("`{name}` is not a case of {ty}"))?;
            Val::Variant(name.to_owned(), lower_payload(payload, ty.as_ref(), resources)?)
        }
        (Value::Map(entries), Type::Result(ok, err)) => match only(entries)? {
            ("ok", payload) => Val::Result(Ok(lower_payload(payload, ok.as_deref(), resources)?)),
            ("err", payload) => Val::Result(Err(lower_payload(payload, err.as_deref(), resources)?)),
            (other, _) => bail!("`{other}` is neither `ok` nor `err`"),
        },
        (Value::Null, Type::Option(_)) => Val::Option(None),
        (value, Type::Option(ty)) => {
            let payload = match (value, &**ty) {
                (Value::Map(entries), Type::Option(_)) => only(entries)?.1,
                _ => value,
            };
            Val::Option(Some(Box::new(lower(payload, ty, resources)?)))
        }
        (Value::Handle(number), Type::Own(_)) => Val::Resource(resources.resource(*number, true)?),
        (Value::Handle(number), Type::Borrow(_)) => Val::Resource(resources.resource(*number, false)?),
        (value, ty) => bail!("{} is not {ty}", value.kind()),
    })
}

/// The memory that a value takes as one of wasmtime's, in bytes.
fn size(value: &Value) -> usize {
    let parts = match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len().saturating_mul(size_of::<Val>()),
        Value::List(items) => items.iter().map(size).fold(0, usize::saturating_add),
        Value::Map(entries) => {
            let entry = |(name, value): &(Name, Value)| size_of::<String>() + name.len() + size(value);
            entries.iter().map(entry).fold(0, usize::saturating_add)
        }
        _ => 0,
    };
    parts.saturating_add(size_of::<Val>())
}

fn lift_payload(payload: Option<&Val>, ty: Option<&Type>, resources: &mut impl Resources) -> Result<Value> {
    match (payload, ty) {
        (Some(payload), Some(ty)) => lift(payload, ty, resources),
        _ => Ok(Value::Null),
    }
}

fn lower_payload(
    value: &Value,
    ty: Option<&Type>,
    resources: &mut impl Resources,
) -> Result<Option<Box<Val>>> {
    ty.map(|ty| lower(value, ty, resources).map(Box::new)).transpose()
}

fn bytes(items: &[Val]) -> Result<Vec<u8>> {
    let byte = |item: &Val| match item {
        Val::U8(byte) => Ok(*byte),
        _ => Err(format_err!("a list of bytes holds something else")),
    };
    items.iter().map(byte).collect()
}

fn integer(value: i128, signed: bool, bits: u8) -> Result<Val> {
    Ok(match (signed, bits) {
        (true, 8) => Val::S8(value.try_into()?),
        (false, 8) => Val::U8(value.try_into()?),
        (true, 16) => Val::S16(value.try_into()?),
        (false, 16) => Val::U16(value.try_into()?),
        (true, 32) => Val::S32(value.try_into()?),
        (false, 32) => Val::U32(value.try_into()?),
        (true, _) => Val::S64(value.try_into()?),
        (false, _) => Val::U64(value.try_into()?),
    })
}

fn flag(item: &Value) -> Result<String> {
    match item {
        Value::Text(name) => Ok(name.clone()),
        other => bail!("{} is not a flag", other.kind()),
    }
}

/// A key of a map and its value.
pub(super) fn pair(entry: &Value) -> Result<(&Value, &Value)> {
    match entry {
        Value::List(pair) => match pair.as_slice() {
            [key, value] => Ok((key, value)),
            _ => bail!("an entry of a map is a key and its value, not {} items", pair.len()),
        },
        other => bail!("{} is not an entry of a map", other.kind()),
    }
}

fn only(entries: &[(Name, Value)]) -> Result<(&str, &Value)> {
    match entries {
        [(name, value)] => Ok((name, value)),
        _ => bail!("a case must be one entry, not {}", entries.len()),
    }
}
