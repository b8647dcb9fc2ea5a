//! From wasmtime's types to our own.

use super::wasi::table::is_wasi;
use playback_recording::value::{Field, Name, Type};
use playback_tape::{OnExhausted, Signature};
use wasmtime::Engine;
use wasmtime::component::types::{self, ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ResourceType, Type as Wasm};

/// A type that cannot cross this boundary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsupported(&'static str);

/// The functions of one component, and the resources in their types.
pub(crate) struct Types(Vec<Resource>);

struct Resource {
    ty: ResourceType,
    name: Name,
    /// Whether it is the host's own: one of an imported interface of WASI.
    is_wasi: bool,
}

/// Which side of a component a function is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Import,
    Export,
}

impl Types {
    /// Of all that `component` imports and exports.
    pub(crate) fn of(engine: &Engine, component: &Component) -> Self {
        let ty = component.component_type();
        let mut resources = Vec::new();
        let mut add = |name: &str, item: &ComponentItem, is_wasi: bool| {
            if let ComponentItem::Resource(ty) = item {
                resources.push(Resource { ty: *ty, name: name.into(), is_wasi });
            }
        };
        for (name, item) in ty.imports(engine).chain(ty.exports(engine)) {
            match &item.ty {
                ComponentItem::ComponentInstance(instance) => {
                    let is_wasi = is_wasi(name);
                    instance.exports(engine).for_each(|(name, item)| add(name, &item.ty, is_wasi));
                }
                item => add(name, item, false),
            }
        }
        Self(resources)
    }

    /// The signature of a function of `interface`. One that is imported cannot pass a resource of WASI.
    pub(crate) fn signature(
        &self,
        side: Side,
        interface: Option<&str>,
        name: &str,
        function: &ComponentFunc,
    ) -> Result<Signature, Unsupported> {
        if function.async_() {
            return Err(Unsupported("it is `async`"));
        }
        let parameters = function.params();
        let parameters =
            parameters.map(|(name, ty)| Ok(Field { name: name.into(), ty: self.convert(side, &ty)? }));
        Ok(Signature {
            interface: interface.map(str::to_owned),
            name: name.to_owned(),
            parameters: parameters.collect::<Result<_, _>>()?,
            result: function.results().next().map(|ty| self.convert(side, &ty)).transpose()?,
            key: None,
            on_exhausted: OnExhausted::default(),
            sends: None,
        })
    }

    /// What a resource is called in the imported interface of WASI that has it, if one does.
    pub(crate) fn wasi_name(&self, ty: &ResourceType) -> Option<&str> {
        let found = self.0.iter().find(|resource| resource.is_wasi && resource.ty == *ty);
        found.map(|resource| &*resource.name)
    }

    /// What a resource is called. One that is used and neither imported nor exported has no name.
    fn resource(&self, side: Side, ty: &ResourceType) -> Result<Name, Unsupported> {
        if side == Side::Import && self.wasi_name(ty).is_some() {
            return Err(Unsupported("it passes a resource of WASI, which a provider cannot be given"));
        }
        let named = self.0.iter().find(|resource| resource.ty == *ty);
        Ok(named.map_or_else(|| "resource".into(), |resource| resource.name.clone()))
    }

    fn convert(&self, side: Side, ty: &Wasm) -> Result<Type, Unsupported> {
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
                element => Type::List(Box::new(self.convert(side, &element)?)),
            },
            Wasm::Record(record) => Type::Record(self.fields(side, record)?),
            Wasm::Tuple(tuple) => {
                Type::Tuple(tuple.types().map(|ty| self.convert(side, &ty)).collect::<Result<_, _>>()?)
            }
            Wasm::Variant(variant) => {
                let cases = variant.cases().map(|case| Ok((case.name.into(), self.payload(side, case.ty)?)));
                Type::Variant(cases.collect::<Result<_, _>>()?)
            }
            Wasm::Enum(cases) => Type::Enum(cases.names().map(Into::into).collect()),
            Wasm::Option(option) => Type::Option(Box::new(self.convert(side, &option.ty())?)),
            Wasm::Result(result) => Type::Result(
                self.payload(side, result.ok())?.map(Box::new),
                self.payload(side, result.err())?.map(Box::new),
            ),
            Wasm::Flags(flags) => Type::Flags(flags.names().map(Into::into).collect()),
            Wasm::Own(resource) => Type::Own(self.resource(side, resource)?),
            Wasm::Borrow(resource) => Type::Borrow(self.resource(side, resource)?),
            Wasm::Future(_) => return Err(Unsupported("it passes a `future`")),
            Wasm::Stream(_) => return Err(Unsupported("it passes a `stream`")),
            Wasm::ErrorContext => return Err(Unsupported("it passes an `error-context`")),
            Wasm::Map(map) => Type::Map(
                Box::new(self.convert(side, &map.key())?),
                Box::new(self.convert(side, &map.value())?),
            ),
            Wasm::FixedLengthList(list) => {
                Type::FixedLengthList(Box::new(self.convert(side, &list.ty())?), list.len())
            }
        })
    }

    fn fields(&self, side: Side, record: &types::Record) -> Result<Vec<Field>, Unsupported> {
        record
            .fields()
            .map(|field| Ok(Field { name: field.name.into(), ty: self.convert(side, &field.ty)? }))
            .collect()
    }

    fn payload(&self, side: Side, ty: Option<Wasm>) -> Result<Option<Type>, Unsupported> {
        ty.as_ref().map(|ty| self.convert(side, ty)).transpose()
    }
}
