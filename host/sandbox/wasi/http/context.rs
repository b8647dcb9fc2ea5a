//! The HTTP of one operation.

use super::exchanges::Exchanges;
use super::handles::Handles;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

/// The HTTP of one operation.
pub(crate) struct Http {
    context: WasiHttpCtx,
    pub(crate) exchanges: Box<dyn Exchanges>,
    pub(super) handles: Handles,
}

impl Http {
    /// Of an operation whose requests are sent, or answered, by `exchanges`.
    pub(crate) fn new(exchanges: Box<dyn Exchanges>) -> Self {
        Self { context: WasiHttpCtx::new(), exchanges, handles: Handles::default() }
    }

    pub(crate) fn view<'a>(&'a mut self, table: &'a mut ResourceTable) -> WasiHttpCtxView<'a> {
        WasiHttpCtxView { hooks: &mut *self.exchanges, table, ctx: &mut self.context }
    }
}
