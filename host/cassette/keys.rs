//! A listing without its pages.

use super::{Key, Store, StoreError};
use std::sync::Arc;

/// Every key in a folder, in order, fetched page by page.
#[derive(Debug)]
pub(super) struct Keys {
    store: Arc<dyn Store>,
    folder: Key,
    /// What is left of the page at hand, next one last.
    page: Vec<Key>,
    next: Next,
}

/// Where the next page begins.
#[derive(Debug)]
enum Next {
    First,
    After(Key),
    Nowhere,
}

impl Keys {
    pub(super) fn new(store: Arc<dyn Store>, folder: Key) -> Self {
        Self { store, folder, page: Vec::new(), next: Next::First }
    }

    /// The next one. `None`, and after an error: there are no others.
    pub(super) async fn next(&mut self) -> Result<Option<Key>, StoreError> {
        if self.page.is_empty() {
            let after = match std::mem::replace(&mut self.next, Next::Nowhere) {
                Next::First => None,
                Next::After(key) => Some(key),
                Next::Nowhere => return Ok(None),
            };
            let page = self.store.list(&self.folder, after.as_ref()).await?;
            if let Some(last) = page.keys.last().filter(|_| page.more) {
                self.next = Next::After(last.clone());
            }
            self.page = page.keys;
            self.page.reverse();
        }
        Ok(self.page.pop())
    }
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

        let mut keys = Keys::new(store, folder);
        let mut listed = Vec::new();
        while let Some(key) = keys.next().await.unwrap() {
            listed.push(key.to_string());
        }
        assert_eq!(listed, texts);
        assert_eq!(keys.next().await.unwrap(), None);
    }
}
