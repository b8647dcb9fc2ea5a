//! Links `wasi:http`, and makes requests.

use super::exchanges::Began;
use super::function::{is_exchange, is_linked};
use super::handles::Exchange;
use super::made;
use crate::wasi::waiting::Waiting;
use playback_tape::{Boundary, Interceptor};
use std::sync::Arc;
use wasmtime::component::{Component, Linker, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{RequestOptions, WasiHttp, WasiHttpCtxView};

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
    made::link(&mut linker.instance(TYPES)?, views.exchanges)?;
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
    http.exchanges.settle(tape, table)?;
    Ok(Ok(future))
}
