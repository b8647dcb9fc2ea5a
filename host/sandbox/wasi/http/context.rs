//! The HTTP of one operation.

use super::exchanges::Exchanges;
use super::handles::Handles;
use playback_tape::{Place, Tape};
use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

/// The HTTP of one operation.
pub(crate) struct Http {
    context: WasiHttpCtx,
    pub(super) exchanges: Box<dyn Exchanges>,
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

    /// Before the service is told what is ready, or writes: see [`Exchanges::settle`].
    pub(crate) fn settle(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        self.exchanges.settle(tape, table)
    }

    /// See [`Exchanges::unblock`].
    pub(crate) fn unblock(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<bool> {
        self.exchanges.unblock(tape, table)
    }

    /// See [`Exchanges::is_open`].
    pub(crate) fn is_open(&self, place: Place) -> bool {
        self.exchanges.is_open(place)
    }

    /// See [`Exchanges::answer_open`].
    pub(crate) fn answer_open(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        self.exchanges.answer_open(tape, table).map(drop)
    }

    /// The operation has ended.
    pub(crate) fn finish(&mut self, tape: &mut Tape, table: &mut ResourceTable) -> Result<()> {
        self.exchanges.finish(tape, table)
    }
}
