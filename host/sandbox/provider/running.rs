//! An instance of a provider.

use super::outgoing::Outgoing;
use crate::direct;
use crate::failure::Failure;
use crate::handles::{Handles, ProviderSide};
use crate::limits::Limits;
use crate::meter::{self, Meter};
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::Signature;
use wasmtime::component::{ComponentExportIndex, Instance, ResourceAny, ResourceTable};
use wasmtime::{Result, Store, format_err};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// A provider at work for one operation.
pub(super) struct Running {
    pub(super) name: String,
    pub(super) limits: Limits,
    pub(super) store: Store<Host>,
    pub(super) instance: Instance,
}

impl Running {
    /// Calls an export. A trap is an outcome: it is recorded, and traps alike on replay.
    pub(super) async fn call(
        &mut self,
        provider: usize,
        export: &ComponentExportIndex,
        signature: &Signature,
        arguments: &[Value],
        handles: &mut Handles,
    ) -> Result<Outcome> {
        let Self { name, limits, store, instance } = self;
        let function = instance
            .get_func(&mut *store, export)
            .ok_or_else(|| format_err!("provider `{name}` has no `{}` any more", signature.full_name()))?;
        let mut side = ProviderSide { handles, provider };
        let called = direct::call(store, function, signature, arguments, &mut side, limits.crossing).await;
        match called {
            Ok(value) => Ok(Outcome::Returned(value)),
            Err(error) => {
                let failure = Failure::of(&error, limits).map_err(|failure| failure.of_provider(name))?;
                Ok(failure.of_provider(&signature.full_name()))
            }
        }
    }

    /// Makes it ready for a call of another operation.
    pub(super) fn renew(&mut self, limits: &Limits) {
        self.limits = *limits;
        self.store.set_hostcall_fuel(limits.crossing);
        meter::watch(&mut self.store, limits);
        meter::fill_up(&mut self.store);
    }

    pub(super) async fn drop_resource(&mut self, resource: ResourceAny) -> Result<()> {
        resource.resource_drop_async(&mut self.store).await
    }
}

/// What the store of a provider holds.
pub(super) struct Host {
    pub(super) wasi: WasiCtx,
    pub(super) http: WasiHttpCtx,
    pub(super) outgoing: Outgoing,
    pub(super) table: ResourceTable,
    pub(super) meter: Meter,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outgoing, table: &mut self.table, ctx: &mut self.http }
    }
}
