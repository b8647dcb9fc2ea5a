//! What one running operation holds: its tape, its WASI, and, while recording, its providers.

use super::files::Files;
use super::http::Http;
use super::limits::{Deadline, Meter};
use super::provider::Live;
use super::random::Random;
use super::sdk::Sdk;
use super::sources::Sources;
use super::stdio::Stdio;
use playback_recording::Stream;
use playback_tape::Tape;
use std::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub(crate) struct State {
    pub(crate) tape: Tape,
    pub(crate) sources: Sources,
    /// Where the monotonic clock starts.
    pub(crate) started: Instant,
    pub(crate) deadline: Deadline,
    pub(crate) random: Random,
    pub(crate) wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) files: Files,
    pub(crate) stdio: Stdio,
    pub(crate) http: Http,
    pub(crate) sdk: Sdk,
    pub(crate) meter: Meter,
    /// `None` on a hermetic replay, and while a provider is at work.
    pub(crate) live: Option<Live>,
}

impl State {
    /// Puts what was written to the standard streams on the tape, so that it stands before what comes next.
    pub(crate) fn settle(&mut self) {
        let Self { tape, stdio, files, sdk, .. } = self;
        stdio.drain(|stream, bytes| {
            if stream == Stream::Stderr && tape.is_suspended() {
                sdk.says(bytes);
            }
            tape.written(stream, bytes);
        });
        files.settle(tape);
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
