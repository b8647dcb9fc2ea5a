//! While recording: requests go to the network as far as that is granted, and what passes is noted on its way. The network
//! runs in tasks of its own, so the notes are shared; the service gets its data at once.

use super::exchange::{self, Answer, End, Request, settled};
use super::exchanges::{Began, Connection, Exchanges, Sending};
use super::network::Network;
use super::secrets::Secrets;
use crate::wasi::ready::poll_now;
use crate::wasi::sources::Frames;
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use parking_lot::{Mutex, MutexGuard};
use playback_recording::Outcome;
use playback_tape::{Names, Step, Tape};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use wasmtime::Result;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// Sends the requests of one operation, and notes what passes.
pub(crate) struct Sender {
    network: Network,
    notes: Notes,
    /// The exchange of a request that was just sent, until it is known where it stands.
    sent: Option<Exchange>,
    exchanges: Vec<(Began, Exchange)>,
    /// Whether the next request is not on the tape.
    is_untaped: bool,
}

/// What all exchanges of an operation share.
#[derive(Clone)]
struct Notes {
    secrets: Secrets,
    /// Bytes of memory that the exchanges hold.
    held: Arc<AtomicUsize>,
    limit: usize,
}

/// One exchange. Clones share it.
#[derive(Clone, Default)]
struct Exchange {
    noted: Arc<Mutex<Noted>>,
    /// Of the response's body.
    frames: Arc<Frames>,
}

#[derive(Default)]
struct Noted {
    request: Request,
    answer: Answer,
    /// What the service writes. It is read by the connection; by a task, once the connection is done with it.
    writes: Option<WasiBody>,
    reader: Option<AbortHandle>,
}

impl Sender {
    /// Sends requests where `network` lets them go. They may hold `limit` bytes of memory for the recording.
    pub(crate) fn new(network: Network, secrets: Secrets, limit: usize) -> Self {
        let notes = Notes { secrets, held: Arc::default(), limit };
        Self { network, notes, sent: None, exchanges: Vec::new(), is_untaped: false }
    }
}

impl WasiHttpHooks for Sender {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Connection,
    ) -> Sending {
        let is_allowed = self.network.allows(request.uri());
        if self.is_untaped {
            return Box::new(send(is_allowed, request, options));
        }
        let (parts, body) = request.into_parts();
        let noted = Request::new(&parts, options, &self.notes.secrets);
        self.notes.may_hold(noted.weight());
        let exchange = Exchange::default();
        exchange.noted().request = noted;
        exchange.noted().writes = Some(body);
        self.sent = Some(exchange.clone());
        let notes = self.notes.clone();
        let body = Writes { exchange: exchange.clone(), notes: notes.clone(), is_over: false };
        let request = http::Request::from_parts(parts, body.boxed_unsync());
        Box::new(async move {
            match send(is_allowed, request, options).await {
                Ok((response, connection)) => {
                    let (parts, body) = response.into_parts();
                    let body = Reads::new(&parts, body, exchange, notes);
                    Ok((http::Response::from_parts(parts, body.boxed_unsync()), connection))
                }
                Err(error) => {
                    let (error, value) = settled(&error);
                    exchange.noted().answer = Answer::Failed(value);
                    Err(error)
                }
            }
        })
    }
}

impl Exchanges for Sender {
    fn may_send(&self) -> bool {
        self.network != Network::None
    }

    fn prepare(&mut self, tape: &Tape) {
        self.is_untaped = tape.is_untaped();
        if tape.remarks().is_lost() {
            self.notes.limit = 0;
        }
    }

    fn made(&self) -> Option<(String, Arc<Frames>)> {
        self.sent.as_ref().map(|exchange| (exchange.noted().request.name(), exchange.frames.clone()))
    }

    fn began(&mut self, began: Began) {
        self.exchanges.extend(self.sent.take().map(|exchange| (began, exchange)));
    }

    /// Puts all exchanges on the tape, those that have not ended as far as they came.
    fn finish(&mut self, tape: &mut Tape, _: &mut ResourceTable) -> Result<()> {
        for (Began { place, interceptor, .. }, exchange) in self.exchanges.drain(..) {
            exchange.read_rest(&self.notes);
            let noted = std::mem::take(&mut *exchange.noted());
            let (arguments, answer) = (noted.request.into_arguments(), noted.answer.into_value());
            if self.notes.held.load(Ordering::Relaxed) > self.notes.limit {
                tape.remarks_mut().give_up();
                continue;
            }
            let names = Names::of(&interceptor, &arguments);
            if let Ok(Step::Live(slot)) = tape.calls_mut().intercept_at(place, names, &interceptor, arguments)
            {
                tape.calls_mut().keep(slot, Outcome::Returned(answer).into());
            }
        }
        Ok(())
    }
}

/// Sends a request where it may go.
async fn send(
    is_allowed: bool,
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(http::Response<WasiBody>, Connection), Error> {
    if !is_allowed {
        return Err(Error::HttpRequestDenied);
    }
    let (response, connection) = default_send_request(request, options).await?;
    Ok((response.map(BodyExt::boxed_unsync), Box::new(connection)))
}

impl Notes {
    /// Counts so many bytes more. Past the limit nothing is held: the recording is lost, the memory need not be.
    fn may_hold(&self, bytes: usize) -> bool {
        self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= self.limit
    }
}

impl Exchange {
    /// Locks the notes.
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock()
    }

    /// What the service wrote next.
    fn poll_writes(
        &self,
        notes: &Notes,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let noted = &mut *self.noted();
        let Some(writes) = &mut noted.writes else { return Poll::Ready(None) };
        let polled = Pin::new(writes).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if notes.may_hold(exchange::weight(frame)) {
                    noted.request.body.note(frame, &notes.secrets);
                }
            }
            Poll::Ready(_) => noted.writes = None,
            Poll::Pending => {}
        }
        polled
    }

    /// Reads what is left of the request, and notes it.
    async fn read_writes(self, notes: Notes) {
        while let Some(Ok(_)) = std::future::poll_fn(|context| self.poll_writes(&notes, context)).await {}
    }

    /// Reads what the service wrote and nobody read, at the end of the operation.
    fn read_rest(&self, notes: &Notes) {
        if let Some(reader) = self.noted().reader.take() {
            reader.abort();
        }
        while let Poll::Ready(Some(Ok(_))) = poll_now(|context| self.poll_writes(notes, context)) {}
        self.noted().writes = None;
    }
}

/// A request's body on its way to the network.
struct Writes {
    exchange: Exchange,
    notes: Notes,
    is_over: bool,
}

impl Body for Writes {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = self.exchange.poll_writes(&self.notes, context);
        self.is_over = matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.exchange.noted().writes.as_ref().is_none_or(WasiBody::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.exchange.noted().writes.as_ref().map(WasiBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Writes {
    /// The connection is done with the request, and the service may not be. All that it writes belongs to the request,
    /// whenever the connection failed, so that a replay, where none fails, finds the same request.
    fn drop(&mut self) {
        let mut noted = self.exchange.noted();
        if !self.is_over
            && noted.writes.is_some()
            && let Ok(runtime) = Handle::try_current()
        {
            let reading = self.exchange.clone().read_writes(self.notes.clone());
            noted.reader = Some(runtime.spawn(reading).abort_handle());
        }
    }
}

/// A response's body on its way to the service.
struct Reads {
    body: WasiBody,
    exchange: Exchange,
    notes: Notes,
}

impl Reads {
    fn new(parts: &http::response::Parts, body: WasiBody, exchange: Exchange, notes: Notes) -> Self {
        let headers = notes.secrets.headers(&parts.headers);
        notes.may_hold(headers.weight());
        let reads = Self { body, exchange, notes };
        let body = exchange::Body::default();
        reads.exchange.noted().answer = Answer::Response { status: parts.status.as_u16(), headers, body };
        reads.note_end();
        reads
    }

    fn note(&self, note: impl FnOnce(&mut exchange::Body)) {
        if let Answer::Response { body, .. } = &mut self.exchange.noted().answer {
            note(body);
        }
    }

    /// Notes that all of the body came, where it tells so before anybody asks for more.
    fn note_end(&self) {
        if self.body.is_end_stream() {
            self.note(|body| body.end = End::Complete);
        }
    }
}

impl Body for Reads {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(frame) => frame,
        };
        self.exchange.frames.take();
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if self.notes.may_hold(exchange::weight(&frame)) {
                    self.note(|body| body.note(&frame, &self.notes.secrets));
                    self.note_end();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let (error, value) = settled(&error);
                self.note(|body| body.end = End::Failed(value));
                Some(Err(error))
            }
            None => {
                self.note(|body| body.end = End::Complete);
                None
            }
        })
    }
}
