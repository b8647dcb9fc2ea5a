//! Listings without their pages.

use super::{Key, Store, StoreError};
use futures_util::{Stream, StreamExt, TryStream, TryStreamExt, stream};
use std::sync::Arc;

/// Streams every key in `folder`, in order. Each page is listed when its first key is asked for. The stream ends after an
/// error.
pub(super) fn keys(store: Arc<dyn Store>, folder: Key) -> impl Stream<Item = Result<Key, StoreError>> + Send {
    one_by_one(stream::try_unfold((None, true), move |(after, more): (Option<Key>, bool)| {
        let (store, folder) = (Arc::clone(&store), folder.clone());
        async move {
            if !more {
                return Ok(None);
            }
            let page = store.list(&folder, after.as_ref()).await?;
            let last = page.keys.last().cloned();
            let more = page.more && last.is_some();
            Ok(Some((page.keys, (last, more))))
        }
    }))
}

/// Streams the items of pages.
pub(super) fn one_by_one<T>(
    pages: impl TryStream<Ok = Vec<T>, Error = StoreError>,
) -> impl Stream<Item = Result<T, StoreError>> {
    pages.map_ok(|page| stream::iter(page).map(Ok)).try_flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::MemoryStore;
    use bytes::Bytes;

    #[tokio::test]
    async fn a_listing_goes_on_over_the_ends_of_its_pages() {
        let store = Arc::new(MemoryStore::default());
        let texts: Vec<String> = (0..2_500).map(|n| format!("full/{n:04}")).collect();
        for text in &texts {
            store.put(&text.parse().unwrap(), Bytes::new()).await.unwrap();
        }
        let folder: Key = "full".parse().unwrap();
        assert!(store.list(&folder, None).await.unwrap().more, "one page has them all");

        let listed: Vec<Key> = keys(store, folder).try_collect().await.unwrap();
        assert_eq!(listed.iter().map(Key::as_str).collect::<Vec<_>>(), texts);
    }
}
