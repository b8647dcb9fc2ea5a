//! What the handles that a service has of its exchanges stand for, and the functions of `wasi:http/types` that make such
//! handles.

use super::get;
use crate::sources::{Frames, Subject, Upload};
use crate::state::State;
use playback_tape::Place;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};
use wasmtime_wasi_http::p2::bindings::http::types::{
    self, HostIncomingBody as _, HostIncomingResponse as _, HostOutgoingBody as _, HostOutgoingRequest as _,
};
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};

/// The handles of one operation, by their numbers. A number is given again once its handle is dropped: whoever makes a handle
/// writes over what was there.
#[derive(Default)]
pub(super) struct Handles {
    responses: HashMap<u32, Exchange>,
    incoming: HashMap<u32, Exchange>,
    bodies: HashMap<u32, Exchange>,
    trailers: HashMap<u32, Exchange>,
    requests: HashMap<u32, Arc<Upload>>,
    uploads: HashMap<u32, Arc<Upload>>,
    /// How many requests were made, by method and URL.
    made: HashMap<String, u64>,
}

/// An exchange that is on the tape.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) place: Place,
    /// Of the response's body.
    pub(super) frames: Arc<Frames>,
}

impl Handles {
    /// The body of a request that is about to be made.
    pub(super) fn upload(&mut self, request: &Resource<HostOutgoingRequest>) -> Option<Arc<Upload>> {
        self.requests.remove(&request.rep())
    }

    /// The service has a new handle for a response, of which nothing is known yet.
    pub(super) fn forget_response(&mut self, future: &Resource<HostFutureIncomingResponse>) {
        self.responses.remove(&future.rep());
    }

    /// A request was made that is called so.
    pub(super) fn begin(
        &mut self,
        future: &Resource<HostFutureIncomingResponse>,
        exchange: Exchange,
        upload: Option<Arc<Upload>>,
        request: String,
    ) {
        self.responses.insert(future.rep(), exchange);
        if let Some(upload) = upload {
            let ordinal = self.made.entry(request.clone()).or_default();
            *ordinal += 1;
            upload.begin(request.into(), *ordinal);
        }
    }

    pub(super) fn response(&self, future: &Resource<HostFutureIncomingResponse>) -> Option<Subject> {
        self.responses.get(&future.rep()).map(|exchange| Subject::Response(exchange.place))
    }

    /// The service has the response that it waited for by the handle with this number.
    pub(super) fn got(&mut self, future: u32, response: &Resource<HostIncomingResponse>) {
        let exchange = self.responses.get(&future).cloned();
        set(&mut self.incoming, response.rep(), exchange);
    }
}

/// What is known of a new handle takes the place of what was known of an older one with its number.
fn set<T>(known: &mut HashMap<u32, T>, number: u32, new: Option<T>) {
    match new {
        Some(new) => drop(known.insert(number, new)),
        None => drop(known.remove(&number)),
    }
}

type Cx<'a> = StoreContextMut<'a, State>;

/// Links the functions that make handles, in place of what is linked.
pub(super) fn link(types: &mut LinkerInstance<'_, State>) -> Result<()> {
    types.func_wrap("[method]future-incoming-response.get", |mut cx: Cx<'_>, (future,): (_,)| {
        get(cx.data_mut(), future).map(|got| (got,))
    })?;
    types.func_wrap("[method]future-incoming-response.subscribe", |mut cx: Cx<'_>, (future,): (_,)| {
        subscribe_response(cx.data_mut(), future).map(|pollable| (pollable,))
    })?;
    types.func_wrap("[method]future-trailers.subscribe", |mut cx: Cx<'_>, (trailers,): (_,)| {
        subscribe_trailers(cx.data_mut(), trailers).map(|pollable| (pollable,))
    })?;
    types.func_wrap("[method]incoming-response.consume", |mut cx: Cx<'_>, (response,): (_,)| {
        consume(cx.data_mut(), response).map(|body| (body,))
    })?;
    types.func_wrap("[method]incoming-body.stream", |mut cx: Cx<'_>, (body,): (_,)| {
        stream(cx.data_mut(), body).map(|stream| (stream,))
    })?;
    types.func_wrap("[static]incoming-body.finish", |mut cx: Cx<'_>, (body,): (_,)| {
        finish(cx.data_mut(), body).map(|trailers| (trailers,))
    })?;
    types.func_wrap("[method]outgoing-request.body", |mut cx: Cx<'_>, (request,): (_,)| {
        body(cx.data_mut(), request).map(|body| (body,))
    })?;
    types.func_wrap("[method]outgoing-body.write", |mut cx: Cx<'_>, (body,): (_,)| {
        write(cx.data_mut(), body).map(|stream| (stream,))
    })
}

fn subscribe_response(
    state: &mut State,
    future: Resource<HostFutureIncomingResponse>,
) -> Result<Resource<DynPollable>> {
    let subject = state.http.handles.response(&future);
    let mut view = state.http.view(&mut state.table);
    let pollable = types::HostFutureIncomingResponse::subscribe(&mut view, future)?;
    state.sources.subscribed(pollable.rep(), subject);
    Ok(pollable)
}

fn subscribe_trailers(
    state: &mut State,
    trailers: Resource<HostFutureTrailers>,
) -> Result<Resource<DynPollable>> {
    let exchange = state.http.handles.trailers.get(&trailers.rep()).cloned();
    let mut view = state.http.view(&mut state.table);
    let pollable = types::HostFutureTrailers::subscribe(&mut view, trailers)?;
    let subject = exchange.map(|Exchange { place, frames }| Subject::Trailers(place, frames));
    state.sources.subscribed(pollable.rep(), subject);
    Ok(pollable)
}

fn consume(
    state: &mut State,
    response: Resource<HostIncomingResponse>,
) -> Result<Result<Resource<HostIncomingBody>, ()>> {
    let exchange = state.http.handles.incoming.get(&response.rep()).cloned();
    let body = state.http.view(&mut state.table).consume(response)?;
    if let Ok(body) = &body {
        set(&mut state.http.handles.bodies, body.rep(), exchange);
    }
    Ok(body)
}

fn stream(
    state: &mut State,
    body: Resource<HostIncomingBody>,
) -> Result<Result<Resource<DynInputStream>, ()>> {
    let exchange = state.http.handles.bodies.get(&body.rep()).cloned();
    let stream = state.http.view(&mut state.table).stream(body)?;
    if let (Ok(stream), Some(Exchange { place, frames })) = (&stream, exchange) {
        let subject = Subject::Body(place, frames);
        subject.begin(&mut state.tape);
        state.sources.streams.insert(stream.rep(), subject);
    }
    Ok(stream)
}

fn finish(state: &mut State, body: Resource<HostIncomingBody>) -> Result<Resource<HostFutureTrailers>> {
    let exchange = state.http.handles.bodies.remove(&body.rep());
    let trailers = types::HostIncomingBody::finish(&mut state.http.view(&mut state.table), body)?;
    set(&mut state.http.handles.trailers, trailers.rep(), exchange);
    Ok(trailers)
}

fn body(
    state: &mut State,
    request: Resource<HostOutgoingRequest>,
) -> Result<Result<Resource<HostOutgoingBody>, ()>> {
    let number = request.rep();
    let body = state.http.view(&mut state.table).body(request)?;
    if let Ok(body) = &body {
        let upload = Arc::<Upload>::default();
        state.http.handles.requests.insert(number, upload.clone());
        state.http.handles.uploads.insert(body.rep(), upload);
    }
    Ok(body)
}

fn write(
    state: &mut State,
    body: Resource<HostOutgoingBody>,
) -> Result<Result<Resource<DynOutputStream>, ()>> {
    let upload = state.http.handles.uploads.get(&body.rep()).cloned();
    let stream = state.http.view(&mut state.table).write(body)?;
    if let (Ok(stream), Some(upload)) = (&stream, upload) {
        state.sources.streams.insert(stream.rep(), Subject::RequestBody(upload));
    }
    Ok(stream)
}
