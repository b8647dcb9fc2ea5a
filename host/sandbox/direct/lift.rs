//! Reading values from wasm by the component's types.

use super::cases::{discriminant_bytes, payload, variant_info};
use crate::handles;
use playback_recording::value::Value;
use playback_recording::value::names::Names;
use std::slice::Iter;
use std::sync::{Arc, LazyLock};
use wasmtime::component::__internal::wasmtime_environ::component::{
    RecordField, StringEncoding, TypeFixedLengthList, TypeMap, TypeResourceTableIndex,
};
use wasmtime::component::__internal::{CanonicalAbiInfo, ComponentTypes, InterfaceType as Ty, LiftContext};
use wasmtime::component::{Lift, ResourceAny};
use wasmtime::{Result, ValRaw, bail, format_err};

static OK: LazyLock<Arc<str>> = LazyLock::new(|| "ok".into());
static ERR: LazyLock<Arc<str>> = LazyLock::new(|| "err".into());
static SOME: LazyLock<Arc<str>> = LazyLock::new(|| "some".into());

/// What values are read with.
pub(super) struct Reader<'r> {
    pub(super) names: &'r mut Names,
    pub(super) resources: Resources<'r>,
}

/// What becomes of a resource that leaves wasm.
pub(super) enum Resources<'r> {
    /// A service calls: the representation of its resource is the number on the tape.
    Numbered,
    /// A provider returns: the resource is added here, and its index stands for it.
    Collected(&'r mut Vec<ResourceAny>),
}

/// A list of parameters or results that came as core values.
pub(super) fn flat_list(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    ty: Ty,
    values: &[ValRaw],
) -> Result<Vec<Value>> {
    let types = cx.types;
    let mut values = values.iter();
    all(items(types, ty)?.iter().map(|ty| flat(cx, reader, *ty, &mut values)))
}

/// A list of parameters or results that lies in memory.
pub(super) fn memory_list(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    ty: Ty,
    offset: usize,
) -> Result<Vec<Value>> {
    let types = cx.types;
    let mut offset = u32::try_from(offset)?;
    if !offset.is_multiple_of(types.canonical_abi(&ty).align32) {
        bail!("a parameter or result list is not aligned");
    }
    all(items(types, ty)?.iter().map(|ty| field(cx, reader, *ty, &mut offset)))
}

/// The values, or the first error. Allocates once, which collecting results does not.
fn all<T>(values: impl ExactSizeIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        all.push(value?);
    }
    Ok(all)
}

fn items(types: &ComponentTypes, ty: Ty) -> Result<&[Ty]> {
    match ty {
        Ty::Tuple(tuple) => Ok(&types[tuple].types),
        _ => bail!("a parameter list is not a tuple"),
    }
}

fn flat(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    ty: Ty,
    values: &mut Iter<'_, ValRaw>,
) -> Result<Value> {
    let types = cx.types;
    Ok(match ty {
        Ty::String => {
            let pair = [next(values)?, next(values)?];
            match utf8(cx, pair[0].get_u32(), pair[1].get_u32())? {
                Some(text) => Value::Text(text),
                None => Value::Text(String::linear_lift_from_flat(cx, ty, &pair)?),
            }
        }
        Ty::List(list) => {
            let pair = [next(values)?, next(values)?];
            match types[list].element {
                Ty::U8 => Value::Bytes(Vec::linear_lift_from_flat(cx, ty, &pair)?),
                element => list_of(cx, reader, element, pair[0].get_u32(), pair[1].get_u32())?,
            }
        }
        Ty::Map(map) => {
            let pair = [next(values)?, next(values)?];
            map_of(cx, reader, &types[map], pair[0].get_u32(), pair[1].get_u32())?
        }
        Ty::FixedLengthList(list) => {
            let TypeFixedLengthList { element, size, .. } = types[list];
            let items = (0..size).map(|_| flat(cx, reader, element, values));
            fixed(element, items.collect::<Result<_>>()?)?
        }
        Ty::Record(record) => {
            let fields = types[record].fields.iter();
            let entry =
                |field: &RecordField| Ok((reader.names.of(&field.name), flat(cx, reader, field.ty, values)?));
            Value::Map(all(fields.map(entry))?)
        }
        Ty::Tuple(tuple) => {
            let items = types[tuple].types.iter().map(|ty| flat(cx, reader, *ty, values));
            Value::List(all(items)?)
        }
        Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_) => {
            let mut rest = values.as_slice().get(..count(types, ty)).unwrap_or_default().iter();
            // Every case takes as much room as the largest; what is narrower than its place lies in the low bits.
            values.nth(rest.len().saturating_sub(1));
            let case = next(&mut rest)?.get_u32();
            let payload = payload(types, ty, case)?.map(|ty| flat(cx, reader, ty, &mut rest)).transpose()?;
            assemble(types, reader.names, ty, case, payload)?
        }
        Ty::Flags(flags) => {
            let words = count(types, ty);
            let words =
                (0..words).map(|_| next(values).map(|value| value.get_u32())).collect::<Result<Vec<_>>>()?;
            set_flags(types[flags].names.iter(), &words)
        }
        Ty::Bool => bool::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::S8 => i8::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::U8 => u8::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::S16 => i16::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::U16 => u16::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::S32 => i32::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::U32 => u32::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::S64 => i64::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::U64 => u64::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::Float32 => f32::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::Float64 => f64::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::Char => char::linear_lift_from_flat(cx, ty, &next(values)?)?.into(),
        Ty::Own(_) | Ty::Borrow(_) => resource(cx, reader, ty, next(values)?.get_u32())?,
        _ => bail!("a value of a type that is not supported"),
    })
}

fn next(values: &mut Iter<'_, ValRaw>) -> Result<ValRaw> {
    values.next().copied().ok_or_else(|| format_err!("a call has too few core values"))
}

fn memory(cx: &mut LiftContext<'_>, reader: &mut Reader<'_>, ty: Ty, offset: u32) -> Result<Value> {
    let size = cx.types.canonical_abi(&ty).size32;
    sized(cx, reader, ty, offset, size)
}

/// A value whose type has this size.
fn sized(cx: &mut LiftContext<'_>, reader: &mut Reader<'_>, ty: Ty, offset: u32, size: u32) -> Result<Value> {
    let types = cx.types;
    let bytes = cx.memory().get(offset as usize..).and_then(|rest| rest.get(..size as usize));
    let bytes = bytes.ok_or_else(|| format_err!("a value lies beyond the end of memory"))?;
    Ok(match ty {
        Ty::String => match utf8(cx, number(&bytes[..4]), number(&bytes[4..8]))? {
            Some(text) => Value::Text(text),
            None => Value::Text(String::linear_lift_from_memory(cx, ty, bytes)?),
        },
        Ty::List(list) => match types[list].element {
            Ty::U8 => Value::Bytes(Vec::linear_lift_from_memory(cx, ty, bytes)?),
            element => list_of(cx, reader, element, number(&bytes[..4]), number(&bytes[4..8]))?,
        },
        Ty::Map(map) => map_of(cx, reader, &types[map], number(&bytes[..4]), number(&bytes[4..8]))?,
        Ty::FixedLengthList(list) => match types[list] {
            TypeFixedLengthList { element: Ty::U8, .. } => {
                let bytes = bytes.to_vec();
                cx.consume_fuel(bytes.len())?;
                Value::Bytes(bytes)
            }
            TypeFixedLengthList { element, size, .. } => elements(cx, reader, element, offset, size)?,
        },
        Ty::Record(record) => {
            let mut offset = offset;
            let fields = types[record].fields.iter();
            let entry = |item: &RecordField| {
                Ok((reader.names.of(&item.name), field(cx, reader, item.ty, &mut offset)?))
            };
            Value::Map(all(fields.map(entry))?)
        }
        Ty::Tuple(tuple) => {
            let mut offset = offset;
            let items = types[tuple].types.iter().map(|item| field(cx, reader, *item, &mut offset));
            Value::List(all(items)?)
        }
        Ty::Variant(_) | Ty::Enum(_) | Ty::Option(_) | Ty::Result(_) => {
            let info = variant_info(types, ty)?;
            let case = number(&bytes[..discriminant_bytes(info)]);
            let at = offset + info.payload_offset32;
            let payload = payload(types, ty, case)?.map(|ty| memory(cx, reader, ty, at)).transpose()?;
            assemble(types, reader.names, ty, case, payload)?
        }
        Ty::Flags(flags) => {
            let words: Vec<u32> = bytes.chunks(4).map(number).collect();
            set_flags(types[flags].names.iter(), &words)
        }
        Ty::Bool => bool::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::S8 => i8::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::U8 => u8::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::S16 => i16::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::U16 => u16::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::S32 => i32::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::U32 => u32::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::S64 => i64::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::U64 => u64::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::Float32 => f32::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::Float64 => f64::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::Char => char::linear_lift_from_memory(cx, ty, bytes)?.into(),
        Ty::Own(_) | Ty::Borrow(_) => resource(cx, reader, ty, number(bytes))?,
        _ => bail!("a value of a type that is not supported"),
    })
}

/// The next field of a record that is read up to `offset`.
fn field(cx: &mut LiftContext<'_>, reader: &mut Reader<'_>, ty: Ty, offset: &mut u32) -> Result<Value> {
    let abi = cx.types.canonical_abi(&ty);
    sized(cx, reader, ty, abi.next_field32(offset), abi.size32)
}

fn list_of(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    element: Ty,
    pointer: u32,
    length: u32,
) -> Result<Value> {
    is_in_memory(cx, cx.types.canonical_abi(&element), pointer, length)?;
    elements(cx, reader, element, pointer, length)
}

/// The elements of a list that lies in memory.
fn elements(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    element: Ty,
    pointer: u32,
    length: u32,
) -> Result<Value> {
    let size = cx.types.canonical_abi(&element).size32;
    // Charged before anything is allocated: this is what bounds what a guest can make the host hold.
    cx.consume_fuel_array(length as usize, size_of::<Value>())?;
    let offsets = (0..length as usize).map(|index| pointer + index as u32 * size);
    Ok(Value::List(all(offsets.map(|offset| memory(cx, reader, element, offset)))?))
}

/// A list of fixed length that came as core values.
fn fixed(element: Ty, items: Vec<Value>) -> Result<Value> {
    if !matches!(element, Ty::U8) {
        return Ok(Value::List(items));
    }
    let byte = |item| match item {
        Value::Int(byte) => Ok(u8::try_from(byte)?),
        other => bail!("{} is not a byte", other.kind()),
    };
    items.into_iter().map(byte).collect::<Result<_>>().map(Value::Bytes)
}

/// A map, as lists of a key and its value.
fn map_of(
    cx: &mut LiftContext<'_>,
    reader: &mut Reader<'_>,
    map: &TypeMap,
    pointer: u32,
    length: u32,
) -> Result<Value> {
    is_in_memory(cx, &map.entry_abi, pointer, length)?;
    cx.consume_fuel_array(length as usize, 3 * size_of::<Value>())?;
    let entries = (0..length as usize).map(|index| {
        let offset = pointer + index as u32 * map.entry_abi.size32;
        let key = memory(cx, reader, map.key, offset)?;
        Ok(Value::List(vec![key, memory(cx, reader, map.value, offset + map.value_offset32)?]))
    });
    Ok(Value::List(all(entries)?))
}

/// Whether memory has room for so many elements where they are said to be.
fn is_in_memory(cx: &LiftContext<'_>, element: &CanonicalAbiInfo, pointer: u32, length: u32) -> Result<()> {
    let end = u64::from(pointer) + u64::from(length) * u64::from(element.size32);
    if end > cx.memory().len() as u64 {
        bail!("a list lies beyond the end of memory");
    }
    if !pointer.is_multiple_of(element.align32) {
        bail!("a list is not aligned");
    }
    Ok(())
}

/// A string, if it is plain UTF-8. wasmtime reads the others, and says what is wrong with them.
fn utf8(cx: &mut LiftContext<'_>, pointer: u32, length: u32) -> Result<Option<String>> {
    if !matches!(cx.options().string_encoding, StringEncoding::Utf8) {
        return Ok(None);
    }
    let (pointer, length) = (pointer as usize, length as usize);
    let bytes = cx.memory().get(pointer..).and_then(|rest| rest.get(..length));
    let Some(Ok(text)) = bytes.map(simdutf8::basic::from_utf8) else { return Ok(None) };
    cx.consume_fuel(length)?;
    Ok(Some(text.to_owned()))
}

/// The number of a service's resource is its representation: nothing else was ever handed out.
fn resource(cx: &mut LiftContext<'_>, reader: &mut Reader<'_>, ty: Ty, index: u32) -> Result<Value> {
    if let Resources::Collected(resources) = &mut reader.resources {
        resources.push(ResourceAny::linear_lift_from_flat(cx, ty, &ValRaw::u32(index))?);
        return Ok(Value::Handle(u32::try_from(resources.len() - 1)?));
    }
    let known = |cx: &LiftContext<'_>, table: TypeResourceTableIndex| {
        cx.resource_type(table) == handles::resource_type()
    };
    match ty {
        Ty::Own(table) if known(cx, table) => Ok(Value::Handle(cx.guest_resource_lift_own(table, index)?.0)),
        Ty::Borrow(table) if known(cx, table) => {
            Ok(Value::Handle(cx.guest_resource_lift_borrow(table, index)?))
        }
        _ => bail!("a resource of the service's own cannot be handed to a provider"),
    }
}

/// A variant, enum, option or result of this case.
fn assemble(
    types: &ComponentTypes,
    names: &mut Names,
    ty: Ty,
    case: u32,
    payload: Option<Value>,
) -> Result<Value> {
    let payload_value = payload.unwrap_or(Value::Null);
    Ok(match ty {
        Ty::Enum(cases) => {
            let name = types[cases].names.iter().nth(case as usize);
            Value::Text(name.ok_or_else(|| format_err!("an enum has no case {case}"))?.clone())
        }
        Ty::Option(_) if case == 0 => Value::Null,
        Ty::Option(option) if matches!(types[option].ty, Ty::Option(_)) => {
            Value::case(SOME.clone(), payload_value)
        }
        Ty::Option(_) => payload_value,
        Ty::Result(_) if case == 0 => Value::case(OK.clone(), payload_value),
        Ty::Result(_) => Value::case(ERR.clone(), payload_value),
        Ty::Variant(cases) => {
            let (name, _) = types[cases]
                .cases
                .get_index(case as usize)
                .ok_or_else(|| format_err!("a variant has no case {case}"))?;
            Value::case(names.of(name), payload_value)
        }
        _ => bail!("a type without cases has none"),
    })
}

fn set_flags<'n>(names: impl Iterator<Item = &'n String>, words: &[u32]) -> Value {
    let is_set = |bit: usize| words.get(bit / 32).is_some_and(|word| word >> (bit % 32) & 1 == 1);
    let set = names.enumerate().filter(|(bit, _)| is_set(*bit));
    Value::List(set.map(|(_, name)| Value::Text(name.clone())).collect())
}

fn count(types: &ComponentTypes, ty: Ty) -> usize {
    types.canonical_abi(&ty).flat_count(usize::MAX).unwrap_or(0)
}

/// A little-endian number of at most four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
