//! The functions of `wasi:http/types` that make handles of exchanges.

use super::get::get;
use super::handles::Exchange;
use crate::wasi::sources::{Subject, Upload};
use crate::wasi::waiting::Waiting;
use std::sync::Arc;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, HostIncomingBody as _, HostIncomingResponse as _, HostOutgoingBody as _, HostOutgoingRequest as _,
};
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};

/// Links the functions that make handles, in place of what is linked.
pub(super) fn link<T: Send>(
    types: &mut LinkerInstance<'_, T>,
    view: fn(&mut T) -> Waiting<'_>,
) -> Result<()> {
    types.func_wrap(
        "[method]future-incoming-response.get",
        move |mut cx: StoreContextMut<'_, T>, (future,): (_,)| {
            get(&mut view(cx.data_mut()), future).map(|got| (got,))
        },
    )?;
    types.func_wrap(
        "[method]future-incoming-response.subscribe",
        move |mut cx: StoreContextMut<'_, T>, (future,): (_,)| {
            subscribe_response(&mut view(cx.data_mut()), future).map(|pollable| (pollable,))
        },
    )?;
    types.func_wrap(
        "[method]future-trailers.subscribe",
        move |mut cx: StoreContextMut<'_, T>, (trailers,): (_,)| {
            subscribe_trailers(&mut view(cx.data_mut()), trailers).map(|pollable| (pollable,))
        },
    )?;
    types.func_wrap(
        "[method]incoming-response.consume",
        move |mut cx: StoreContextMut<'_, T>, (response,): (_,)| {
            consume(&mut view(cx.data_mut()), response).map(|body| (body,))
        },
    )?;
    types.func_wrap(
        "[method]incoming-body.stream",
        move |mut cx: StoreContextMut<'_, T>, (body,): (_,)| {
            stream(&mut view(cx.data_mut()), body).map(|stream| (stream,))
        },
    )?;
    types.func_wrap(
        "[static]incoming-body.finish",
        move |mut cx: StoreContextMut<'_, T>, (body,): (_,)| {
            finish(&mut view(cx.data_mut()), body).map(|trailers| (trailers,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.body",
        move |mut cx: StoreContextMut<'_, T>, (request,): (_,)| {
            body(&mut view(cx.data_mut()), request).map(|body| (body,))
        },
    )?;
    types.func_wrap("[method]outgoing-body.write", move |mut cx: StoreContextMut<'_, T>, (body,): (_,)| {
        write(&mut view(cx.data_mut()), body).map(|stream| (stream,))
    })
}

fn subscribe_response(
    waiting: &mut Waiting<'_>,
    future: Resource<HostFutureIncomingResponse>,
) -> Result<Resource<DynPollable>> {
    let subject = waiting.http.handles.response(&future);
    let mut view = waiting.http.view(waiting.table);
    let pollable = types::HostFutureIncomingResponse::subscribe(&mut view, future)?;
    waiting.sources.pollables.set(pollable.rep(), subject);
    Ok(pollable)
}

fn subscribe_trailers(
    waiting: &mut Waiting<'_>,
    trailers: Resource<HostFutureTrailers>,
) -> Result<Resource<DynPollable>> {
    let exchange = waiting.http.handles.trailers.get(trailers.rep()).cloned();
    let mut view = waiting.http.view(waiting.table);
    let pollable = types::HostFutureTrailers::subscribe(&mut view, trailers)?;
    let subject = exchange.map(|Exchange { place, frames }| Subject::Trailers(place, frames));
    waiting.sources.pollables.set(pollable.rep(), subject);
    Ok(pollable)
}

fn consume(
    waiting: &mut Waiting<'_>,
    response: Resource<HostIncomingResponse>,
) -> Result<Result<Resource<HostIncomingBody>, ()>> {
    let exchange = waiting.http.handles.incoming.get(response.rep()).cloned();
    let body = waiting.http.view(waiting.table).consume(response)?;
    if let Ok(body) = &body {
        waiting.http.handles.bodies.set(body.rep(), exchange);
    }
    Ok(body)
}

fn stream(
    waiting: &mut Waiting<'_>,
    body: Resource<HostIncomingBody>,
) -> Result<Result<Resource<DynInputStream>, ()>> {
    let exchange = waiting.http.handles.bodies.get(body.rep()).cloned();
    let stream = waiting.http.view(waiting.table).stream(body)?;
    if let (Ok(stream), Some(Exchange { place, frames })) = (&stream, exchange) {
        let subject = Subject::Body(place, frames);
        subject.begin(waiting.tape);
        waiting.sources.streams.set(stream.rep(), Some(subject));
    }
    Ok(stream)
}

fn finish(
    waiting: &mut Waiting<'_>,
    body: Resource<HostIncomingBody>,
) -> Result<Resource<HostFutureTrailers>> {
    let exchange = waiting.http.handles.bodies.take(body.rep());
    let trailers = types::HostIncomingBody::finish(&mut waiting.http.view(waiting.table), body)?;
    waiting.http.handles.trailers.set(trailers.rep(), exchange);
    Ok(trailers)
}

fn body(
    waiting: &mut Waiting<'_>,
    request: Resource<HostOutgoingRequest>,
) -> Result<Result<Resource<HostOutgoingBody>, ()>> {
    let number = request.rep();
    let body = waiting.http.view(waiting.table).body(request)?;
    if let Ok(body) = &body {
        let upload = Arc::<Upload>::default();
        waiting.http.handles.requests.set(number, Some(upload.clone()));
        waiting.http.handles.uploads.set(body.rep(), Some(upload));
    }
    Ok(body)
}

fn write(
    waiting: &mut Waiting<'_>,
    body: Resource<HostOutgoingBody>,
) -> Result<Result<Resource<DynOutputStream>, ()>> {
    let upload = waiting.http.handles.uploads.get(body.rep()).cloned();
    let stream = waiting.http.view(waiting.table).write(body)?;
    if let (Ok(stream), Some(upload)) = (&stream, upload) {
        waiting.sources.streams.set(stream.rep(), Some(Subject::RequestBody(upload)));
    }
    Ok(stream)
}
