//! Writing values to wasm by the component's types. Values have the canonical form of their type, fields in
//! declared order; anything else is refused, never written.

use super::cases::{discriminant_bytes, payload, variant_info};
use crate::value::{Name, Value};
use wasmtime::component::__internal::{ComponentTypes, InterfaceType as Ty, LowerContext};
use wasmtime::component::Lower;
use wasmtime::{Result, ValRaw, bail, format_err};

/// The type of a function's result. `None`: it has none.
pub(super) fn only(types: &ComponentTypes, ty: Ty) -> Result<Option<Ty>> {
    match ty {
        Ty::Tuple(tuple) => match &*types[tuple].types {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            several => bail!("a function has {} results", several.len()),
        },
        _ => bail!("a result list is no tuple"),
    }
}

/// A value that is one core value.
pub(super) fn flat<T>(value: &Value, cx: &mut LowerContext<'_, T>, ty: Ty) -> Result<ValRaw> {
    let types = cx.types;
    Ok(match (ty, value) {
        (Ty::Record(record), Value::Map(entries)) => match (&*types[record].fields, entries.as_slice()) {
            ([field], [(_, value)]) => flat(value, cx, field.ty)?,
            _ => bail!("a record of several fields is no single core value"),
        },
        (Ty::Tuple(tuple), Value::List(items)) => match (&*types[tuple].types, items.as_slice()) {
            ([ty], [value]) => flat(value, cx, *ty)?,
            _ => bail!("a tuple of several items is no single core value"),
        },
        (Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_), value) => {
            ValRaw::u32(case_of(types, ty, value)?.0)
        }
        (Ty::Flags(flags), Value::List(set)) => ValRaw::u32(
            words(types[flags].names.len(), |name| types[flags].names.get_index_of(name), set)?[0],
        ),
        (Ty::Own(table), Value::Handle(number)) => ValRaw::u32(cx.guest_resource_lower_own(table, *number)?),
        (Ty::Bool, Value::Bool(value)) => ValRaw::u32(u32::from(*value)),
        (Ty::S8, Value::Int(value)) => ValRaw::i32(i8::try_from(*value)?.into()),
        (Ty::U8, Value::Int(value)) => ValRaw::u32(u8::try_from(*value)?.into()),
        (Ty::S16, Value::Int(value)) => ValRaw::i32(i16::try_from(*value)?.into()),
        (Ty::U16, Value::Int(value)) => ValRaw::u32(u16::try_from(*value)?.into()),
        (Ty::S32, Value::Int(value)) => ValRaw::i32(i32::try_from(*value)?),
        (Ty::U32, Value::Int(value)) => ValRaw::u32(u32::try_from(*value)?),
        (Ty::S64, Value::Int(value)) => ValRaw::i64(i64::try_from(*value)?),
        (Ty::U64, Value::Int(value)) => ValRaw::u64(u64::try_from(*value)?),
        (Ty::Float32, Value::F32(value)) => ValRaw::f32(value.to_bits()),
        (Ty::Float64, Value::F64(value)) => ValRaw::f64(value.to_bits()),
        (Ty::Char, Value::Text(text)) => ValRaw::u32(text.parse::<char>()?.into()),
        (_, value) => bail!("{} is no value of the function's result", value.kind()),
    })
}

/// A value into memory at `offset`, which is known to have room for it.
pub(super) fn memory<T>(value: &Value, cx: &mut LowerContext<'_, T>, ty: Ty, offset: usize) -> Result<()> {
    let types = cx.types;
    match (ty, value) {
        (Ty::String, Value::Text(text)) => text.as_str().linear_lower_to_memory(cx, ty, offset),
        (Ty::List(list), Value::Bytes(bytes)) if matches!(types[list].element, Ty::U8) => {
            bytes.as_slice().linear_lower_to_memory(cx, ty, offset)
        }
        (Ty::List(list), Value::List(items)) => list_of(items, cx, types[list].element, offset),
        (Ty::Record(record), Value::Map(entries)) if entries.len() == types[record].fields.len() => {
            let values = entries.iter().map(|(_, value)| value);
            let fields = types[record].fields.iter().map(|field| field.ty);
            sequence(values.zip(fields), cx, offset)
        }
        (Ty::Tuple(tuple), Value::List(items)) if items.len() == types[tuple].types.len() => {
            sequence(items.iter().zip(types[tuple].types.iter().copied()), cx, offset)
        }
        (Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_), value) => case(value, cx, ty, offset),
        (Ty::Flags(flags), Value::List(set)) => {
            let words = words(types[flags].names.len(), |name| types[flags].names.get_index_of(name), set)?;
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let size = types.canonical_abi(&ty).size32 as usize;
            put(cx, offset, bytes.get(..size).unwrap_or(&bytes))
        }
        (ty, value) => {
            let size = types.canonical_abi(&ty).size32 as usize;
            let bits = flat(value, cx, ty)?.get_u64().to_le_bytes();
            put(cx, offset, bits.get(..size).unwrap_or(&bits))
        }
    }
}

fn list_of<T>(items: &[Value], cx: &mut LowerContext<'_, T>, element: Ty, offset: usize) -> Result<()> {
    let abi = cx.types.canonical_abi(&element);
    let (size, align) = (abi.size32 as usize, abi.align32);
    let bytes = items.len().checked_mul(size).ok_or_else(|| format_err!("a list is too long for memory"))?;
    let start = cx.realloc(0, 0, align, bytes)?;
    for (index, item) in items.iter().enumerate() {
        memory(item, cx, element, start + index * size)?;
    }
    put(cx, offset, &u32::try_from(start)?.to_le_bytes())?;
    put(cx, offset + 4, &u32::try_from(items.len())?.to_le_bytes())
}

fn sequence<'v, T>(
    items: impl Iterator<Item = (&'v Value, Ty)>,
    cx: &mut LowerContext<'_, T>,
    offset: usize,
) -> Result<()> {
    let mut end = u32::try_from(offset)?;
    for (value, ty) in items {
        let at = cx.types.canonical_abi(&ty).next_field32(&mut end);
        memory(value, cx, ty, at as usize)?;
    }
    Ok(())
}

fn case<T>(value: &Value, cx: &mut LowerContext<'_, T>, ty: Ty, offset: usize) -> Result<()> {
    let types = cx.types;
    let (case, value) = case_of(types, ty, value)?;
    let info = variant_info(types, ty)?;
    put(cx, offset, &case.to_le_bytes()[..discriminant_bytes(info)])?;
    match payload(types, ty, case)? {
        Some(ty) => memory(value, cx, ty, offset + info.payload_offset32 as usize),
        None => Ok(()),
    }
}

/// Which case a value is of, and its payload.
fn case_of<'v>(types: &ComponentTypes, ty: Ty, value: &'v Value) -> Result<(u32, &'v Value)> {
    let (case, payload) = match (ty, value) {
        (Ty::Enum(cases), Value::Text(name)) => (types[cases].names.get_index_of(name.as_str()), value),
        (Ty::Option(_), Value::Null) => (Some(0), value),
        (Ty::Option(option), _) if matches!(types[option].ty, Ty::Option(_)) => (Some(1), &entry(value)?.1),
        (Ty::Option(_), _) => (Some(1), value),
        (Ty::Variant(variant), _) => {
            let (name, payload) = entry(value)?;
            (types[variant].cases.keys().position(|case| **case == **name), payload)
        }
        (Ty::Result(_), _) => {
            let (name, payload) = entry(value)?;
            (["ok", "err"].iter().position(|case| **case == **name), payload)
        }
        (_, value) => bail!("{} is no case", value.kind()),
    };
    let case = case.ok_or_else(|| format_err!("{} names no case of its type", value.kind()))?;
    Ok((u32::try_from(case)?, payload))
}

fn entry(value: &Value) -> Result<&(Name, Value)> {
    match value {
        Value::Map(entries) if entries.len() == 1 => Ok(&entries[0]),
        other => bail!("{} is no case", other.kind()),
    }
}

fn words(count: usize, bit: impl Fn(&str) -> Option<usize>, set: &[Value]) -> Result<Vec<u32>> {
    let mut words = vec![0; count.div_ceil(32).max(1)];
    for flag in set {
        let Value::Text(name) = flag else { bail!("{} is no flag", flag.kind()) };
        let bit = bit(name).ok_or_else(|| format_err!("`{name}` is no flag of its type"))?;
        words[bit / 32] |= 1 << (bit % 32);
    }
    Ok(words)
}

fn put<T>(cx: &mut LowerContext<'_, T>, offset: usize, bytes: &[u8]) -> Result<()> {
    let memory = cx.as_slice_mut().get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len()));
    memory.ok_or_else(|| format_err!("a value would lie beyond the end of memory"))?.copy_from_slice(bytes);
    Ok(())
}
