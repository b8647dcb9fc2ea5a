//! A service: a component, compiled, with what it imports and the operations it exports.

use super::engine::{self, Engine};
use super::types;
use crate::tape::Signature;
use crate::value::Type;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex};

/// The largest file that is taken for a component, in bytes.
const LARGEST: u64 = 512 << 20;

/// A compiled component: a service that is recorded or replayed. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    component: Component,
    name: String,
    digest: String,
    imports: Vec<Signature>,
    wasi: Vec<String>,
    operations: Vec<Operation>,
}

/// An exported function that can be called.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(crate) signature: Signature,
    pub(crate) index: ComponentExportIndex,
}

impl Operation {
    /// Its declared type.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Its full WIT name: `shop:orders/api@1.0.0#place-order`.
    pub fn full_name(&self) -> String {
        self.signature.full_name()
    }
}

/// A file that is no service this build can run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("`{name}` cannot be read: {error}")]
    Read {
        /// The file.
        name: String,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// It is no component.
    #[error("`{name}` is no component: {reason}")]
    NotAComponent {
        /// The file.
        name: String,
        /// What it is instead.
        reason: String,
    },
    /// It imports something that cannot be intercepted.
    #[error("`{name}` imports `{import}`, which cannot be recorded: {reason}")]
    Import {
        /// The file.
        name: String,
        /// The import's full WIT name.
        import: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It is to be a provider, and needs one itself.
    #[error("`{name}` cannot be a provider: it imports `{import}`, and a provider gets nothing but WASI")]
    ProviderImport {
        /// The file.
        name: String,
        /// The import's full WIT name.
        import: String,
    },
    /// What it was granted is not there.
    #[error("provider `{name}` cannot be given what it was granted: {reason}")]
    Grant {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// An operation that a service does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// Nothing of that name.
    #[error("`{service}` has no operation `{name}`; it has {known}")]
    Unknown {
        /// The component.
        service: String,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Several of that name, or no name and several operations.
    #[error("`{service}` has several operations{asked}: {known}; say which one")]
    Ambiguous {
        /// The component.
        service: String,
        /// What was asked for: empty, or `` called `name` ``.
        asked: String,
        /// What there is.
        known: String,
    },
    /// It takes or returns a resource.
    #[error("operation `{0}` takes or returns a resource, so it cannot be called from outside")]
    Resource(String),
}

impl Service {
    /// Compiles the component in `file`, or takes it from the engine's cache.
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>) -> Result<Self, LoadError> {
        let name = file.as_ref().display().to_string();
        let bytes = read(file.as_ref()).map_err(|error| LoadError::Read { name: name.clone(), error })?;
        Self::from_bytes(engine, name, &bytes)
    }

    /// Compiles a component. `name` is what messages call it.
    pub fn from_bytes(engine: &Engine, name: impl Into<String>, bytes: &[u8]) -> Result<Self, LoadError> {
        let name = name.into();
        let component = compile(engine, &name, bytes)?;
        let surface = Surface::of(engine.wasmtime(), &component)
            .map_err(|(import, reason)| LoadError::Import { name: name.clone(), import, reason })?;
        let Surface { imports, wasi, operations } = surface;
        let digest = digest(bytes);
        let engine = engine.clone();
        Ok(Self { inner: Arc::new(Inner { engine, component, name, digest, imports, wasi, operations }) })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The component's bytes, as `sha256:<hex>`.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// The functions it imports, WASI's left out: what goes on the tape by rule.
    pub fn imports(&self) -> &[Signature] {
        &self.inner.imports
    }

    /// The interfaces of WASI it imports.
    pub fn wasi(&self) -> &[String] {
        &self.inner.wasi
    }

    /// The functions it exports.
    pub fn operations(&self) -> &[Operation] {
        &self.inner.operations
    }

    /// The operation of this name: its full name, that without the version, or its last part if only one ends so.
    /// No name stands for the only operation there is.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, OperationError> {
        let callable = |operation: &&Operation| !holds_resource(&operation.signature);
        let found: Vec<&Operation> = match name {
            None => self.operations().iter().filter(callable).collect(),
            Some(name) => self.operations().iter().filter(|operation| is_called(operation, name)).collect(),
        };
        let service = self.name().to_owned();
        match (found.as_slice(), name) {
            ([operation], _) if callable(operation) => Ok(operation),
            ([operation], _) => Err(OperationError::Resource(operation.full_name())),
            ([], _) => Err(OperationError::Unknown {
                service,
                name: name.unwrap_or_default().to_owned(),
                known: list(&self.operations().iter().filter(callable).collect::<Vec<_>>()),
            }),
            (several, name) => Err(OperationError::Ambiguous {
                service,
                asked: name.map(|name| format!(" called `{name}`")).unwrap_or_default(),
                known: list(several),
            }),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn component(&self) -> &Component {
        &self.inner.component
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name())
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

/// Reads a component's file, within bounds.
pub(crate) fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// Compiles a component, or says what the bytes are instead.
pub(crate) fn compile(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Component, LoadError> {
    let not = |reason: &str| LoadError::NotAComponent { name: name.to_owned(), reason: reason.to_owned() };
    match bytes {
        [] => return Err(not("it is empty")),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            return Err(not(
                "it is a core module; build it for `wasm32-wasip2`, or wrap it with `wasm-tools component new`",
            ));
        }
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => {}
        [0, b'a', b's', b'm', ..] => return Err(not("its version of WebAssembly is unknown to this build")),
        _ => return Err(not("it is not WebAssembly")),
    }
    Component::from_binary(engine.wasmtime(), bytes)
        .map_err(|error| refused_import(name, bytes).unwrap_or_else(|| not(&format!("{error:#}"))))
}

/// The import that makes a component of a kind that this build refuses: looked for with an engine that takes more.
fn refused_import(name: &str, bytes: &[u8]) -> Option<LoadError> {
    let engine = engine::permissive().ok()?;
    let component = Component::from_binary(&engine, bytes).ok()?;
    let (import, reason) = Surface::of(&engine, &component)
        .err()
        .unwrap_or_else(|| ("wasi".to_owned(), "it needs the async component model".to_owned()));
    let reason = format!("{reason}; only synchronous functions and plain values can be recorded");
    Some(LoadError::Import { name: name.to_owned(), import, reason })
}

/// The first function that a component imports and that is none of WASI's.
pub(crate) fn foreign_import(engine: &Engine, component: &Component) -> Option<String> {
    match Surface::of(engine.wasmtime(), component) {
        Ok(surface) => surface.imports.first().map(Signature::full_name),
        Err((import, _)) => Some(import),
    }
}

/// What a component shows to the outside.
struct Surface {
    imports: Vec<Signature>,
    wasi: Vec<String>,
    operations: Vec<Operation>,
}

impl Surface {
    /// The error is an import's full name and what is wrong with it.
    fn of(engine: &wasmtime::Engine, component: &Component) -> Result<Self, (String, String)> {
        let ty = component.component_type();
        let (mut imports, mut wasi) = (Vec::new(), Vec::new());
        for (name, item) in ty.imports(engine) {
            if is_wasi(name) {
                wasi.push(name.to_owned());
            }
            match item.ty {
                ComponentItem::ComponentInstance(instance) => {
                    for (function, item) in instance.exports(engine) {
                        if let ComponentItem::ComponentFunc(ty) = item.ty {
                            let signature = types::signature(Some(name), function, &ty);
                            let signature = signature
                                .map_err(|error| (format!("{name}#{function}"), error.to_string()))?;
                            imports.push(signature);
                        }
                    }
                }
                ComponentItem::ComponentFunc(ty) => {
                    imports.push(
                        types::signature(None, name, &ty)
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
        imports.retain(|import| !import.interface.as_deref().is_some_and(is_wasi));
        Ok(Self { imports, wasi, operations: operations(engine, component) })
    }
}

fn operations(engine: &wasmtime::Engine, component: &Component) -> Vec<Operation> {
    let ty = component.component_type();
    let mut operations = Vec::new();
    // A function that cannot be described cannot be called either: it is no operation.
    let mut add =
        |interface: Option<&str>, name: &str, item: &ComponentItem, index: Option<ComponentExportIndex>| {
            if let ComponentItem::ComponentFunc(ty) = item
                && let Ok(signature) = types::signature(interface, name, ty)
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

pub(crate) fn is_wasi(interface: &str) -> bool {
    interface.starts_with("wasi:")
}

fn is_called(operation: &Operation, name: &str) -> bool {
    let full = operation.full_name();
    full == name
        || crate::recording::format::default_alias(&full) == crate::recording::format::default_alias(name)
        || operation.signature.name == name
}

fn holds_resource(signature: &Signature) -> bool {
    let parameters = signature.parameters.iter().map(|parameter| &parameter.ty);
    parameters.chain(&signature.result).any(Type::holds_resource)
}

fn list(operations: &[&Operation]) -> String {
    let names: Vec<String> =
        operations.iter().map(|operation| format!("`{}`", operation.full_name())).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
