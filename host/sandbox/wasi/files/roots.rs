//! The granted folders themselves. While recording they are opened with cap-std, which lets no path lead out of them; on
//! replay there is nothing behind their names.

use super::code;
use super::place::Place;
use crate::grants::{Directory, DirectoryAccess};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, Metadata, OpenOptions};
use cap_std::time::SystemTime;
use playback_recording::{Entry, EntryKind, GrantedFolder, Sight};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use tokio::runtime::{Handle, RuntimeFlavor};

/// From how many bytes on reading is announced to tokio, so that other operations on the thread go on.
const LARGE: u64 = 256 << 10;

/// The folders of one service.
#[derive(Debug, Default)]
pub(crate) struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    folder: GrantedFolder,
    directory: Option<Dir>,
}

/// A granted folder that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is not there, or is not a folder, or may not be read.
    #[error("the granted folder `{}` cannot be opened: {error}; check the path", .folder.display())]
    Open {
        /// The folder of the machine.
        folder: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// Two have one name for the service.
    #[error("two granted folders are called `{0}` for the service; give each a name of its own")]
    Name(String),
    /// Two are one folder, or one is inside the other, and one may be changed.
    #[error(
        "the granted folders `{}` and `{}` overlap, and what is changed in one of them shows in the other, which no \
         replay can know; grant the outer one alone, or each with `::ro`", .one.display(), .other.display()
    )]
    Overlap {
        /// One folder of the machine.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
}

impl Roots {
    /// The folders of the machine.
    pub(crate) fn open(directories: &[Directory]) -> Result<Self, FolderError> {
        let open = |directory: &Directory| {
            let opened = Dir::open_ambient_dir(&directory.host, ambient_authority());
            let opened =
                opened.map_err(|error| FolderError::Open { folder: directory.host.clone(), error })?;
            let is_read_only = directory.access == DirectoryAccess::ReadOnly;
            let folder = GrantedFolder { guest: directory.guest.clone(), is_read_only };
            Ok(Root { folder, directory: Some(opened) })
        };
        let roots: Vec<Root> = directories.iter().map(open).collect::<Result<_, _>>()?;
        let name = |root: &Root| root.folder.guest.trim_end_matches('/').to_owned();
        let mut names = HashSet::new();
        match roots.iter().map(name).find(|name| !names.insert(name.clone())) {
            Some(name) => Err(FolderError::Name(name)),
            None => refuse_overlaps(directories).map(|()| Self(roots)),
        }
    }

    /// Folders of these names, with nothing behind them.
    pub(crate) fn recorded(folders: &[GrantedFolder]) -> Self {
        Self(folders.iter().map(|folder| Root { folder: folder.clone(), directory: None }).collect())
    }

    /// Whether nothing of the machine can be changed through them.
    pub(crate) fn are_read_only(&self) -> bool {
        self.0.iter().all(|root| root.folder.is_read_only || root.directory.is_none())
    }

    /// What a tape says of them.
    pub(crate) fn folders(&self) -> Vec<GrantedFolder> {
        self.0.iter().map(|root| root.folder.clone()).collect()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = (Place, &str)> {
        self.0.iter().enumerate().map(|(index, root)| {
            let guest = root.folder.guest.as_str();
            (Place::root(index, guest), guest)
        })
    }

    /// The place that the service calls `path`.
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        // The service sees one folder inside another as the inner one.
        let (root, names) = self
            .places()
            .filter_map(|(root, _)| {
                let names = path.strip_prefix(root.path().trim_end_matches('/'))?.strip_prefix('/')?;
                Some((root, names))
            })
            .min_by_key(|(_, names)| names.len())?;
        Some(names.split('/').fold(root, |place, name| place.join(name)))
    }

    /// The granted folder that the service calls `path`, where it comes to it from one around it.
    pub(super) fn at(&self, path: &str) -> Option<Place> {
        let is_called = |root: &Root| root.folder.guest.trim_end_matches('/') == path;
        let root = self.0.iter().position(is_called)?;
        Some(Place::root(root, path))
    }

    /// Whether a granted folder is somewhere in `folder`, which is in another one.
    pub(super) fn any_in(&self, folder: &Place) -> bool {
        let is_in = |root: &Root| {
            root.folder.guest.strip_prefix(folder.path()).is_some_and(|rest| rest.starts_with('/'))
        };
        self.0.iter().any(is_in)
    }

    pub(super) fn is_read_only(&self, place: &Place) -> bool {
        self.0.get(place.root).is_none_or(|root| root.folder.is_read_only)
    }

    /// The folder of the machine that `place` is in.
    pub(super) fn directory(&self, place: &Place) -> io::Result<&Dir> {
        let directory = self.0.get(place.root).and_then(|root| root.directory.as_ref());
        directory.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// What is there.
    ///
    /// # Errors
    ///
    /// The machine lacks what it takes to look.
    pub(super) fn entry(&self, place: &Place) -> io::Result<Sight> {
        match self.try_entry(place) {
            Ok(entry) => Ok(Sight::Entry(entry)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Sight::Absent),
            Err(error) => code::failed(error),
        }
    }

    fn try_entry(&self, place: &Place) -> io::Result<Entry> {
        let directory = self.directory(place)?;
        let metadata = match place.relative() {
            "." => directory.dir_metadata()?,
            path => directory.symlink_metadata(path)?,
        };
        let target = metadata.is_symlink().then(|| directory.read_link_contents(place.relative()));
        let target = target.transpose()?.map(|target| target.into_os_string().into_string());
        let target = target.transpose().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Entry { target, ..entry_of(&metadata) })
    }

    /// What is in the folder.
    ///
    /// # Errors
    ///
    /// The machine lacks what it takes to look.
    pub(super) fn listing(&self, place: &Place) -> io::Result<Sight> {
        let list = || -> io::Result<Vec<(String, EntryKind)>> {
            let entries = self.directory(place)?.read_dir(place.relative())?;
            let named = |entry: io::Result<cap_std::fs::DirEntry>| {
                let entry = entry?;
                let name = entry.file_name().into_string();
                let name = name.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                Ok((name, kind_of(entry.file_type()?)))
            };
            entries.map(named).collect()
        };
        list().map(Sight::Listing).or_else(code::failed)
    }

    /// Opens the file for reading.
    pub(super) fn open_file(&self, place: &Place) -> io::Result<File> {
        self.open_with(place, OpenOptions::new().read(true))
    }

    pub(super) fn open_with(&self, place: &Place, options: &OpenOptions) -> io::Result<File> {
        self.directory(place)?.open_with(place.relative(), options).map(cap_std::fs::File::into_std)
    }

    /// The bytes of the file, or their number where they are more than `largest`.
    pub(super) fn read(&self, place: &Place, largest: u64) -> io::Result<Result<Vec<u8>, u64>> {
        // Opening anything else may wait for whoever is at its other end.
        let metadata = self.directory(place)?.metadata(place.relative())?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.open_file(place).and_then(|file| read(&file, largest))
    }
}

/// Each file is to have one name only, unless nobody changes it: a replay knows files by their names.
fn refuse_overlaps(directories: &[Directory]) -> Result<(), FolderError> {
    let canonical = |directory: &Directory| {
        let open = |error| FolderError::Open { folder: directory.host.clone(), error };
        std::fs::canonicalize(&directory.host).map_err(open)
    };
    let paths: Vec<PathBuf> = directories.iter().map(canonical).collect::<Result<_, _>>()?;
    let folders: Vec<(&Directory, PathBuf)> = directories.iter().zip(paths).collect();
    for (index, (one, path)) in folders.iter().enumerate() {
        for (other, other_path) in folders.iter().skip(index + 1) {
            let overlap = path.starts_with(other_path) || other_path.starts_with(path);
            if overlap && (one.access, other.access) != (DirectoryAccess::ReadOnly, DirectoryAccess::ReadOnly)
            {
                return Err(FolderError::Overlap { one: one.host.clone(), other: other.host.clone() });
            }
        }
    }
    Ok(())
}

/// The bytes of a file, or their number where they are more than `largest`.
pub(super) fn read(file: &File, largest: u64) -> io::Result<Result<Vec<u8>, u64>> {
    let size = file.metadata()?.len();
    if size > largest {
        return Ok(Err(size));
    }
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        // From the start, whatever was read of it before, and not past the limit though it grows.
        io::Seek::seek(&mut &*file, io::SeekFrom::Start(0))?;
        file.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes: Vec<u8> = if size > LARGE { blocking(read)? } else { read()? };
    let size = bytes.len() as u64;
    Ok(if size > largest { Err(size) } else { Ok(bytes) })
}

/// Does something that takes its time.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// What is known of an open file.
///
/// # Errors
///
/// The machine lacks what it takes to look.
pub(super) fn entry_of_file(file: &File) -> io::Result<Sight> {
    Metadata::from_file(file).map(|metadata| Sight::Entry(entry_of(&metadata))).or_else(code::failed)
}

fn entry_of(metadata: &Metadata) -> Entry {
    let nanoseconds = |time: io::Result<SystemTime>| {
        let time = time.ok()?.into_std().duration_since(std::time::UNIX_EPOCH).ok()?;
        u64::try_from(time.as_nanos()).ok()
    };
    Entry {
        kind: kind_of(metadata.file_type()),
        target: None,
        size: metadata.len(),
        links: links(metadata),
        accessed: nanoseconds(metadata.accessed()),
        modified: nanoseconds(metadata.modified()),
        created: nanoseconds(metadata.created()),
    }
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    cap_std::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}

fn kind_of(kind: FileType) -> EntryKind {
    match kind {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Folder,
        kind if kind.is_symlink() => EntryKind::Link,
        _ => EntryKind::Other,
    }
}
