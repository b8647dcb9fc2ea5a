//! A recorded answer as the service gets it: at once, in the chunks it came in, and no further than it was read.

use super::error;
use crate::wasi::sources::Frames;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use playback_recording::value::Value;
use playback_tape::Place;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;
use wasmtime_wasi_http::{Error, WasiBody};

/// Where a service waits for more of an exchange than was recorded; the last such place.
pub(super) type Past = Arc<Mutex<Option<(Place, &'static str)>>>;

/// What is recorded as the answer of an exchange.
pub(super) enum Served {
    /// None came.
    Nothing,
    /// This.
    Answer(Result<http::Response<WasiBody>, Error>),
}

const CUT_OFF: &str =
    "the service waits for more of the response's body, and the recorded one read no further";

/// The answer that a recorded value stands for; `None` if it is none that HTTP has. Where the service waits for more than was
/// recorded is told to `past`.
pub(super) fn answer(value: &Value, place: Place, frames: Arc<Frames>, past: &Past) -> Option<Served> {
    if let Some(error) = value.get("err") {
        let is_nothing = error.get(error::NO_ANSWER).is_some();
        let failed = || error::from_value(error).map(|error| Served::Answer(Err(error)));
        return if is_nothing { Some(Served::Nothing) } else { failed() };
    }
    let response = value.get("ok")?;
    let status = match response.get("status")? {
        Value::Int(status) => http::StatusCode::from_u16(u16::try_from(*status).ok()?).ok()?,
        _ => return None,
    };
    let trailers = match response.get("trailers")? {
        Value::Null => None,
        trailers => Some(headers(trailers)?),
    };
    let end = response.get("end")?;
    let end = match end.get("failed") {
        Some(error) => End::Failed(error::from_value(error)?),
        None if end.get("complete").is_some() => End::Complete,
        None => End::CutOff,
    };
    let chunks = chunks(response.get("body")?, response.get("chunks")?)?.into_iter();
    let body = Replayed { chunks, trailers, end, frames, place, past: past.clone() };
    let mut served = http::Response::new(body.boxed_unsync());
    *served.status_mut() = status;
    *served.headers_mut() = headers(response.get("headers")?)?;
    Some(Served::Answer(Ok(served)))
}

fn headers(value: &Value) -> Option<HeaderMap> {
    let Value::List(entries) = value else { return None };
    let mut headers = HeaderMap::new();
    for entry in entries {
        let Value::List(pair) = entry else { return None };
        let [Value::Text(name), Value::Bytes(value)] = pair.as_slice() else { return None };
        let name: HeaderName = name.parse().ok()?;
        headers.try_append(name, HeaderValue::from_bytes(value).ok()?).ok()?;
    }
    Some(headers)
}

/// The body in the chunks it came in. Lengths that do not add up to it end with it.
fn chunks(body: &Value, lengths: &Value) -> Option<Vec<Bytes>> {
    let (Value::Bytes(body), Value::List(lengths)) = (body, lengths) else { return None };
    let mut rest = Bytes::copy_from_slice(body);
    let mut chunks = Vec::with_capacity(lengths.len());
    for length in lengths {
        let Value::Int(length) = length else { return None };
        let length = usize::try_from(*length).unwrap_or(usize::MAX).min(rest.len());
        chunks.push(rest.split_to(length));
    }
    if !rest.is_empty() {
        chunks.push(rest);
    }
    Some(chunks)
}

/// How a recorded body ends.
enum End {
    CutOff,
    Complete,
    Failed(Error),
}

/// A recorded body.
struct Replayed {
    chunks: vec::IntoIter<Bytes>,
    trailers: Option<HeaderMap>,
    end: End,
    frames: Arc<Frames>,
    place: Place,
    past: Past,
}

impl Body for Replayed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !self.frames.has_more() {
            return Poll::Pending;
        }
        let frame = self.next();
        if frame.is_ready() {
            self.frames.take();
        }
        frame
    }
}

impl Replayed {
    fn next(&mut self) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(chunk) = self.chunks.next() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        if let Some(trailers) = self.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        match std::mem::replace(&mut self.end, End::Complete) {
            End::Complete => Poll::Ready(None),
            End::Failed(error) => Poll::Ready(Some(Err(error))),
            End::CutOff => {
                self.end = End::CutOff;
                *self.past.lock() = Some((self.place, CUT_OFF));
                Poll::Pending
            }
        }
    }
}
