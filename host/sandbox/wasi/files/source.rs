//! Where the bytes of an open file come from.

use super::memory::Memory;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

/// The most bytes that one call reads or may write.
pub(super) const CHUNK: usize = 64 << 10;

/// Where the bytes of an open file come from.
#[derive(Clone)]
pub(super) enum Source {
    /// One state of it, read once.
    Bytes(Bytes),
    /// The file, while recording: one that the service writes, or one too large to be kept.
    Disk(Arc<File>),
    /// The service's own version of it, on replay.
    Memory(Arc<Memory>),
}

impl Source {
    /// Up to `length` bytes from `offset` on; none at the end.
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let length = length.min(CHUNK);
        match self {
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let end = start.saturating_add(length).min(bytes.len());
                Ok(bytes.get(start..end).unwrap_or_default().to_vec())
            }
            Self::Memory(memory) => {
                memory.read(offset, length).ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))
            }
            Self::Disk(file) => read_at(file, offset, length),
        }
    }

    /// The same, and whether that is the end. Who asks for nothing gets nothing, wherever the end is.
    pub(super) fn read_once(&self, offset: u64, length: usize) -> io::Result<(Vec<u8>, bool)> {
        let bytes = self.read(offset, length)?;
        let is_end = bytes.is_empty() && length > 0;
        Ok((bytes, is_end))
    }
}

/// As many bytes as asked for, up to the end of the file.
fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    (&mut &*file).seek(SeekFrom::Start(offset))?;
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
