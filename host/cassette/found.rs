//! Looking up metadata. One recording that cannot be read never hides the others.

use super::lookup::{Lookup, ids};
use super::{LoadError, Store, StoreError, load};
use futures_util::{Stream, StreamExt, stream};
use playback_recording::{Metadata, RecordingId};
use std::sync::Arc;

/// Streams the metadata that `lookup` asks for. A recording whose metadata cannot be read is an error that names it, and
/// others follow. The stream ends after [`LookupError::List`].
pub(super) fn found(
    store: Arc<dyn Store>,
    lookup: Lookup,
) -> impl Stream<Item = Result<Metadata, LookupError>> + Send {
    let limit = lookup.limit.unwrap_or(usize::MAX);
    let ids = ids(Arc::clone(&store), Lookup { limit: None, ..lookup });
    let found = ids.filter_map(move |id| {
        let store = Arc::clone(&store);
        async move {
            match id {
                Ok(id) => read(&*store, &id).await,
                Err(error) => Some(Err(LookupError::List(error))),
            }
        }
    });
    at_most(limit, found)
}

/// Reads the metadata of a listed recording. Returns `None` if the recording was removed since it was listed.
async fn read(store: &dyn Store, id: &RecordingId) -> Option<Result<Metadata, LookupError>> {
    match load::metadata(store, id).await {
        Ok(metadata) => Some(Ok(metadata)),
        Err(LoadError::NotFound { .. } | LoadError::Uncommitted { .. } | LoadError::Leftover { .. }) => None,
        Err(error) => Some(Err(LookupError::Unreadable(error))),
    }
}

/// Ends a stream after this number of results. Errors do not count. Nothing beyond them is fetched.
fn at_most<T, E>(
    limit: usize,
    results: impl Stream<Item = Result<T, E>> + Send,
) -> impl Stream<Item = Result<T, E>> + Send {
    stream::unfold((Box::pin(results), limit), |(mut results, left)| async move {
        match left {
            0 => None,
            _ => {
                let result = results.next().await?;
                let left = left - usize::from(result.is_ok());
                Some((result, (results, left)))
            }
        }
    })
}

/// Why a lookup has an error in the place of a recording's metadata.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
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

    async fn found(cassette: &Cassette, lookup: Lookup) -> Vec<Result<Metadata, LookupError>> {
        cassette.lookup(lookup).collect().await
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
