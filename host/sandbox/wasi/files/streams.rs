//! Reading and writing open files. There is always something to read until the end, and always room to write, so that
//! chunks are the same on every run.

use super::code;
use super::memory::Memory;
use super::source::{CHUNK, Source};
use super::writes::{Refusal, Refusals, Writes};
use crate::failure::{self, EngineFailure};
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

/// Where writes to an open file go.
#[derive(Clone)]
pub(super) struct Sink {
    to: To,
    /// How often was written to this path, whoever did.
    writes: Writes,
    path: Arc<str>,
    refusals: Refusals,
}

#[derive(Clone)]
enum To {
    /// The file.
    Disk(Arc<File>),
    /// Memory, and the writes that were refused when it was recorded.
    Memory(Arc<Memory>, Arc<[(u64, String)]>),
}

impl Sink {
    pub(super) fn disk(file: Arc<File>, path: &str, writes: Writes, refusals: Refusals) -> Self {
        Self { to: To::Disk(file), writes, path: path.into(), refusals }
    }

    pub(super) fn memory(
        memory: Arc<Memory>,
        path: &str,
        writes: Writes,
        refused: Vec<(u64, String)>,
    ) -> Self {
        let (to, refusals) = (To::Memory(memory, refused.into()), Refusals::default());
        Self { to, writes, path: path.into(), refusals }
    }

    /// Writes at `offset`, at the end where there is none, and returns where the next write goes on.
    pub(super) fn write(&self, offset: Option<u64>, bytes: &[u8]) -> Result<u64, WriteError> {
        let attempt = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.to {
            To::Disk(file) => write_at(file, offset, bytes).map_err(|error| {
                if failure::is_lack_of_system(&error) {
                    return WriteError::Stopped(EngineFailure::lack_of_system(&error).into());
                }
                let code = code::name(&error);
                let path = self.path.to_string();
                self.refusals.add(Refusal { path, attempt, code: code.clone() });
                WriteError::Refused(code::parse(&code))
            }),
            To::Memory(memory, refused) => match refused.iter().find(|(refused, _)| *refused == attempt) {
                Some((_, code)) => Err(WriteError::Refused(code::parse(code))),
                None => memory.write(offset, bytes).map_err(|limit| WriteError::Stopped(limit.into())),
            },
        }
    }
}

/// Why bytes were not written.
pub(super) enum WriteError {
    /// As it was refused when it was recorded.
    Refused(ErrorCode),
    /// The operation ends.
    Stopped(wasmtime::Error),
}

impl From<WriteError> for StreamError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(code) => Self::LastOperationFailed(code.into()),
            WriteError::Stopped(error) => Self::Trap(error),
        }
    }
}

fn write_at(mut file: &File, offset: Option<u64>, bytes: &[u8]) -> io::Result<u64> {
    let start = file.seek(offset.map_or(SeekFrom::End(0), SeekFrom::Start))?;
    file.write_all(bytes)?;
    Ok(start.saturating_add(bytes.len() as u64))
}

/// A file that is read from some place on.
pub(super) struct Reader {
    pub(super) source: Source,
    pub(super) offset: u64,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {}
}

impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let bytes = self.source.read(self.offset, size);
        let bytes = bytes.map_err(|error| match failure::is_lack_of_system(&error) {
            true => StreamError::Trap(EngineFailure::lack_of_system(&error).into()),
            false => StreamError::LastOperationFailed(ErrorCode::from(&error).into()),
        })?;
        if bytes.is_empty() {
            return Err(StreamError::Closed);
        }
        self.offset = self.offset.saturating_add(bytes.len() as u64);
        Ok(bytes.into())
    }
}

/// A file that is written from some place on, or at its end.
pub(super) struct Writer {
    pub(super) sink: Sink,
    /// `None`: at the end.
    pub(super) offset: Option<u64>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let end = self.sink.write(self.offset, &bytes)?;
        self.offset = self.offset.map(|_| end);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn who_reads_no_bytes_is_not_told_that_the_file_ends() {
        let source = Source::Bytes(b"hello".as_slice().into());
        assert_eq!(source.read_once(0, 0).unwrap(), (vec![], false));
        assert_eq!(source.read_once(3, 9).unwrap(), (b"lo".to_vec(), false));
        assert_eq!(source.read_once(5, 9).unwrap(), (vec![], true));
    }
}
