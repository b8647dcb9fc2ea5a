//! A store in memory, for tests and for runs that keep nothing. It is gone with the process.

use super::{Key, Page, Put, Store, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ops::Bound;

/// How many keys [`Store::list`] gives at once, so that a large listing does not keep writers waiting.
const PAGE: usize = 1_000;

/// Objects in a map.
#[derive(Debug, Default)]
pub struct MemoryStore {
    objects: RwLock<BTreeMap<Key, Bytes>>,
}

impl MemoryStore {
    fn found(&self, key: &Key) -> Result<Bytes, StoreError> {
        self.objects
            .read()
            .get(key)
            .cloned()
            .ok_or_else(|| StoreError::NotFound { key: key.clone(), location: self.location().to_owned() })
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn location(&self) -> &str {
        "memory:"
    }

    async fn put(&self, key: &Key, object: Bytes) -> Result<Put, StoreError> {
        let mut objects = self.objects.write();
        match objects.get(key) {
            None => {
                objects.insert(key.clone(), object);
                Ok(Put::Created)
            }
            Some(present) if *present == object => Ok(Put::Unchanged),
            Some(_) => Err(StoreError::Exists { key: key.clone(), location: self.location().to_owned() }),
        }
    }

    async fn get(&self, key: &Key, at_most: u64) -> Result<Bytes, StoreError> {
        let object = self.found(key)?;
        let size = object.len() as u64;
        if size > at_most {
            return Err(StoreError::TooLarge {
                key: key.clone(),
                location: self.location().to_owned(),
                size,
                at_most,
            });
        }
        Ok(object)
    }

    async fn size(&self, key: &Key) -> Result<u64, StoreError> {
        Ok(self.found(key)?.len() as u64)
    }

    async fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError> {
        let folder = format!("{folder}/");
        let from = after.map(Key::as_str).filter(|after| **after > *folder).unwrap_or(&folder);
        let keys: Vec<Key> = self
            .objects
            .read()
            .range::<str, _>((Bound::Excluded(from), Bound::Unbounded))
            .map(|(key, _)| key)
            .take_while(|key| key.as_str().starts_with(&folder))
            .take(PAGE)
            .cloned()
            .collect();
        let more = keys.len() == PAGE;
        Ok(Page { keys, more })
    }

    async fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError> {
        let folder = format!("{folder}/");
        let objects = self.objects.read();
        let mut names = Vec::new();
        let mut from = folder.clone();
        while let Some((key, _)) = objects.range::<str, _>((Bound::Excluded(&*from), Bound::Unbounded)).next()
            && let Some(below) = key.as_str().strip_prefix(&folder)
        {
            from = match below.split_once('/') {
                None => key.to_string(),
                Some((name, _)) => {
                    names.push(name.to_owned());
                    // `0` follows `/`: on behind everything in this folder.
                    format!("{folder}{name}0")
                }
            };
        }
        // They came in order of the keys in them, where `a-b/` is before `a/`.
        names.sort_unstable();
        Ok(names)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.objects.write().remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[tokio::test]
    async fn it_is_a_store() {
        conformance::all(&MemoryStore::default()).await;
    }
}
