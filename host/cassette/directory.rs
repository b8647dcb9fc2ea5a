//! A store in a folder: each object a file, at the path that its key says. Never looks at what is in the files.
//!
//! An object is written to a file in `.partial` and then renamed to its place, which it takes at once or not at all:
//! whatever is killed when, a reader finds a whole object or none. Nothing is synced to the disk: that would cost a
//! hundred times what a write costs. After a power loss, then, the last few objects may be missing, empty or cut
//! short, and it is the checksums inside a recording that tell.
//!
//! Other files in the folder are left alone and never listed. Below the folder no symbolic link is followed, so that
//! a folder that came from somewhere else leads nowhere else. (The folder itself may be a link. Somebody who changes
//! the folder at the same moment is not guarded against: they have its owner's rights already.)
//!
//! Small files of this machine take microseconds, and handing each to another thread takes longer than that: they are read
//! and written inside async functions. Large files and listings leave the threads of the async runtime to others.

mod files;
#[cfg(all(test, unix))]
mod tests;
mod walk;

use super::{Access, Key, OpenError, Page, Put, Store, StoreError, blocking};
use async_trait::async_trait;
use bytes::Bytes;
use files::Files;
use std::path::Path;
use std::sync::Arc;

/// Objects as files below a folder.
#[derive(Debug)]
pub struct DirectoryStore {
    files: Arc<Files>,
}

impl DirectoryStore {
    /// The store in the folder `path`. It is created where it is to be written and does not exist.
    pub fn open(path: &Path, access: Access) -> Result<Self, OpenError> {
        Ok(Self { files: Arc::new(Files::open(path, access)?) })
    }
}

#[async_trait]
impl Store for DirectoryStore {
    fn location(&self) -> &str {
        &self.files.location
    }

    async fn put(&self, key: &Key, object: Bytes) -> Result<Put, StoreError> {
        let (files, key) = (Arc::clone(&self.files), key.clone());
        blocking::run_sized(object.len() as u64, move || files.put(&key, &object)).await
    }

    async fn get(&self, key: &Key, at_most: u64) -> Result<Bytes, StoreError> {
        let (files, key) = (Arc::clone(&self.files), key.clone());
        let (path, size) = files.found(&key)?;
        blocking::run_sized(size, move || files.read(&key, (&path, size), at_most)).await
    }

    async fn size(&self, key: &Key) -> Result<u64, StoreError> {
        self.files.found(key).map(|(_, size)| size)
    }

    async fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError> {
        let (files, folder, after) = (Arc::clone(&self.files), folder.clone(), after.cloned());
        blocking::run(move || files.list(&folder, after.as_ref())).await
    }

    async fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError> {
        let (files, folder) = (Arc::clone(&self.files), folder.clone());
        blocking::run(move || files.folders(&folder)).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.files.delete(key)
    }
}
