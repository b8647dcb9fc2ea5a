//! Listing the files below a folder, in the order of their keys. Follows no links and opens no files.

use crate::{Key, Page};
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How many keys end a page, once the folder that they are reached in is read to its end: none is read twice.
const PAGE: usize = 1_000;

/// The keys of the files below `path`, which is the folder `folder`, after `after`.
pub(super) fn page(path: &Path, folder: &Key, after: Option<&Key>) -> io::Result<Page> {
    let mut keys = Vec::new();
    let walked = walk(path, folder, after, &mut keys)?;
    Ok(Page { keys, more: walked.is_break() })
}

/// The names of the folders in `path`, which is the folder `folder`, that have a file in them, however deep.
pub(super) fn folders(path: &Path, folder: &Key) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in entries(path, folder)? {
        let Entry { sort, key, path } = entry?;
        if sort == Sort::Folder && holds_any(&path, &key)? {
            names.extend(key.parts().last().map(str::to_owned));
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn walk(path: &Path, folder: &Key, after: Option<&Key>, keys: &mut Vec<Key>) -> io::Result<ControlFlow<()>> {
    let mut entries = entries(path, folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by(|a, b| a.rank().cmp(b.rank()));
    for entry in entries {
        let comes_after = after.is_none_or(|after| entry.rank().gt(after.as_str().bytes()));
        let Entry { sort, key, path } = entry;
        if sort == Sort::File {
            keys.extend(comes_after.then_some(key));
        } else if (comes_after || after.is_some_and(|after| after.is_in(&key)))
            && walk(&path, &key, after, keys)?.is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(if keys.len() < PAGE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
}

/// Whether there is a file below `path`, which is the folder `folder`.
fn holds_any(path: &Path, folder: &Key) -> io::Result<bool> {
    for entry in entries(path, folder)? {
        let Entry { sort, key, path } = entry?;
        if sort == Sort::File || holds_any(&path, &key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A file or folder that has a place in a store. Whatever else there is belongs to somebody else.
struct Entry {
    sort: Sort,
    key: Key,
    path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    File,
    Folder,
}

impl Entry {
    /// What to order by to have all files in the order of their keys: `a-b/c` comes before `a/c`.
    fn rank(&self) -> impl Iterator<Item = u8> {
        let slash = (self.sort == Sort::Folder).then_some(b'/');
        self.key.as_str().bytes().chain(slash)
    }
}

/// What is directly in `path`, which is the folder `folder`. A folder that is not there, or not any more, is empty.
fn entries(path: &Path, folder: &Key) -> io::Result<impl Iterator<Item = io::Result<Entry>>> {
    let found = match fs::read_dir(path) {
        Err(error) if is_absence(&error) => None,
        found => Some(found?),
    };
    Ok(found
        .into_iter()
        .flatten()
        .filter_map(|found| found.and_then(|found| entry(&found, folder)).transpose()))
}

fn entry(found: &DirEntry, folder: &Key) -> io::Result<Option<Entry>> {
    let Some(key) = found.file_name().to_str().and_then(|name| folder.join(name).ok()) else {
        return Ok(None);
    };
    let sort = match found.file_type()? {
        file_type if file_type.is_file() => Sort::File,
        file_type if file_type.is_dir() => Sort::Folder,
        _ => return Ok(None),
    };
    Ok(Some(Entry { sort, key, path: found.path() }))
}

/// Whether `error` says that there is no such file, or no such folder to look for it in.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
