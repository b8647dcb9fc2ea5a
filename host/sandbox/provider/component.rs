//! A component as a provider: in a store of its own, with WASI that goes to the machine as far as it is granted.

use super::outgoing::{Outgoing, Refused};
use super::running::{Host, Running};
use super::shared::Shared;
use crate::engine::{Engine, LASTING};
use crate::failure::{self, EngineFailure, Failure, Phase};
use crate::grants::{Directory, DirectoryAccess, Grants};
use crate::limits::Limits;
use crate::meter::{self, Meter};
use crate::service::{self, LoadError};
use crate::types::{Side, Types};
use crate::wasi::Unlinked;
use playback_tape::Signature;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker, ResourceTable};
use wasmtime::{Result, Store, format_err};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// A component that answers live calls. Each operation gets an instance of its own, unless it is
/// [shared](Self::shared).
#[derive(Clone)]
pub struct ProviderComponent {
    name: String,
    pre: InstancePre<Host>,
    types: Arc<Types>,
    grants: Arc<Grants>,
    engine: Engine,
    /// The shares of the engine's pool that an instance takes.
    pub(super) shares: u32,
    pub(crate) shared: Option<Arc<Shared>>,
    refused: Refused,
}

impl ProviderComponent {
    /// Compiles the component in `file`.
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>, grants: Grants) -> Result<Self, LoadError> {
        let name = file.as_ref().display().to_string();
        let bytes =
            service::read(file.as_ref()).map_err(|error| LoadError::Read { name: name.clone(), error })?;
        Self::from_bytes(engine, name, &bytes, grants)
    }

    /// Compiles a component. `name` is what messages call it.
    pub fn from_bytes(
        engine: &Engine,
        name: impl Into<String>,
        bytes: &[u8],
        grants: Grants,
    ) -> Result<Self, LoadError> {
        let name = name.into();
        let (component, shares) = service::compile(engine, &name, bytes)?;
        if let Some((import, reason)) = service::foreign_import(&component) {
            return Err(LoadError::ProviderImport { name, import, reason });
        }
        let pre = link(&component).map_err(|error| match Unlinked::of(&error) {
            Some(Unlinked { import, reason }) => {
                LoadError::ProviderImport { name: name.clone(), import, reason }
            }
            None => LoadError::NotAComponent { name: name.clone(), reason: format!("{error:#}") },
        })?;
        // Grants that cannot be honoured are found before anything runs.
        if let Err(error) = context(&grants) {
            return Err(LoadError::Grant { name, reason: error.to_string() });
        }
        let types = Arc::new(Types::of(component.engine(), &component));
        let (grants, engine) = (Arc::new(grants), engine.clone());
        Ok(Self { name, pre, types, grants, engine, shares, shared: None, refused: Refused::default() })
    }

    /// Lets one instance answer the calls of all operations, one at a time, so that it can remember and need not start
    /// again. After a trap the next call begins with a new one. Its limits on time are those of the call, that on
    /// memory is for its whole life.
    ///
    /// # Errors
    ///
    /// The engine has no room for another that is shared.
    pub fn shared(self) -> Result<Self, LoadError> {
        match self.engine.lasting_slot(self.shares) {
            Some(slot) => Ok(Self { shared: Some(Arc::new(Shared::new(slot))), ..self }),
            None => Err(LoadError::Shared { name: self.name, most: LASTING }),
        }
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first HTTP request that it sent and was refused, as method and URL.
    pub(super) fn refused_request(&self) -> Option<&str> {
        self.refused.first()
    }

    /// The directories it is granted.
    pub(crate) fn directories(&self) -> &[Directory] {
        &self.grants.directories
    }

    /// The function it exports under the name that `wanted` has.
    pub(super) fn export(&self, wanted: &Signature) -> Option<(ComponentExportIndex, Signature)> {
        let (ty, index) = service::exported(self.pre.component(), wanted)?;
        let ComponentItem::ComponentFunc(ty) = ty else { return None };
        Some((
            index,
            self.types.signature(Side::Export, wanted.interface.as_deref(), &wanted.name, &ty).ok()?,
        ))
    }

    /// A fresh instance.
    pub(super) async fn start(&self, limits: &Limits) -> Result<Running> {
        let started = self.try_start(limits).await;
        started.map_err(|error| match Failure::of(&error, limits) {
            Ok(failure) => format_err!("provider `{}` cannot start: {failure}", self.name),
            Err(failure) => failure.of_provider(&self.name).into(),
        })
    }

    async fn try_start(&self, limits: &Limits) -> Result<Running> {
        let wasi = context(&self.grants)
            .map_err(|error| EngineFailure::new(Phase::Instantiating, format!("{error:#}")))?;
        let outgoing = Outgoing::new(self.grants.network, self.refused.clone());
        let host = Host {
            wasi,
            http: WasiHttpCtx::new(),
            outgoing,
            table: ResourceTable::new(),
            meter: Meter::new(*limits),
        };
        let mut store = Store::new(self.pre.engine(), host);
        store.limiter(|host| &mut host.meter);
        store.set_hostcall_fuel(limits.crossing);
        meter::watch(&mut store, limits);
        meter::fill_up(&mut store);
        let instance = failure::instantiate(&self.pre, &mut store).await?;
        Ok(Running { name: self.name.clone(), limits: *limits, store, instance })
    }
}

impl std::fmt::Debug for ProviderComponent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderComponent").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Links `component` with WASI that goes to the machine.
fn link(component: &Component) -> Result<InstancePre<Host>> {
    let mut linker = Linker::new(component.engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    linker.instantiate_pre(component)
}

fn context(grants: &Grants) -> Result<WasiCtx> {
    let mut builder = WasiCtxBuilder::new();
    builder.envs(&grants.environment);
    for Directory { host, guest, access } in &grants.directories {
        let permissions = match access {
            DirectoryAccess::ReadWrite => FsPerms::ReadWrite,
            DirectoryAccess::ReadOnly => FsPerms::ReadOnly,
        };
        let opened = builder.preopened_dir(host, guest, permissions);
        opened.map_err(|error| {
            format_err!("the granted folder `{}` cannot be opened: {error:#}", host.display())
        })?;
    }
    if grants.stderr {
        builder.inherit_stderr();
    }
    if grants.network {
        builder.inherit_network().allow_tcp(true).allow_udp(true).allow_ip_name_lookup(true);
    }
    Ok(builder.build())
}
