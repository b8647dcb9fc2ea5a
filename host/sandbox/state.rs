//! What one running operation holds: its tape, its WASI, and, while recording, its providers.

use super::limits::Deadline;
use super::meter::Meter;
use super::provider::live::Live;
use super::sdk::context::Sdk;
use super::wasi::Views;
use super::wasi::clocks::ClocksView;
use super::wasi::files::{Files, FilesView};
use super::wasi::http::Http;
use super::wasi::random::{Random, RandomView};
use super::wasi::sources::Sources;
use super::wasi::stdio::Stdio;
use super::wasi::streams::StreamsView;
use super::wasi::waiting::Waiting;
use playback_recording::Stream;
use playback_tape::Tape;
use std::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::clocks::WasiClocksCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtxView;

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
            if stream == Stream::Stderr && tape.epochs().is_in_body() {
                sdk.says(bytes);
            }
            tape.streams_mut().written(stream, bytes);
        });
        files.settle(tape);
    }
}

impl Views for State {
    fn tape(&mut self) -> &mut Tape {
        &mut self.tape
    }

    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    fn clocks(&mut self) -> ClocksView<'_> {
        let Self { tape, sources, started, wasi, table, .. } = self;
        ClocksView { tape, sources, started: *started, wasi: WasiClocksCtxView { ctx: wasi.clocks(), table } }
    }

    fn random(&mut self) -> RandomView<'_> {
        let Self { tape, random, .. } = self;
        RandomView { tape, random }
    }

    fn waiting(&mut self) -> Waiting<'_> {
        let Self { tape, table, http, sources, started, deadline, .. } = self;
        Waiting { tape, table, http, sources, started: *started, deadline: *deadline }
    }

    fn waiting_after_output(&mut self) -> Waiting<'_> {
        self.settle();
        self.waiting()
    }

    fn streams(&mut self) -> StreamsView<'_> {
        StreamsView(self.waiting())
    }

    fn files(&mut self) -> FilesView<'_> {
        let Self { files, tape, table, .. } = self;
        FilesView::new(files, tape, table)
    }

    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.http.view(&mut self.table)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
