//! Objects as files below a folder: what a directory store does, each at once and on the thread that asks for it.

use super::walk::{self, is_absence};
use crate::{Access, Action, Key, OpenError, Page, Put, StoreError};
use bytes::Bytes;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Where files are while they are written. No key begins with a dot.
pub(super) const PARTIAL: &str = ".partial";
/// When a file in [`PARTIAL`] can no longer be one that somebody is writing.
pub(super) const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a write makes the folders it needs, while somebody else removes them for being empty.
const ATTEMPTS: usize = 8;

/// The objects of a store.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    pub(super) location: String,
    access: Access,
}

impl Files {
    /// The objects in the folder `path`. It is created where it is to be written and does not exist.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, OpenError> {
        let location = path.display().to_string();
        let failed = |error| OpenError::Io { location: location.clone(), access, error };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(OpenError::NotAFolder(location)),
            Err(error) if error.kind() == ErrorKind::NotFound && access == Access::Read => {
                return Err(OpenError::Missing(location));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(path).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        }
        // Absolute, so that the store stays where it is when the process changes its folder.
        let root = fs::canonicalize(path).map_err(failed)?;
        if access == Access::Write {
            // Done now, so that a folder that cannot be written is known before anything is recorded.
            let partial = root.join(PARTIAL);
            match fs::create_dir(&partial) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
                _ => {}
            }
            if !fs::symlink_metadata(&partial).map_err(failed)?.is_dir() {
                let obstacle = format!("its `{PARTIAL}` is not a folder; remove it");
                return Err(OpenError::Obstructed { location, obstacle });
            }
            prepare(&partial).map_err(failed)?;
        }
        Ok(Self { root, location, access })
    }

    /// The path of `key` and what is there, having made sure that no link is on the way.
    fn look(&self, action: Action, key: &Key) -> Result<(PathBuf, Option<Metadata>), StoreError> {
        let mut path = self.root.clone();
        let mut last = None;
        for part in key.parts() {
            path.push(part);
            last = match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() => {
                    let obstacle =
                        format!("`{part}` is a symbolic link, and none is followed; put a copy in its place");
                    return Err(self.refused(action, key, obstacle));
                }
                Ok(metadata) => Some(metadata),
                Err(error) if is_absence(&error) => None,
                Err(error) => return Err(self.io(action, key, error)),
            };
        }
        Ok((path, last))
    }

    /// The path of the object `key` and what is known of its file. `None`: there is none.
    fn find(&self, action: Action, key: &Key) -> Result<Option<(PathBuf, Metadata)>, StoreError> {
        match self.look(action, key)? {
            (path, Some(metadata)) if metadata.is_file() => Ok(Some((path, metadata))),
            (_, Some(metadata)) if !metadata.is_dir() => {
                // Reading a pipe or a device may never end.
                Err(self.refused(action, key, "it is not a regular file; move it away".to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// Finds the object `key`: its path, and how many bytes it has.
    pub(super) fn found(&self, key: &Key) -> Result<(PathBuf, u64), StoreError> {
        match self.find(Action::Read, key)? {
            Some((path, metadata)) => Ok((path, metadata.len())),
            None => Err(self.not_found(key)),
        }
    }

    /// Reads the object `key`, which was [found](Self::found).
    pub(super) fn read(
        &self,
        key: &Key,
        (path, size): (&Path, u64),
        at_most: u64,
    ) -> Result<Bytes, StoreError> {
        let too_large =
            |size| StoreError::TooLarge { key: key.clone(), location: self.location.clone(), size, at_most };
        if size > at_most {
            return Err(too_large(size));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // Some files are longer than they say, such as those of `/proc`.
        let read =
            File::open(path).and_then(|file| file.take(at_most.saturating_add(1)).read_to_end(&mut bytes));
        match read {
            Ok(_) if bytes.len() as u64 > at_most => Err(too_large(bytes.len() as u64)),
            Ok(_) => Ok(bytes.into()),
            Err(error) if is_absence(&error) => Err(self.not_found(key)),
            Err(error) => Err(self.io(Action::Read, key, error)),
        }
    }

    /// Does what [`Store::put`](crate::Store::put) does.
    pub(super) fn put(&self, key: &Key, object: &Bytes) -> Result<Put, StoreError> {
        self.writable(Action::Write, key)?;
        let (path, _) = self.look(Action::Write, key)?;
        let mut result = self.write(&path, object);
        for _ in 0..ATTEMPTS {
            if !matches!(&result, Err(error) if error.kind() == ErrorKind::NotFound) {
                break;
            }
            result = self.make_folders(&path).and_then(|()| self.write(&path, object));
        }
        match result {
            Ok(()) => Ok(Put::Created),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let present = self
                    .found(key)
                    .and_then(|(path, size)| self.read(key, (&path, size), object.len() as u64));
                match present {
                    Ok(present) if present == object => Ok(Put::Unchanged),
                    Err(error @ (StoreError::Io { .. } | StoreError::Refused { .. })) => Err(error),
                    _ => Err(StoreError::Exists { key: key.clone(), location: self.location.clone() }),
                }
            }
            Err(error) => Err(self.io(Action::Write, key, error)),
        }
    }

    /// Does what [`Store::list`](crate::Store::list) does.
    pub(super) fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError> {
        let (path, _) = self.look(Action::List, folder)?;
        walk::page(&path, folder, after).map_err(|error| self.io(Action::List, folder, error))
    }

    /// Does what [`Store::folders`](crate::Store::folders) does.
    pub(super) fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError> {
        let (path, _) = self.look(Action::List, folder)?;
        walk::folders(&path, folder).map_err(|error| self.io(Action::List, folder, error))
    }

    /// Does what [`Store::delete`](crate::Store::delete) does.
    pub(super) fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.writable(Action::Delete, key)?;
        let Some((path, _)) = self.find(Action::Delete, key)? else { return Ok(()) };
        match fs::remove_file(&path) {
            Err(error) if !is_absence(&error) => return Err(self.io(Action::Delete, key, error)),
            _ => {}
        }
        // An empty folder stands for nothing. The first that is not empty, or is in use, ends this.
        for folder in path.ancestors().skip(1).take_while(|folder| **folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, path: &Path, object: &[u8]) -> io::Result<()> {
        let mut file = new_file(&self.root.join(PARTIAL))?;
        file.as_file_mut().write_all(object)?;
        file.persist_noclobber(path)?;
        Ok(())
    }

    /// Makes the folders that writing to `path` needs, without a say on whether they are there afterwards: others
    /// make and remove them at the same time.
    fn make_folders(&self, path: &Path) -> io::Result<()> {
        for folder in [&self.root.join(PARTIAL), path.parent().unwrap_or(&self.root)] {
            match fs::create_dir_all(folder) {
                Err(error) if !matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn not_found(&self, key: &Key) -> StoreError {
        StoreError::NotFound { key: key.clone(), location: self.location.clone() }
    }

    fn refused(&self, action: Action, key: &Key, obstacle: String) -> StoreError {
        StoreError::Refused { action, key: key.clone(), location: self.location.clone(), obstacle }
    }

    fn io(&self, action: Action, key: &Key, error: io::Error) -> StoreError {
        StoreError::Io { action, key: key.clone(), location: self.location.clone(), error }
    }

    fn writable(&self, action: Action, key: &Key) -> Result<(), StoreError> {
        match self.access {
            Access::Write => Ok(()),
            Access::Read => {
                Err(StoreError::ReadOnly { action, key: key.clone(), location: self.location.clone() })
            }
        }
    }
}

/// A new file in `partial`, gone again when it is dropped.
///
/// Made here and not by `tempfile`, whose errors name the file, which says nothing to anybody.
fn new_file(partial: &Path) -> io::Result<NamedTempFile<File>> {
    tempfile::Builder::new().prefix("").make_in(partial, |path| File::create_new(path))
}

/// Makes sure that files can be written in `partial`, and removes what killed processes left there.
pub(super) fn prepare(partial: &Path) -> io::Result<()> {
    // Only doing it tells: permissions, quotas and mounts all have a say.
    let probe = new_file(partial)?;
    fs::remove_file(probe.path())?;
    for entry in fs::read_dir(partial)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|time| time.elapsed());
        if matches!(age, Ok(Ok(age)) if age > STALE) {
            // It is in nobody's way; the next one to open the folder tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
