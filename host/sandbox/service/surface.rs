//! What a component imports and exports.

use super::operation::Operation;
use crate::sdk::package;
use crate::types::{Side, Types};
use crate::wasi::http;
use crate::wasi::is_wasi;
use playback_tape::Signature;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex};

/// What a component shows to the outside.
pub(super) struct Surface {
    pub(super) imports: Vec<Signature>,
    pub(super) wasi: Vec<String>,
    pub(super) uses_sdk: bool,
    pub(super) operations: Vec<Operation>,
}

impl Surface {
    /// The error is an import's full name and what is wrong with it.
    pub(super) fn of(engine: &wasmtime::Engine, component: &Component) -> Result<Self, (String, String)> {
        let ty = component.component_type();
        let types = Types::of(engine, component);
        let (mut imports, mut wasi, mut uses_sdk) = (Vec::new(), Vec::new(), false);
        for (name, item) in ty.imports(engine) {
            if is_wasi(name) {
                wasi.push(name.to_owned());
                continue;
            }
            if package::is_of_sdk(name) {
                if !package::is_known(name) {
                    let reason = "it is of a guest SDK that this host does not know; use playback-host of the same version";
                    return Err((name.to_owned(), reason.to_owned()));
                }
                uses_sdk = true;
                continue;
            }
            match item.ty {
                ComponentItem::ComponentInstance(instance) => {
                    for (function, item) in instance.exports(engine) {
                        if let ComponentItem::ComponentFunc(ty) = item.ty {
                            let signature = types.signature(Side::Import, Some(name), function, &ty);
                            let signature = signature
                                .map_err(|error| (format!("{name}#{function}"), error.to_string()))?;
                            imports.push(signature);
                        }
                    }
                }
                ComponentItem::ComponentFunc(ty) => {
                    imports.push(
                        types
                            .signature(Side::Import, None, name, &ty)
                            .map_err(|error| (name.to_owned(), error.to_string()))?,
                    );
                }
                ComponentItem::Resource(_) | ComponentItem::Type(_) => {}
                _ => {
                    return Err((
                        name.to_owned(),
                        "it is a module or a component, not a function".to_owned(),
                    ));
                }
            }
        }
        // Of WASI only what it sends is told call by call.
        imports.extend(wasi.iter().filter(|name| http::is_sender(name)).map(|name| http::signature(name)));
        Ok(Self { imports, wasi, uses_sdk, operations: operations(engine, component, &types) })
    }
}

fn operations(engine: &wasmtime::Engine, component: &Component, types: &Types) -> Vec<Operation> {
    let ty = component.component_type();
    let mut operations = Vec::new();
    // A function that cannot be described cannot be called either: it is not an operation.
    let mut add =
        |interface: Option<&str>, name: &str, item: &ComponentItem, index: Option<ComponentExportIndex>| {
            if let ComponentItem::ComponentFunc(ty) = item
                && let Ok(signature) = types.signature(Side::Export, interface, name, ty)
                && let Some(index) = index
            {
                operations.push(Operation { signature, index });
            }
        };
    for (name, item) in ty.exports(engine) {
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let parent = component.get_export_index(None, name);
                for (function, item) in instance.exports(engine) {
                    let index = component.get_export_index(parent.as_ref(), function);
                    add(Some(name), function, &item.ty, index);
                }
            }
            other => add(None, name, &other, component.get_export_index(None, name)),
        }
    }
    operations
}

/// The first import of a component that a provider is not given, and why not.
pub(crate) fn foreign_import(component: &Component) -> Option<(String, String)> {
    let (ty, engine) = (component.component_type(), component.engine());
    if let Some((name, _)) = ty.imports(engine).find(|(name, _)| package::is_of_sdk(name)) {
        return Some((name.to_owned(), NOTHING_BUT_WASI.to_owned()));
    }
    let import = match Surface::of(engine, component) {
        Ok(surface) => surface.imports.iter().find(|import| !http::is_exchange(import))?.full_name(),
        Err((import, _)) => import,
    };
    Some((import, NOTHING_BUT_WASI.to_owned()))
}

/// Why a provider is not given an import.
const NOTHING_BUT_WASI: &str = "a provider gets nothing but WASI 0.2";

/// What a component exports under the name that `signature` has.
pub(crate) fn exported(
    component: &Component,
    signature: &Signature,
) -> Option<(ComponentItem, ComponentExportIndex)> {
    let name = signature.name.as_str();
    match signature.interface.as_deref() {
        None => component.get_export(None, name),
        Some(interface) => {
            let (_, parent) = component.get_export(None, interface)?;
            component.get_export(Some(&parent), name)
        }
    }
}
