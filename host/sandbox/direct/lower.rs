//! Writing values to wasm by the component's types. Values have the canonical form of their type, fields in
//! declared order; anything else is refused, never written.

use super::cases::{discriminant_bytes, payload, variant_info};
use crate::convert;
use parking_lot::Mutex;
use playback_recording::value::{Name, Value};
use wasmtime::component::__internal::wasmtime_environ::component::{TypeFixedLengthList, TypeMap};
use wasmtime::component::__internal::{ComponentTypes, InterfaceType as Ty, LowerContext};
use wasmtime::component::Lower;
use wasmtime::{Error, Result, ValRaw, bail, format_err};

/// The type of a function's result. `None`: it has none.
pub(super) fn only(types: &ComponentTypes, ty: Ty) -> Result<Option<Ty>> {
    match ty {
        Ty::Tuple(tuple) => match &*types[tuple].types {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            several => bail!("a function has {} results", several.len()),
        },
        _ => bail!("a result list is not a tuple"),
    }
}

/// How a resource enters wasm.
#[derive(Clone, Copy)]
pub(super) enum Resources<'r, 'p> {
    /// A service gets it: the number on the tape is its representation.
    Numbered,
    /// A provider gets it: its own resource of this number.
    Found(&'r Mutex<&'p mut (dyn convert::Resources + Send)>),
}

/// A parameter list as core values. Values beyond it stay as they are.
pub(super) fn flat_list<T>(
    values: &[Value],
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
    mut slots: &mut [ValRaw],
) -> Result<()> {
    let Ty::Tuple(tuple) = ty else { bail!("a parameter list is not a tuple") };
    let types = cx.types;
    let types = &types[tuple].types;
    if values.len() != types.len() {
        bail!("{} arguments were given to a function of {}", values.len(), types.len());
    }
    values.iter().zip(types).try_for_each(|(value, ty)| flat(value, cx, resources, *ty, &mut slots))
}

/// A value as the next core values.
pub(super) fn flat<T>(
    value: &Value,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
    slots: &mut &mut [ValRaw],
) -> Result<()> {
    let types = cx.types;
    match (ty, value) {
        (Ty::String, Value::Text(text)) => {
            super::text(text, cx, ty)?.into_iter().try_for_each(|part| put_flat(slots, part))
        }
        (Ty::List(list), value) => {
            let (start, length) = list_of(value, cx, resources, types[list].element)?;
            [start, length].into_iter().try_for_each(|part| put_flat(slots, ValRaw::u32(part)))
        }
        (Ty::Map(map), Value::List(entries)) => {
            let (start, length) = map_of(entries, cx, resources, &types[map])?;
            [start, length].into_iter().try_for_each(|part| put_flat(slots, ValRaw::u32(part)))
        }
        (Ty::FixedLengthList(list), Value::Bytes(bytes)) if is_bytes(&types[list], bytes) => {
            bytes.iter().try_for_each(|byte| put_flat(slots, ValRaw::u32((*byte).into())))
        }
        (Ty::FixedLengthList(list), Value::List(items)) if is_list(&types[list], items) => {
            items.iter().try_for_each(|item| flat(item, cx, resources, types[list].element, slots))
        }
        (Ty::Record(record), Value::Map(entries)) if entries.len() == types[record].fields.len() => {
            let mut parts = entries.iter().zip(&types[record].fields);
            parts.try_for_each(|((_, value), field)| flat(value, cx, resources, field.ty, slots))
        }
        (Ty::Tuple(tuple), Value::List(items)) if items.len() == types[tuple].types.len() => {
            let mut parts = items.iter().zip(&types[tuple].types);
            parts.try_for_each(|(value, ty)| flat(value, cx, resources, *ty, slots))
        }
        (Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_), value) => {
            let (case, value) = case_of(types, ty, value)?;
            put_flat(slots, ValRaw::u32(case))?;
            // Every case takes as much room as the largest.
            let room = types.canonical_abi(&ty).flat_count(usize::MAX).unwrap_or(slots.len() + 1) - 1;
            let mut rest = slots.split_off_mut(..room).ok_or_else(too_few)?;
            match payload(types, ty, case)? {
                Some(ty) => flat(value, cx, resources, ty, &mut rest),
                None => Ok(()),
            }
        }
        (Ty::Flags(flags), Value::List(set)) => {
            let names = &types[flags].names;
            let words = words(names.len(), |name| names.get_index_of(name), set)?;
            words.into_iter().try_for_each(|word| put_flat(slots, ValRaw::u32(word)))
        }
        (ty, value) => {
            let part = scalar(value, cx, resources, ty)?;
            put_flat(slots, part)
        }
    }
}

fn put_flat(slots: &mut &mut [ValRaw], value: ValRaw) -> Result<()> {
    *slots.split_off_first_mut().ok_or_else(too_few)? = value;
    Ok(())
}

fn too_few() -> Error {
    format_err!("a function takes fewer core values than its types say")
}

/// A value that is always one core value.
fn scalar<T>(
    value: &Value,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
) -> Result<ValRaw> {
    Ok(match (ty, value) {
        (Ty::Own(_) | Ty::Borrow(_), Value::Handle(number)) => resource(*number, cx, resources, ty)?,
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
        (_, value) => bail!("{} is not a value of the function's type", value.kind()),
    })
}

fn resource<T>(
    number: u32,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
) -> Result<ValRaw> {
    match (resources, ty) {
        (Resources::Found(found), _) => {
            let mut found = found.lock();
            super::resource(&found.resource(number, matches!(ty, Ty::Own(_)))?, cx, ty)
        }
        (Resources::Numbered, Ty::Own(table)) => Ok(ValRaw::u32(cx.guest_resource_lower_own(table, number)?)),
        (Resources::Numbered, _) => bail!("a function returns no borrowed resource"),
    }
}

/// A value into memory at `offset`, which is known to have room for it.
pub(super) fn memory<T>(
    value: &Value,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
    offset: usize,
) -> Result<()> {
    let types = cx.types;
    match (ty, value) {
        (Ty::String, Value::Text(text)) => text.as_str().linear_lower_to_memory(cx, ty, offset),
        (Ty::List(list), value) => {
            let (start, length) = list_of(value, cx, resources, types[list].element)?;
            put(cx, offset, &start.to_le_bytes())?;
            put(cx, offset + 4, &length.to_le_bytes())
        }
        (Ty::Map(map), Value::List(entries)) => {
            let (start, length) = map_of(entries, cx, resources, &types[map])?;
            put(cx, offset, &start.to_le_bytes())?;
            put(cx, offset + 4, &length.to_le_bytes())
        }
        (Ty::FixedLengthList(list), Value::Bytes(bytes)) if is_bytes(&types[list], bytes) => {
            put(cx, offset, bytes)
        }
        (Ty::FixedLengthList(list), Value::List(items)) if is_list(&types[list], items) => {
            let elements = items.iter().map(|item| (item, types[list].element));
            sequence(elements, cx, resources, offset)
        }
        (Ty::Record(record), Value::Map(entries)) if entries.len() == types[record].fields.len() => {
            let values = entries.iter().map(|(_, value)| value);
            let fields = types[record].fields.iter().map(|field| field.ty);
            sequence(values.zip(fields), cx, resources, offset)
        }
        (Ty::Tuple(tuple), Value::List(items)) if items.len() == types[tuple].types.len() => {
            sequence(items.iter().zip(types[tuple].types.iter().copied()), cx, resources, offset)
        }
        (Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_), value) => {
            case(value, cx, resources, ty, offset)
        }
        (Ty::Flags(flags), Value::List(set)) => {
            let words = words(types[flags].names.len(), |name| types[flags].names.get_index_of(name), set)?;
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let size = types.canonical_abi(&ty).size32 as usize;
            put(cx, offset, bytes.get(..size).unwrap_or(&bytes))
        }
        (ty, value) => {
            let size = types.canonical_abi(&ty).size32 as usize;
            let bits = scalar(value, cx, resources, ty)?.get_u64().to_le_bytes();
            put(cx, offset, bits.get(..size).unwrap_or(&bits))
        }
    }
}

/// A list in memory of its own: where it is and how many elements it has.
fn list_of<T>(
    value: &Value,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    element: Ty,
) -> Result<(u32, u32)> {
    let abi = cx.types.canonical_abi(&element);
    let (size, align) = (abi.size32 as usize, abi.align32);
    let items: &[Value] = match (element, value) {
        (Ty::U8, Value::Bytes(bytes)) => {
            let start = cx.realloc(0, 0, align, bytes.len())?;
            put(cx, start, bytes)?;
            return Ok((u32::try_from(start)?, u32::try_from(bytes.len())?));
        }
        (Ty::U8, value) => bail!("{} is not a list of bytes", value.kind()),
        (_, Value::List(items)) => items,
        (_, value) => bail!("{} is not a list", value.kind()),
    };
    let bytes = items.len().checked_mul(size).ok_or_else(|| format_err!("a list is too long for memory"))?;
    let start = cx.realloc(0, 0, align, bytes)?;
    for (index, item) in items.iter().enumerate() {
        memory(item, cx, resources, element, start + index * size)?;
    }
    Ok((u32::try_from(start)?, u32::try_from(items.len())?))
}

/// The entries of a map in memory of their own: where they are and how many.
fn map_of<T>(
    entries: &[Value],
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    map: &TypeMap,
) -> Result<(u32, u32)> {
    let size = map.entry_abi.size32 as usize;
    let bytes = entries.len().checked_mul(size).ok_or_else(|| format_err!("a map is too long for memory"))?;
    let start = cx.realloc(0, 0, map.entry_abi.align32, bytes)?;
    for (index, entry) in entries.iter().enumerate() {
        let (offset, (key, value)) = (start + index * size, convert::pair(entry)?);
        memory(key, cx, resources, map.key, offset)?;
        memory(value, cx, resources, map.value, offset + map.value_offset32 as usize)?;
    }
    Ok((u32::try_from(start)?, u32::try_from(entries.len())?))
}

/// Whether a type is a list of so many bytes.
fn is_bytes(ty: &TypeFixedLengthList, bytes: &[u8]) -> bool {
    matches!(ty.element, Ty::U8) && ty.size as usize == bytes.len()
}

/// Whether a type is a list of so many elements that are no bytes.
fn is_list(ty: &TypeFixedLengthList, items: &[Value]) -> bool {
    !matches!(ty.element, Ty::U8) && ty.size as usize == items.len()
}

fn sequence<'v, T>(
    items: impl Iterator<Item = (&'v Value, Ty)>,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    offset: usize,
) -> Result<()> {
    let mut end = u32::try_from(offset)?;
    for (value, ty) in items {
        let at = cx.types.canonical_abi(&ty).next_field32(&mut end);
        memory(value, cx, resources, ty, at as usize)?;
    }
    Ok(())
}

fn case<T>(
    value: &Value,
    cx: &mut LowerContext<'_, T>,
    resources: Resources<'_, '_>,
    ty: Ty,
    offset: usize,
) -> Result<()> {
    let types = cx.types;
    let (case, value) = case_of(types, ty, value)?;
    let info = variant_info(types, ty)?;
    put(cx, offset, &case.to_le_bytes()[..discriminant_bytes(info)])?;
    match payload(types, ty, case)? {
        Some(ty) => memory(value, cx, resources, ty, offset + info.payload_offset32 as usize),
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
        (_, value) => bail!("{} is not a case", value.kind()),
    };
    let case = case.ok_or_else(|| format_err!("{} names no case of its type", value.kind()))?;
    Ok((u32::try_from(case)?, payload))
}

fn entry(value: &Value) -> Result<&(Name, Value)> {
    match value {
        Value::Map(entries) if entries.len() == 1 => Ok(&entries[0]),
        other => bail!("{} is not a case", other.kind()),
    }
}

fn words(count: usize, bit: impl Fn(&str) -> Option<usize>, set: &[Value]) -> Result<Vec<u32>> {
    let mut words = vec![0; count.div_ceil(32).max(1)];
    for flag in set {
        let Value::Text(name) = flag else { bail!("{} is not a flag", flag.kind()) };
        let bit = bit(name).ok_or_else(|| format_err!("`{name}` is not a flag of its type"))?;
        words[bit / 32] |= 1 << (bit % 32);
    }
    Ok(words)
}

fn put<T>(cx: &mut LowerContext<'_, T>, offset: usize, bytes: &[u8]) -> Result<()> {
    let memory = cx.as_slice_mut().get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len()));
    memory.ok_or_else(|| format_err!("a value would lie beyond the end of memory"))?.copy_from_slice(bytes);
    Ok(())
}
