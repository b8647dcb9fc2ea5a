//! The HTTP requests of a provider: they go to the network where it is granted, and nothing of them is on the tape.

use crate::wasi::http::{Connection, Sending};
use std::sync::{Arc, OnceLock};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// Sends the requests of one instance, or refuses them.
pub(super) struct Outgoing {
    is_granted: bool,
    refused: Refused,
}

/// The first request of a provider that was refused. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Arc<OnceLock<String>>);

impl Refused {
    /// The method and the URL of that request, if any.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl Outgoing {
    pub(super) fn new(is_granted: bool, refused: Refused) -> Self {
        Self { is_granted, refused }
    }
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Connection,
    ) -> Sending {
        if !self.is_granted {
            self.refused.0.get_or_init(|| format!("{} {}", request.method(), request.uri()));
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        Box::new(async move {
            use http_body_util::BodyExt;
            let (response, connection) = default_send_request(request, options).await?;
            let connection: Connection = Box::new(connection);
            Ok((response.map(BodyExt::boxed_unsync), connection))
        })
    }
}
