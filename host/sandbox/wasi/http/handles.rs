//! What the handles that a service has of its exchanges stand for.

use crate::wasi::by_handle::ByHandle;
use crate::wasi::sources::{Frames, Subject, Upload};
use playback_tape::Place;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::Resource;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest};

/// The handles of one operation, by their numbers. A number is given again once its handle is dropped: whoever makes a handle
/// writes over what was there.
#[derive(Default)]
pub(super) struct Handles {
    pub(super) responses: ByHandle<Exchange>,
    pub(super) incoming: ByHandle<Exchange>,
    pub(super) bodies: ByHandle<Exchange>,
    pub(super) trailers: ByHandle<Exchange>,
    pub(super) requests: ByHandle<Arc<Upload>>,
    pub(super) uploads: ByHandle<Arc<Upload>>,
    /// How many requests were made, by method and URL.
    pub(super) made: HashMap<String, u64>,
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
        self.requests.take(request.rep())
    }

    /// The service has a new handle for a response, of which nothing is known yet.
    pub(super) fn forget_response(&mut self, future: &Resource<HostFutureIncomingResponse>) {
        self.responses.set(future.rep(), None);
    }

    /// A request was made that is called so.
    pub(super) fn begin(
        &mut self,
        future: &Resource<HostFutureIncomingResponse>,
        exchange: Exchange,
        upload: Option<Arc<Upload>>,
        request: String,
    ) {
        self.responses.set(future.rep(), Some(exchange));
        if let Some(upload) = upload {
            let ordinal = self.made.entry(request.clone()).or_default();
            *ordinal += 1;
            upload.begin(request.into(), *ordinal);
        }
    }

    pub(super) fn response(&self, future: &Resource<HostFutureIncomingResponse>) -> Option<Subject> {
        self.responses.get(future.rep()).map(|exchange| Subject::Response(exchange.place))
    }

    /// The service has the response that it waited for by the handle with this number.
    pub(super) fn got(&mut self, future: u32, response: &Resource<HostIncomingResponse>) {
        let exchange = self.responses.get(future).cloned();
        self.incoming.set(response.rep(), exchange);
    }
}
