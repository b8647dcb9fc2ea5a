//! Which recordings are replayed: those of operations that the service has.

use super::planned::Planned;
use playback_host::cassette::Cassette;
use playback_host::recording::RecordingId;
use playback_host::sandbox::{OperationError, Service};
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::vec;

/// Recordings that are taken one by one. Those of other services in the same cassette are left out.
#[derive(Debug)]
pub(crate) struct Selection {
    ids: vec::IntoIter<RecordingId>,
    /// How many may still be taken.
    remaining: usize,
    /// Whether the service has the operation of this name.
    known: HashMap<String, bool>,
    /// How many recordings of an operation were left out.
    left_out: BTreeMap<String, usize>,
}

impl Selection {
    /// Selects among `ids`, in their order, at most `limit`.
    pub(crate) fn new(ids: Vec<RecordingId>, limit: Option<NonZeroUsize>) -> Self {
        let remaining = limit.map_or(usize::MAX, NonZeroUsize::get);
        Self { ids: ids.into_iter(), remaining, known: HashMap::new(), left_out: BTreeMap::new() }
    }

    /// How many there are at most.
    pub(crate) fn len(&self) -> usize {
        self.ids.len().min(self.remaining)
    }

    /// Takes the next one that `planned` can play: its service has the operation, or a plugin knows another one for it.
    pub(crate) async fn next(&mut self, cassette: &Cassette, planned: &Planned) -> Option<RecordingId> {
        let service = planned.replayer.service();
        while self.remaining > 0 {
            let id = self.ids.next()?;
            if !planned.has_player(&id)
                && let Ok(metadata) = cassette.metadata(&id).await
                && !self.has(service, &metadata.operation)
                // What is broken may be of any operation: it is replayed, and fails with the reason.
                && cassette.verify(&id).await.is_ok()
            {
                *self.left_out.entry(metadata.operation).or_default() += 1;
                continue;
            }
            self.remaining -= 1;
            return Some(id);
        }
        None
    }

    /// How many recordings were left out, by their operations.
    pub(crate) fn left_out(self) -> BTreeMap<String, usize> {
        self.left_out
    }

    fn has(&mut self, service: &Service, operation: &str) -> bool {
        if let Some(known) = self.known.get(operation) {
            return *known;
        }
        let found = service.operation(Some(operation));
        let is_known = !matches!(found, Err(OperationError::Unknown { .. }));
        self.known.insert(operation.to_owned(), is_known);
        is_known
    }
}
