//! Outgoing HTTP, `wasi:http` 0.2. One exchange is one call on the tape, of a function that [stands for it](function).
//! While recording requests [go to the network](record) as far as that is granted, and what passes is noted; on replay
//! they are [answered from the tape](replay), and nothing is sent.

mod error;
mod exchange;
mod exchanges;
mod function;
mod handles;
mod network;
mod record;
mod replay;
mod secrets;
mod served;

pub(crate) use exchanges::{Connection, Exchanges, Sending};
pub use function::is_http_exchange;
pub(crate) use function::{is_exchange, is_sender, signature};
pub use network::{Host, InvalidHost, Network};
pub(crate) use record::Sender;
pub(crate) use replay::Answerer;
pub(crate) use secrets::{ALWAYS as ALWAYS_SECRET, Secrets};

use super::is_0_2;
use super::waiting::{Handle, Question, Waiting};
use exchanges::Began;
use handles::{Exchange, Handles};
use playback_tape::{Asks, Boundary, Interceptor, Place, Tape, Wait};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use wasmtime::component::{Component, Linker, Resource, ResourceTable};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::bindings::io::poll::HostPollable;
use wasmtime_wasi::p2::{DynPollable, Pollable};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{RequestOptions, WasiHttp, WasiHttpCtx, WasiHttpCtxView};

/// The HTTP of one operation.
pub(crate) struct Http {
    context: WasiHttpCtx,
    exchanges: Box<dyn Exchanges>,
    handles: Handles,
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

/// What HTTP needs of its host.
pub(crate) struct HttpViews<T: 'static> {
    /// The types, which reach nothing but memory.
    pub(crate) types: fn(&mut T) -> WasiHttpCtxView<'_>,
    /// Exchanges, and what waits for them.
    pub(crate) exchanges: fn(&mut T) -> Waiting<'_>,
    /// The same, once what the service wrote before is on the tape.
    pub(crate) after_output: fn(&mut T) -> Waiting<'_>,
}

/// Links what `component` imports of `wasi:http` and is linked at all. The types reach nothing but memory.
pub(crate) fn link<T: Send>(
    linker: &mut Linker<T>,
    component: &Component,
    boundary: &Boundary,
    views: HttpViews<T>,
) -> Result<()> {
    let engine = component.engine();
    if !component.component_type().imports(engine).any(|(name, _)| is_linked(name)) {
        return Ok(());
    }
    types::add_to_linker::<T, WasiHttp>(linker, &(&LinkOptions::default()).into(), views.types)?;
    handles::link(&mut linker.instance(TYPES)?, views.exchanges)?;
    for interceptor in boundary.interceptors().iter().filter(|one| is_exchange(&one.signature)) {
        let interface = interceptor.signature.interface.as_deref().unwrap_or_default();
        let interceptor = interceptor.clone();
        linker.instance(interface)?.func_wrap(
            "handle",
            move |mut cx: StoreContextMut<'_, T>, (request, options): Handled| {
                let mut view = (views.after_output)(cx.data_mut());
                handle(&mut view, &interceptor, request, options).map(|handled| (handled,))
            },
        )?;
    }
    Ok(())
}

/// Whether an interface of `wasi:http` is linked.
pub(crate) fn is_linked(interface: &str) -> bool {
    let types = interface.strip_prefix("wasi:http/types@");
    is_sender(interface) || types.is_some_and(is_0_2)
}

/// Where wasmtime links the types.
const TYPES: &str = "wasi:http/types@0.2.12";

type Handled = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);

fn handle(
    view: &mut Waiting<'_>,
    interceptor: &Arc<Interceptor>,
    request: Resource<HostOutgoingRequest>,
    options: Option<Resource<RequestOptions>>,
) -> Result<Result<Resource<HostFutureIncomingResponse>, ErrorCode>> {
    let Waiting { tape, table, http, .. } = view;
    http.exchanges.prepare(tape);
    let upload = http.handles.upload(&request);
    let future = match http.view(table).handle(request, options) {
        Ok(future) => future,
        // What makes no request is refused alike on every run.
        Err(error) => return error.downcast().map(Err),
    };
    http.handles.forget_response(&future);
    if !tape.is_untaped()
        && let HostFutureIncomingResponse::Pending(task) = table.get(&future)?
    {
        let place = tape.calls_mut().reserve();
        if let Some((request, frames)) = http.exchanges.made() {
            tape.epochs_mut().begin_named(&request);
            http.handles.begin(&future, Exchange { place, frames }, upload, request);
        }
        let began = Began { place, interceptor: interceptor.clone(), future: future.rep(), task: task.id() };
        http.exchanges.began(began);
    }
    http.settle(tape, table)?;
    Ok(Ok(future))
}

type Got = Option<Result<Result<Resource<HostIncomingResponse>, ErrorCode>, ()>>;

/// The service looks whether its response has come.
fn get(waiting: &mut Waiting<'_>, future: Resource<HostFutureIncomingResponse>) -> Result<Got> {
    let number = future.rep();
    let subject = waiting.http.handles.response(&future);
    let questions = [Question { handle: Handle::Response(number), subject }];
    if waiting.recorded(Asks::Get, &questions, Wait::Never)?.is_some_and(|ready| ready.is_empty()) {
        return Ok(None);
    }
    let Waiting { http, table, .. } = &mut *waiting;
    let got = types::HostFutureIncomingResponse::get(&mut http.view(table), future)?;
    if let Some(Ok(Ok(response))) = &got {
        http.handles.got(number, response);
    }
    waiting.found(&questions, Wait::Never, if got.is_some() { &[0] } else { &[] });
    Ok(got)
}

/// Whether a resource is ready, without waiting for it.
pub(crate) fn is_ready_now(table: &mut ResourceTable, pollable: Resource<DynPollable>) -> Result<bool> {
    let mut ready = pin!(HostPollable::ready(table, pollable));
    match poll_now(|context| ready.as_mut().poll(context)) {
        Poll::Ready(is_ready) => is_ready,
        Poll::Pending => Ok(false),
    }
}

/// Whether something has come, without waiting for it.
pub(crate) fn is_ready(pollable: &mut (impl Pollable + ?Sized)) -> bool {
    let mut ready = pollable.ready();
    poll_now(|context| ready.as_mut().poll(context)).is_ready()
}

/// Polls once, now, and without tokio's cooperative budget: when that is used up its channels say that they are empty.
fn poll_now<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    pin!(tokio::task::unconstrained(poll_fn(poll))).poll(&mut Context::from_waker(Waker::noop()))
}
