//! The bytes of files on replay: those that the service changes are here and nowhere else.

use crate::sandbox::limits::LimitReached;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

    /// Takes so many bytes. What is given back by truncating stays taken: a limit need not be exact.
    fn take(&self, bytes: usize) -> Result<(), LimitReached> {
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| LimitReached::Kept(self.limit))
    }
}

/// One file.
#[derive(Debug)]
pub(super) struct Memory {
    bytes: Mutex<Bytes>,
    budget: Budget,
}

#[derive(Debug)]
enum Bytes {
    /// Shared with the recording until they are written to.
    Known(Arc<Vec<u8>>),
    /// So many, which were too many to be kept.
    Unknown(u64),
}

impl Memory {
    pub(super) fn new(bytes: Arc<Vec<u8>>, budget: Budget) -> Self {
        Self { bytes: Mutex::new(Bytes::Known(bytes)), budget }
    }

    pub(super) fn unknown(size: u64, budget: Budget) -> Self {
        Self { bytes: Mutex::new(Bytes::Unknown(size)), budget }
    }

    pub(super) fn size(&self) -> u64 {
        match &*self.bytes() {
            Bytes::Known(bytes) => bytes.len() as u64,
            Bytes::Unknown(size) => *size,
        }
    }

    /// All bytes, or their number where they are not known.
    pub(super) fn whole(&self) -> Result<Arc<Vec<u8>>, u64> {
        match &*self.bytes() {
            Bytes::Known(bytes) => Ok(bytes.clone()),
            Bytes::Unknown(size) => Err(*size),
        }
    }

    /// Writes at `offset`, at the end where there is none, and returns where the next write goes on.
    pub(super) fn write(&self, offset: Option<u64>, data: &[u8]) -> Result<u64, LimitReached> {
        let bytes = &mut *self.bytes();
        match bytes {
            Bytes::Unknown(size) => {
                let end = offset.unwrap_or(*size).saturating_add(data.len() as u64);
                *size = end.max(*size);
                Ok(end)
            }
            Bytes::Known(bytes) => {
                let too_far = || LimitReached::Kept(self.budget.limit);
                let start = offset.map_or(Ok(bytes.len()), usize::try_from).map_err(|_| too_far())?;
                let end = start.checked_add(data.len()).ok_or_else(too_far)?;
                // A file that is shared is copied by its first write.
                let copied = if Arc::get_mut(bytes).is_none() { bytes.len() } else { 0 };
                self.budget.take(copied.saturating_add(end.saturating_sub(bytes.len())))?;
                let bytes = Arc::make_mut(bytes);
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                if let Some(place) = bytes.get_mut(start..end) {
                    place.copy_from_slice(data);
                }
                Ok(end as u64)
            }
        }
    }

    pub(super) fn resize(&self, size: u64) -> Result<(), LimitReached> {
        let bytes = &mut *self.bytes();
        match bytes {
            _ if size == 0 => *bytes = Bytes::Known(Arc::default()),
            Bytes::Unknown(known) => *known = size,
            Bytes::Known(bytes) => {
                let size = usize::try_from(size).map_err(|_| LimitReached::Kept(self.budget.limit))?;
                let copied = if Arc::get_mut(bytes).is_none() { bytes.len().min(size) } else { 0 };
                self.budget.take(copied.saturating_add(size.saturating_sub(bytes.len())))?;
                Arc::make_mut(bytes).resize(size, 0);
            }
        }
        Ok(())
    }

    /// A panic elsewhere leaves plain bytes.
    fn bytes(&self) -> MutexGuard<'_, Bytes> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn writes_go_where_they_are_told_and_fill_what_is_between_with_zeros() {
        let recorded = Arc::new(b"abc".to_vec());
        let file = Memory::new(recorded.clone(), Budget::new(100));
        assert_eq!(file.write(Some(1), b"X").unwrap(), 2);
        assert_eq!(file.write(Some(5), b"Y").unwrap(), 6);
        assert_eq!(file.write(None, b"Z").unwrap(), 7);
        assert_eq!(**file.whole().unwrap(), *b"aXc\0\0YZ");
        file.resize(2).unwrap();
        assert_eq!(**file.whole().unwrap(), *b"aX");
        assert_eq!(**recorded, *b"abc");
    }

    #[test]
    fn no_file_grows_past_the_limit() {
        let file = Memory::new(Arc::default(), Budget::new(10));
        assert!(file.write(None, &[0; 11]).is_err());
        assert!(file.write(Some(u64::MAX), &[0; 2]).is_err());
        assert!(file.resize(u64::MAX).is_err());
        assert!(file.write(None, &[0; 10]).is_ok());
        assert!(file.write(None, &[0]).is_err());
    }

    #[test]
    fn of_a_file_that_was_not_kept_the_size_is_known() {
        let file = Memory::unknown(1 << 40, Budget::new(10));
        file.write(None, b"more").unwrap();
        assert_eq!(file.whole(), Err((1 << 40) + 4));
        file.resize(0).unwrap();
        assert_eq!(file.whole().unwrap().len(), 0);
    }
}
