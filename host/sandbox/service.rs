//! A service: a component, compiled, with what it imports and the operations it exports.

mod load;
mod operation;
mod surface;

pub use load::LoadError;
pub(crate) use load::{compile, read};
pub use operation::{Operation, OperationError};
pub(crate) use surface::{exported, foreign_import};

use super::engine::Engine;
use playback_tape::Signature;
use std::path::Path;
use std::sync::Arc;
use surface::Surface;
use wasmtime::component::Component;

/// A compiled component: a service that is recorded or replayed. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    component: Component,
    shares: u32,
    name: String,
    digest: String,
    imports: Vec<Signature>,
    wasi: Vec<String>,
    uses_sdk: bool,
    operations: Vec<Operation>,
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
        let (component, shares) = compile(engine, &name, bytes)?;
        let surface = Surface::of(component.engine(), &component)
            .map_err(|(import, reason)| LoadError::Import { name: name.clone(), import, reason })?;
        let Surface { imports, wasi, uses_sdk, operations } = surface;
        let digest = load::digest(bytes);
        let engine = engine.clone();
        let inner = Inner { engine, component, shares, name, digest, imports, wasi, uses_sdk, operations };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The component's bytes, as `sha256:<hex>`.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// The functions it imports: what goes on the tape by rule. Of WASI 0.2 only what stands for an HTTP exchange.
    pub fn imports(&self) -> &[Signature] {
        &self.inner.imports
    }

    /// The interfaces of WASI 0.2 it imports. The host answers them itself; what else is called `wasi:` is an
    /// [import](Self::imports) like any other.
    pub fn wasi(&self) -> &[String] {
        &self.inner.wasi
    }

    /// Whether it intercepts functions of its own, with the guest SDK.
    pub fn uses_sdk(&self) -> bool {
        self.inner.uses_sdk
    }

    /// The functions it exports.
    pub fn operations(&self) -> &[Operation] {
        &self.inner.operations
    }

    /// The operation of this name: its full name, that without the version, or its last part if only one ends so.
    /// No name stands for the only operation there is.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, OperationError> {
        operation::find(self.name(), self.operations(), name)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// The shares of the engine's pool that an instance takes.
    pub(crate) fn shares(&self) -> u32 {
        self.inner.shares
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
