//! Arguments with lists of a fixed length and maps, which WAVE does not know: they are written as a list, and as a list of
//! tuples of a key and its value.

use super::located;
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Field, Type, Value};
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::wasm_wave::value::{Type as WaveType, Value as WaveValue};
use wasmtime::component::wasm_wave::wasm::WasmValue;

/// The arguments of a call of a function with these parameters, or what is wrong in `text`, which is the call as given.
/// `None`: WAVE knows all types of the parameters, or cannot write a value of one.
pub(super) fn values(
    call: &UntypedFuncCall<'_>,
    parameters: &[Field],
    text: &str,
) -> Option<Result<Vec<Value>, String>> {
    if !parameters.iter().any(|parameter| is_unknown(&parameter.ty)) {
        return None;
    }
    let types: Vec<WaveType> =
        parameters.iter().map(|parameter| wave_type(&parameter.ty)).collect::<Option<_>>()?;
    let values = call.to_wasm_params::<WaveValue>(&types).map_err(|error| located(text, &error));
    Some(values.and_then(|values| {
        let values = values.iter().zip(parameters).map(|(value, Field { name, ty })| {
            let fitted = fit::fit(read(value, ty), ty, Source::Tape);
            fitted.map(|fitted| fitted.value).map_err(|misfit| format!("`{name}`: {misfit}"))
        });
        values.collect()
    }))
}

/// Whether WAVE does not know a type, or one within it.
fn is_unknown(ty: &Type) -> bool {
    match ty {
        Type::Map(..) | Type::FixedLengthList(..) => true,
        Type::List(part) | Type::Option(part) => is_unknown(part),
        Type::Record(fields) => fields.iter().any(|field| is_unknown(&field.ty)),
        Type::Tuple(types) => types.iter().any(is_unknown),
        Type::Variant(cases) => cases.iter().flat_map(|(_, payload)| payload).any(is_unknown),
        Type::Result(ok, err) => [ok, err].into_iter().flatten().any(|payload| is_unknown(payload)),
        _ => false,
    }
}

/// The type as which WAVE reads values of a type. `None`: there is none, as for resources.
fn wave_type(ty: &Type) -> Option<WaveType> {
    let payload = |ty: &Option<Box<Type>>| match ty {
        Some(ty) => wave_type(ty).map(Some),
        None => Some(None),
    };
    Some(match ty {
        Type::Bool => WaveType::BOOL,
        Type::Int { signed: true, bits: 8 } => WaveType::S8,
        Type::Int { signed: true, bits: 16 } => WaveType::S16,
        Type::Int { signed: true, bits: 32 } => WaveType::S32,
        Type::Int { signed: true, .. } => WaveType::S64,
        Type::Int { bits: 8, .. } => WaveType::U8,
        Type::Int { bits: 16, .. } => WaveType::U16,
        Type::Int { bits: 32, .. } => WaveType::U32,
        Type::Int { .. } => WaveType::U64,
        Type::F32 => WaveType::F32,
        Type::F64 => WaveType::F64,
        Type::Char => WaveType::CHAR,
        Type::String => WaveType::STRING,
        Type::Bytes => WaveType::list(WaveType::U8),
        Type::List(element) | Type::FixedLengthList(element, _) => WaveType::list(wave_type(element)?),
        Type::Map(key, value) => WaveType::list(WaveType::tuple([wave_type(key)?, wave_type(value)?])?),
        Type::Record(fields) => {
            let fields = fields.iter().map(|field| Some((&*field.name, wave_type(&field.ty)?)));
            WaveType::record(fields.collect::<Option<Vec<_>>>()?)?
        }
        Type::Tuple(types) => WaveType::tuple(types.iter().map(wave_type).collect::<Option<Vec<_>>>()?)?,
        Type::Variant(cases) => {
            let cases = cases.iter().map(|(name, payload)| match payload {
                Some(ty) => Some((&**name, Some(wave_type(ty)?))),
                None => Some((&**name, None)),
            });
            WaveType::variant(cases.collect::<Option<Vec<_>>>()?)?
        }
        Type::Enum(names) => WaveType::enum_ty(names.iter().map(|name| &**name))?,
        Type::Option(some) => WaveType::option(wave_type(some)?),
        Type::Result(ok, err) => WaveType::result(payload(ok)?, payload(err)?),
        Type::Flags(names) => WaveType::flags(names.iter().map(|name| &**name))?,
        Type::Own(_) | Type::Borrow(_) | Type::Any => return None,
    })
}

/// A value that was read as the [`wave_type`] of a type.
fn read(value: &WaveValue, ty: &Type) -> Value {
    let payload = |value: Option<&WaveValue>, ty: Option<&Type>| match (value, ty) {
        (Some(value), Some(ty)) => read(value, ty),
        _ => Value::Null,
    };
    match ty {
        Type::Bool => value.unwrap_bool().into(),
        Type::Int { signed: true, bits: 8 } => value.unwrap_s8().into(),
        Type::Int { signed: true, bits: 16 } => value.unwrap_s16().into(),
        Type::Int { signed: true, bits: 32 } => value.unwrap_s32().into(),
        Type::Int { signed: true, .. } => value.unwrap_s64().into(),
        Type::Int { bits: 8, .. } => value.unwrap_u8().into(),
        Type::Int { bits: 16, .. } => value.unwrap_u16().into(),
        Type::Int { bits: 32, .. } => value.unwrap_u32().into(),
        Type::Int { .. } => value.unwrap_u64().into(),
        Type::F32 => value.unwrap_f32().into(),
        Type::F64 => value.unwrap_f64().into(),
        Type::Char => value.unwrap_char().into(),
        Type::String => value.unwrap_string().into_owned().into(),
        Type::Bytes => Value::Bytes(value.unwrap_list().map(|item| item.unwrap_u8()).collect()),
        Type::List(element) | Type::FixedLengthList(element, _) => {
            Value::List(value.unwrap_list().map(|item| read(&item, element)).collect())
        }
        Type::Map(key, entry) => {
            let entries = value.unwrap_list().map(|item| {
                let parts = item.unwrap_tuple().zip([key, entry]).map(|(part, ty)| read(&part, ty));
                Value::List(parts.collect())
            });
            Value::List(entries.collect())
        }
        Type::Record(fields) => {
            let parts = value.unwrap_record().zip(fields);
            Value::Map(parts.map(|((_, part), field)| (field.name.clone(), read(&part, &field.ty))).collect())
        }
        Type::Tuple(types) => {
            Value::List(value.unwrap_tuple().zip(types).map(|(part, ty)| read(&part, ty)).collect())
        }
        Type::Variant(cases) => {
            let (case, part) = value.unwrap_variant();
            let ty = cases.iter().find(|(name, _)| **name == *case).and_then(|(_, ty)| ty.as_ref());
            Value::case(&*case, payload(part.as_deref(), ty))
        }
        Type::Enum(_) => Value::from(&*value.unwrap_enum()),
        Type::Option(some) => match value.unwrap_option() {
            None => Value::Null,
            Some(part) if matches!(**some, Type::Option(_)) => Value::case("some", read(&part, some)),
            Some(part) => read(&part, some),
        },
        Type::Result(ok, err) => match value.unwrap_result() {
            Ok(part) => Value::case("ok", payload(part.as_deref(), ok.as_deref())),
            Err(part) => Value::case("err", payload(part.as_deref(), err.as_deref())),
        },
        Type::Flags(_) => Value::List(value.unwrap_flags().map(|flag| Value::from(&*flag)).collect()),
        Type::Own(_) | Type::Borrow(_) | Type::Any => Value::Null,
    }
}
