//! Looking up metadata. One recording that cannot be read never hides the others.

use super::{Ids, LoadError, Lookup, Store, StoreError, load};
use playback_recording::Metadata;
use std::sync::Arc;

/// The metadata that a [`Lookup`] asks for.
#[derive(Debug)]
pub struct Found {
    store: Arc<dyn Store>,
    ids: Ids,
    remaining: usize,
}

impl Found {
    pub(super) fn new(store: Arc<dyn Store>, lookup: Lookup) -> Self {
        let remaining = lookup.limit.unwrap_or(usize::MAX);
        let ids = Ids::new(Arc::clone(&store), Lookup { limit: None, ..lookup });
        Self { store, ids, remaining }
    }

    /// The next one. A recording whose metadata cannot be read is an error that names it, and others follow;
    /// nothing follows [`FoundError::List`].
    pub async fn next(&mut self) -> Option<Result<Metadata, FoundError>> {
        while self.remaining > 0 {
            let id = match self.ids.next().await? {
                Ok(id) => id,
                Err(error) => return Some(Err(FoundError::List(error))),
            };
            match load::metadata(&*self.store, &id).await {
                // Removed since it was listed.
                Err(
                    LoadError::NotFound { .. } | LoadError::Uncommitted { .. } | LoadError::Leftover { .. },
                ) => {}
                Err(error) => return Some(Err(FoundError::Unreadable(error))),
                Ok(metadata) => {
                    self.remaining -= 1;
                    return Some(Ok(metadata));
                }
            }
        }
        None
    }
}

/// Why a lookup has an error in the place of a recording's metadata.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// The cassette cannot be listed. Nothing follows.
    #[error(transparent)]
    List(StoreError),
    /// This one recording cannot be read.
    #[error(transparent)]
    Unreadable(LoadError),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::Cassette;
    use crate::key::Half;
    use crate::samples::{recording_at, saved};

    async fn found(cassette: &Cassette, lookup: Lookup) -> Vec<Result<Metadata, FoundError>> {
        let mut found = cassette.lookup(lookup);
        let mut all = Vec::new();
        while let Some(item) = found.next().await {
            all.push(item);
        }
        all
    }

    #[tokio::test]
    async fn metadata_that_cannot_be_read_is_reported_and_the_others_are_found() {
        let cassette = Cassette::memory();
        saved(&cassette, "a", &[1, 3]).await;
        let large = vec![b' '; (1 << 20) + 1];
        for (second, content) in [(0, b"".to_vec()), (2, b"{\"id\":".to_vec()), (4, large)] {
            let id = recording_at("a", second).header.id;
            cassette.store.put(&Half::Metadata.key(&id), content.into()).await.unwrap();
        }
        let items = found(&cassette, Lookup { limit: Some(2), ..Lookup::default() }).await;
        let readable: Vec<bool> = items.iter().map(Result::is_ok).collect();
        assert_eq!(readable, [false, true, false, true], "problems do not count as found");
        for error in items.into_iter().filter_map(Result::err) {
            assert!(error.to_string().contains("recording `a/20260101/"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_recording_that_is_removed_while_it_is_looked_up_is_passed_over() {
        let cassette = Cassette::memory();
        let listed = saved(&cassette, "a", &[0, 1, 2]).await;
        let mut found = cassette.lookup(Lookup::default());
        assert_eq!(found.next().await.unwrap().unwrap().id, listed[2]);
        cassette.remove(&listed[1]).await.unwrap();
        assert_eq!(found.next().await.unwrap().unwrap().id, listed[0]);
        assert!(found.next().await.is_none());
    }

    #[tokio::test]
    async fn a_lookup_can_move_to_another_task() {
        let cassette = Cassette::memory();
        saved(&cassette, "a", &[0]).await;
        let mut found = cassette.lookup(Lookup::default());
        assert!(tokio::spawn(async move { found.next().await.is_some() }).await.unwrap());
    }
}
