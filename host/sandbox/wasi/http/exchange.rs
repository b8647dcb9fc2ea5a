//! One HTTP exchange: what was sent and what came back, and the values that stand for it on the tape.

use super::error;
use super::secrets::Secrets;
use bytes::Bytes;
use http_body::Frame;
use playback_recording::value::Value;
use wasmtime_wasi_http::{Error, RequestOptions};

/// What was sent.
#[derive(Clone)]
pub(super) struct Request {
    method: String,
    url: String,
    headers: Value,
    options: Value,
    pub(super) body: Body,
}

/// What came back.
#[derive(Default)]
pub(super) enum Answer {
    /// Nothing while the service waited.
    #[default]
    None,
    /// An error, as it is on the tape.
    Failed(Value),
    /// A response, as far as the service read it.
    Response { status: u16, headers: Value, body: Body },
}

/// A body, as far as it was seen.
#[derive(Clone, Default)]
pub(super) struct Body {
    bytes: Vec<u8>,
    /// The lengths of the chunks that it came in.
    chunks: Vec<Value>,
    trailers: Option<Value>,
    pub(super) end: End,
}

/// How a body ended.
#[derive(Clone, Default)]
pub(super) enum End {
    /// Nobody read it to its end.
    #[default]
    CutOff,
    /// It was whole.
    Complete,
    /// With an error, as it is on the tape.
    Failed(Value),
}

impl Request {
    /// What it is called: `GET http://example.com/`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.url)
    }

    pub(super) fn new(
        parts: &http::request::Parts,
        options: Option<RequestOptions>,
        secrets: &Secrets,
    ) -> Self {
        let mut headers = parts.headers.clone();
        // It says what the URL says, and the service has no say in it.
        headers.remove(http::header::HOST);
        Self {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            headers: secrets.headers(&headers),
            options: options_value(options.unwrap_or_default()),
            body: Body::default(),
        }
    }

    /// What stands for it on the tape: the arguments of [`signature`](super::function::signature).
    pub(super) fn into_arguments(self) -> Vec<Value> {
        let Self { method, url, headers, options, body } = self;
        let Body { bytes, chunks, trailers, end: _ } = body;
        vec![
            method.into(),
            url.into(),
            headers,
            Value::Bytes(bytes),
            Value::List(chunks),
            trailers.into(),
            options,
        ]
    }

    /// The memory that it takes without its body, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.method.len() + self.url.len() + self.headers.weight() + self.options.weight()
    }
}

impl Answer {
    /// What stands for it on the tape: the result of [`signature`](super::function::signature).
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::None => Value::case("err", Value::case(error::NO_ANSWER, Value::Null)),
            Self::Failed(error) => Value::case("err", error),
            Self::Response { status, headers, body } => {
                let Body { bytes, chunks, trailers, end } = body;
                let end = match end {
                    End::CutOff => Value::case("cut-off", Value::Null),
                    End::Complete => Value::case("complete", Value::Null),
                    End::Failed(error) => Value::case("failed", error),
                };
                let response = [
                    ("status", Value::from(status)),
                    ("headers", headers),
                    ("body", Value::Bytes(bytes)),
                    ("chunks", Value::List(chunks)),
                    ("trailers", trailers.into()),
                    ("end", end),
                ];
                Value::case("ok", Value::record(response))
            }
        }
    }
}

impl Body {
    /// Notes what passes.
    pub(super) fn note(&mut self, frame: &Frame<Bytes>, secrets: &Secrets) {
        if let Some(data) = frame.data_ref() {
            self.bytes.extend_from_slice(data);
            self.chunks.push(Value::from(data.len() as u64));
        }
        if let Some(trailers) = frame.trailers_ref() {
            self.trailers = Some(secrets.headers(trailers));
            // Nothing follows trailers, and nobody looks whether it does.
            self.end = End::Complete;
        }
    }
}

impl Default for Request {
    fn default() -> Self {
        let (method, url, headers) = (String::new(), String::new(), Value::Null);
        Self { method, url, headers, options: Value::Null, body: Body::default() }
    }
}

/// The memory that a note of this frame takes, in bytes.
pub(super) fn weight(frame: &Frame<Bytes>) -> usize {
    let entry = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        4 * size_of::<Value>() + name.as_str().len() + value.len()
    };
    let trailers = frame.trailers_ref().map_or(0, |trailers| trailers.iter().map(entry).sum());
    frame.data_ref().map_or(0, Bytes::len) + size_of::<Value>() + trailers
}

/// An error as the tape will give it again, and the value for it.
pub(super) fn settled(error: &Error) -> (Error, Value) {
    let value = error::to_value(error);
    (error::from_value(&value).unwrap_or(Error::InternalError(None)), value)
}

fn options_value(options: RequestOptions) -> Value {
    let time = |time: Option<std::time::Duration>| {
        Value::from(time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    };
    Value::record([
        ("connect-timeout", time(options.connect_timeout)),
        ("first-byte-timeout", time(options.first_byte_timeout)),
        ("between-bytes-timeout", time(options.between_bytes_timeout)),
    ])
}
