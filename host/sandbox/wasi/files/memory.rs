//! The bytes of files on replay: those that the service changes are here and nowhere else. Only what it writes takes
//! room: what was there before is shared with the recording, and what was never written is no more than a size.

use crate::limits::LimitReached;
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// From which size on files are kept in pieces.
const CHUNK: u64 = 64 << 10;
/// The largest size and offset that a file system knows.
const FARTHEST: u64 = i64::MAX as u64;

/// How much all files of one replay may take.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    left: Arc<AtomicUsize>,
    limit: usize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(limit)), limit }
    }

    pub(super) fn take(&self, bytes: usize) -> Result<(), LimitReached> {
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| self.reached())
    }

    fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }

    fn reached(&self) -> LimitReached {
        LimitReached::Kept(self.limit)
    }
}

/// One file.
#[derive(Debug)]
pub(super) struct Memory {
    bytes: Mutex<Bytes>,
    budget: Budget,
    /// Whether what was there before was never read while it was recorded.
    is_unread: bool,
}

#[derive(Debug)]
struct Bytes {
    /// What was there before, as far as it was not cut off. `None`: that was too much to be kept, or never read.
    base: Option<Base>,
    size: u64,
    /// What was written, by its offset in [`CHUNK`]s. A chunk goes before the base, and has what the base had there.
    chunks: BTreeMap<u64, Vec<u8>>,
}

/// Bytes that are shared with the recording, of which only the first count.
#[derive(Debug, Default)]
struct Base {
    bytes: bytes::Bytes,
    length: usize,
}

impl Memory {
    pub(super) fn new(bytes: bytes::Bytes, budget: Budget) -> Self {
        let (size, length) = (bytes.len() as u64, bytes.len());
        Self::of(Bytes { base: Some(Base { bytes, length }), size, chunks: BTreeMap::new() }, budget, false)
    }

    /// A file of so many bytes, which were too many to be kept.
    pub(super) fn unknown(size: u64, budget: Budget) -> Self {
        Self::of(Bytes { base: None, size, chunks: BTreeMap::new() }, budget, false)
    }

    /// A file of so many bytes, which were never read while it was recorded.
    pub(super) fn unread(size: u64, budget: Budget) -> Self {
        Self::of(Bytes { base: None, size, chunks: BTreeMap::new() }, budget, true)
    }

    fn of(bytes: Bytes, budget: Budget, is_unread: bool) -> Self {
        Self { bytes: Mutex::new(bytes), budget, is_unread }
    }

    /// Whether its bytes are not known because they were never read.
    pub(super) fn is_unread(&self) -> bool {
        self.is_unread && !self.is_known()
    }

    pub(super) fn size(&self) -> u64 {
        self.bytes().size
    }

    /// Whether its bytes are known, and not only their number.
    pub(super) fn is_known(&self) -> bool {
        self.bytes().base.is_some()
    }

    /// Up to `length` bytes from `offset` on. `None`: they are not known.
    pub(super) fn read(&self, offset: u64, length: usize) -> Option<Vec<u8>> {
        let bytes = self.bytes();
        bytes.part(offset, bytes.size.saturating_sub(offset).min(length as u64))
    }

    /// All bytes, or their number where they are not known or more than `largest`.
    pub(super) fn whole(&self, largest: u64) -> Result<bytes::Bytes, u64> {
        let bytes = self.bytes();
        match &bytes.base {
            _ if bytes.size > largest => Err(bytes.size),
            Some(base) if bytes.chunks.is_empty() && base.bytes.len() as u64 == bytes.size => {
                Ok(base.bytes.clone())
            }
            _ => bytes.part(0, bytes.size).map(Into::into).ok_or(bytes.size),
        }
    }

    /// Writes at `offset`, at the end where there is none, and returns where the next write goes on.
    pub(super) fn write(&self, offset: Option<u64>, data: &[u8]) -> Result<u64, LimitReached> {
        let mut bytes = self.bytes();
        let start = offset.unwrap_or(bytes.size);
        let end = start.checked_add(data.len() as u64).filter(|end| *end <= FARTHEST);
        let end = end.ok_or_else(|| self.budget.reached())?;
        if data.is_empty() {
            return Ok(end);
        }
        if bytes.base.is_some() {
            bytes.put(start, data, &self.budget)?;
        }
        bytes.size = bytes.size.max(end);
        Ok(end)
    }

    pub(super) fn resize(&self, size: u64) -> Result<(), LimitReached> {
        if size > FARTHEST {
            return Err(self.budget.reached());
        }
        let mut bytes = self.bytes();
        self.budget.give_back(bytes.cut(size));
        bytes.size = size;
        Ok(())
    }

    /// Locks the bytes.
    fn bytes(&self) -> MutexGuard<'_, Bytes> {
        self.bytes.lock()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let held = self.bytes().chunks.values().map(Vec::len).sum();
        self.budget.give_back(held);
    }
}

impl Bytes {
    /// So many bytes from `offset` on, which are there. `None`: they are not known.
    fn part(&self, offset: u64, length: u64) -> Option<Vec<u8>> {
        let base = self.base.as_ref()?;
        let mut part = vec![0; usize::try_from(length).ok()?];
        overlap(&mut part, offset, base.known(), 0);
        // The first may begin before.
        let chunks = self.chunks.range(offset / CHUNK..);
        for (index, chunk) in chunks.take_while(|(index, _)| *index * CHUNK < offset + length) {
            overlap(&mut part, offset, chunk, index * CHUNK);
        }
        Some(part)
    }

    fn put(&mut self, start: u64, data: &[u8], budget: &Budget) -> Result<(), LimitReached> {
        let (mut at, mut rest) = (start, data);
        while !rest.is_empty() {
            let (index, within) = (at / CHUNK, (at % CHUNK) as usize);
            let (now, later) = rest.split_at(rest.len().min(CHUNK as usize - within));
            let chunk = self.chunk(index, budget)?;
            let end = within + now.len();
            if chunk.len() < end {
                budget.take(end - chunk.len())?;
                chunk.resize(end, 0);
            }
            if let Some(place) = chunk.get_mut(within..end) {
                place.copy_from_slice(now);
            }
            (at, rest) = (at + now.len() as u64, later);
        }
        Ok(())
    }

    /// What was written there, else what the base has there.
    fn chunk(&mut self, index: u64, budget: &Budget) -> Result<&mut Vec<u8>, LimitReached> {
        let known = self.base.as_ref().map_or(&[][..], Base::known);
        match self.chunks.entry(index) {
            Entry::Occupied(chunk) => Ok(chunk.into_mut()),
            Entry::Vacant(place) => {
                let start = usize::try_from(index * CHUNK).unwrap_or(usize::MAX).min(known.len());
                let end = start.saturating_add(CHUNK as usize).min(known.len());
                let bytes = known.get(start..end).unwrap_or_default();
                budget.take(bytes.len())?;
                Ok(place.insert(bytes.to_vec()))
            }
        }
    }

    /// Cuts off what is past `size`, and returns how many bytes of chunks that were. Of a file that is emptied nothing is
    /// unknown any more.
    fn cut(&mut self, size: u64) -> usize {
        match &mut self.base {
            _ if size == 0 => self.base = Some(Base::default()),
            Some(base) => base.length = base.length.min(usize::try_from(size).unwrap_or(usize::MAX)),
            None => {}
        }
        let past = self.chunks.split_off(&size.div_ceil(CHUNK));
        let mut cut: usize = past.values().map(Vec::len).sum();
        if let Some(last) = self.chunks.get_mut(&(size / CHUNK)) {
            let kept = last.len().min((size % CHUNK) as usize);
            cut += last.len() - kept;
            last.truncate(kept);
        }
        cut
    }
}

impl Base {
    fn known(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Copies into `part`, which begins at `offset`, what `bytes`, which begin at `start`, have of it.
fn overlap(part: &mut [u8], offset: u64, bytes: &[u8], start: u64) {
    let skipped = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let part = part.get_mut(skipped(start.saturating_sub(offset))..).unwrap_or_default();
    let bytes = bytes.get(skipped(offset.saturating_sub(start))..).unwrap_or_default();
    let length = part.len().min(bytes.len());
    if let (Some(part), Some(bytes)) = (part.get_mut(..length), bytes.get(..length)) {
        part.copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests;
