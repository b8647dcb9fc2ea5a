//! From wasmtime's types to our own.

use crate::tape::Signature;
use crate::value::{Field, Type};
use wasmtime::component::Type as Wasm;
use wasmtime::component::types::{self, ComponentFunc};

/// A type that cannot cross this boundary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsupported(&'static str);

/// The signature of a function of `interface`.
pub(crate) fn signature(
    interface: Option<&str>,
    name: &str,
    function: &ComponentFunc,
) -> Result<Signature, Unsupported> {
    if function.async_() {
        return Err(Unsupported("it is `async`"));
    }
    let parameters = function.params().map(|(name, ty)| Ok(Field { name: name.into(), ty: convert(&ty)? }));
    Ok(Signature {
        interface: interface.map(str::to_owned),
        name: name.to_owned(),
        parameters: parameters.collect::<Result<_, _>>()?,
        result: function.results().next().map(|ty| convert(&ty)).transpose()?,
    })
}

fn convert(ty: &Wasm) -> Result<Type, Unsupported> {
    Ok(match ty {
        Wasm::Bool => Type::Bool,
        Wasm::S8 => Type::Int { signed: true, bits: 8 },
        Wasm::U8 => Type::Int { signed: false, bits: 8 },
        Wasm::S16 => Type::Int { signed: true, bits: 16 },
        Wasm::U16 => Type::Int { signed: false, bits: 16 },
        Wasm::S32 => Type::Int { signed: true, bits: 32 },
        Wasm::U32 => Type::Int { signed: false, bits: 32 },
        Wasm::S64 => Type::Int { signed: true, bits: 64 },
        Wasm::U64 => Type::Int { signed: false, bits: 64 },
        Wasm::Float32 => Type::F32,
        Wasm::Float64 => Type::F64,
        Wasm::Char => Type::Char,
        Wasm::String => Type::String,
        Wasm::List(list) => match list.ty() {
            Wasm::U8 => Type::Bytes,
            element => Type::List(Box::new(convert(&element)?)),
        },
        Wasm::Record(record) => Type::Record(fields(record)?),
        Wasm::Tuple(tuple) => Type::Tuple(tuple.types().map(|ty| convert(&ty)).collect::<Result<_, _>>()?),
        Wasm::Variant(variant) => {
            let cases = variant.cases().map(|case| Ok((case.name.into(), payload(case.ty)?)));
            Type::Variant(cases.collect::<Result<_, _>>()?)
        }
        Wasm::Enum(cases) => Type::Enum(cases.names().map(Into::into).collect()),
        Wasm::Option(option) => Type::Option(Box::new(convert(&option.ty())?)),
        Wasm::Result(result) => {
            Type::Result(payload(result.ok())?.map(Box::new), payload(result.err())?.map(Box::new))
        }
        Wasm::Flags(flags) => Type::Flags(flags.names().map(Into::into).collect()),
        Wasm::Own(_) => Type::Own,
        Wasm::Borrow(_) => Type::Borrow,
        Wasm::Future(_) => return Err(Unsupported("it passes a `future`")),
        Wasm::Stream(_) => return Err(Unsupported("it passes a `stream`")),
        Wasm::ErrorContext => return Err(Unsupported("it passes an `error-context`")),
        Wasm::Map(_) => return Err(Unsupported("it passes a `map`")),
        Wasm::FixedLengthList(_) => return Err(Unsupported("it passes a list of fixed length")),
    })
}

fn fields(record: &types::Record) -> Result<Vec<Field>, Unsupported> {
    record.fields().map(|field| Ok(Field { name: field.name.into(), ty: convert(&field.ty)? })).collect()
}

fn payload(ty: Option<Wasm>) -> Result<Option<Type>, Unsupported> {
    ty.as_ref().map(convert).transpose()
}
