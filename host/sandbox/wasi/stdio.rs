//! The service's standard streams: in memory, both when recording and when replaying.

use crate::limits::LimitReached;
use parking_lot::{Mutex, MutexGuard};
use playback_recording::Stream;
use std::sync::Arc;
use wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

/// How much a service may write at once. One constant, so that the chunks are the same on every run.
const CHUNK: usize = 64 << 10;

/// The three standard streams of one operation. Clones share them.
#[derive(Clone)]
pub(crate) struct Stdio(Arc<Mutex<Streams>>);

struct Streams {
    input: Input,
    written: Vec<(Stream, Vec<u8>)>,
    total: usize,
    limit: usize,
}

/// What can be read.
struct Input {
    bytes: Vec<u8>,
    at: usize,
}

impl Stdio {
    /// Streams that give `input` and take at most `limit` bytes.
    pub(crate) fn new(input: Vec<u8>, limit: usize) -> Self {
        let input = Input { bytes: input, at: 0 };
        Self(Arc::new(Mutex::new(Streams { input, written: Vec::new(), total: 0, limit })))
    }

    /// Hands over what was written since the last time, in order.
    pub(crate) fn drain(&self, mut take: impl FnMut(Stream, &[u8])) {
        for (stream, bytes) in self.streams().written.drain(..) {
            take(stream, &bytes);
        }
    }

    pub(crate) fn stdin(&self) -> Stdin {
        Stdin(self.clone())
    }

    pub(crate) fn output(&self, stream: Stream) -> Output {
        Output(self.clone(), stream)
    }

    /// Locks the buffers.
    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.0.lock()
    }
}

/// Standard input.
pub(crate) struct Stdin(Stdio);

/// Standard output or standard error.
pub(crate) struct Output(Stdio, Stream);

impl IsTerminal for Stdin {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Stdin {
    // WASI 0.3 only, which is not linked.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncRead + Send + Sync> {
        Box::new(tokio::io::empty())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(Self(self.0.clone()))
    }
}

impl StdoutStream for Output {
    // WASI 0.3 only, which is not linked.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Self(self.0.clone(), self.1))
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stdin {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl InputStream for Stdin {
    fn read(&mut self, size: usize) -> StreamResult<bytes::Bytes> {
        let input = &mut self.0.streams().input;
        let rest = &input.bytes[input.at..];
        if rest.is_empty() {
            return Err(StreamError::Closed);
        }
        let chunk = bytes::Bytes::copy_from_slice(&rest[..rest.len().min(size)]);
        input.at += chunk.len();
        Ok(chunk)
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        let streams = &mut *self.0.streams();
        streams.total = streams.total.saturating_add(bytes.len());
        if streams.total > streams.limit {
            return Err(StreamError::Trap(LimitReached::Written(streams.limit).into()));
        }
        match streams.written.last_mut() {
            Some((stream, written)) if *stream == self.1 => written.extend_from_slice(&bytes),
            _ => streams.written.push((self.1, bytes.to_vec())),
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}
