//! Opening files and folders.

use super::code;
use super::memory::Memory;
use super::overlay::{Owned, OwnedFile};
use super::place::Place;
use super::resolve::{LastLink, Target};
use super::unseen::Purpose;
use super::view::FilesView;
use crate::failure;
use bytes::Bytes;
use cap_std::fs::OpenOptions;
use playback_recording::{Entry, EntryKind, Sight};
use playback_tape::Unseen;
use std::fs::File;
use std::io;
use std::sync::Arc;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags};

/// An open file or folder.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) is_folder: bool,
    pub(super) reads: bool,
    pub(super) writes: bool,
    /// The file in the folder, while recording.
    pub(super) handle: Option<Arc<File>>,
    /// The bytes of a file that the service had changed before, or is to change, on replay.
    pub(super) memory: Option<Arc<Memory>>,
    /// Whether the service had changed the file before, or is to change it.
    pub(super) is_own: bool,
    /// What was read of it, which is what it is for as long as it is open.
    pub(super) snapshot: Option<Bytes>,
}

/// How something is to be opened.
#[derive(Clone, Copy)]
struct How {
    open: OpenFlags,
    reads: bool,
    writes: bool,
}

impl Open {
    /// A folder.
    pub(super) fn folder(place: Place, writes: bool) -> Self {
        let (handle, memory, snapshot) = (None, None, None);
        Self { place, is_folder: true, reads: true, writes, handle, memory, is_own: false, snapshot }
    }
}

impl FilesView<'_> {
    /// Opens `path` below `folder`.
    pub(super) fn open(
        &mut self,
        folder: &Open,
        path: &str,
        last: LastLink,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Open> {
        let changes = OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let writes = flags.contains(DescriptorFlags::WRITE) || open.intersects(changes);
        let reads = flags.contains(DescriptorFlags::READ) || !writes;
        refuse_unsupported(open, flags)?;
        let makes = open.contains(OpenFlags::CREATE);
        let purpose = if makes { Purpose::Change } else { Purpose::Read };
        let target = self.resolve(&folder.place, path, last, ("open-at", purpose))?;
        if writes && self.files.roots.is_read_only(&target.place) {
            return Err(ErrorCode::NotPermitted.into());
        }
        let how = How { open, reads, writes };
        let is_new = open.contains(OpenFlags::CREATE | OpenFlags::EXCLUSIVE);
        let Sight::Entry(Entry { kind, size, .. }) = target.sight else { return self.create(target, how) };
        match kind {
            _ if is_new => Err(ErrorCode::Exist.into()),
            EntryKind::Folder if writes => Err(ErrorCode::IsDirectory.into()),
            EntryKind::Folder => {
                let mutates = flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
                Ok(Open::folder(target.place, mutates))
            }
            EntryKind::Link => Err(ErrorCode::Loop.into()),
            _ if open.contains(OpenFlags::DIRECTORY) => Err(ErrorCode::NotDirectory.into()),
            EntryKind::File if writes => self.open_for_writing(target.place, size, how),
            EntryKind::File => self.open_for_reading(target.place),
            // A pipe or a device can wait for ever, and is not the same twice.
            EntryKind::Other => Err(ErrorCode::NotPermitted.into()),
        }
    }

    /// Makes a file where nothing is.
    fn create(&mut self, target: Target, how: How) -> FsResult<Open> {
        let Target { place, is_folder, .. } = target;
        match how.open.contains(OpenFlags::CREATE) {
            false => return Err(ErrorCode::NoEntry.into()),
            true if is_folder => return Err(ErrorCode::IsDirectory.into()),
            true => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let handle = self.attempt_open(&place, &options)?;
        let memory = self.memory_for(handle.as_ref());
        let file = OwnedFile { memory: memory.clone(), is_other: true, is_restored: false };
        self.files.overlay.put(place.path(), false, Owned::File(file));
        self.mark(&place)?;
        let (How { reads, writes, .. }, snapshot) = (how, None);
        Ok(Open { place, is_folder: false, reads, writes, handle, memory, is_own: true, snapshot })
    }

    /// Opens a file of `size` bytes that the service may change. What was in it is read first: what it leaves is made of that.
    fn open_for_writing(&mut self, place: Place, size: u64, how: How) -> FsResult<Open> {
        let truncates = how.open.contains(OpenFlags::TRUNCATE);
        let owned = match self.files.overlay.get(place.path()) {
            Some(Owned::File(file)) => Some(file.clone()),
            _ => None,
        };
        let mut options = OpenOptions::new();
        // Reading what was there takes a file that can be read.
        options.read(how.reads || !truncates).write(true).truncate(truncates);
        let handle = self.attempt_open(&place, &options)?;
        let memory = match (&owned, &handle) {
            (Some(file), _) => file.memory.clone(),
            (None, Some(file)) => {
                if !truncates {
                    self.read(&place, file)?;
                }
                None
            }
            (None, None) if truncates => self.memory_for(None),
            (None, None) => Some(self.recorded_memory(&place, size)?),
        };
        if truncates && let Some(memory) = &memory {
            memory.resize(0).map_err(wasmtime_wasi::p2::FsError::trap)?;
        }
        let file = match owned {
            // What a body left there is the service's own from here on.
            Some(file) => OwnedFile { is_restored: false, ..file },
            None => OwnedFile { memory: memory.clone(), is_other: false, is_restored: false },
        };
        self.files.overlay.put(place.path(), true, Owned::File(file));
        let (How { reads, writes, .. }, snapshot) = (how, None);
        Ok(Open { place, is_folder: false, reads, writes, handle, memory, is_own: true, snapshot })
    }

    fn open_for_reading(&mut self, place: Place) -> FsResult<Open> {
        let handle = self.attempt_open(&place, OpenOptions::new().read(true))?;
        let (memory, is_own) = match self.files.overlay.get(place.path()) {
            Some(Owned::File(file)) => (file.memory.clone(), true),
            _ => (None, false),
        };
        let (reads, writes, snapshot) = (true, false, None);
        Ok(Open { place, is_folder: false, reads, writes, handle, memory, is_own, snapshot })
    }

    fn attempt_open(&mut self, place: &Place, options: &OpenOptions) -> FsResult<Option<Arc<File>>> {
        let opened = self.attempt("open-at", place.path(), |roots| roots.open_with(place, options))?;
        Ok(opened.map(Arc::new))
    }

    /// Tries to do something in the folders of the machine; on replay, whether it was refused when it was recorded.
    pub(super) fn attempt<T>(
        &mut self,
        call: &str,
        path: &str,
        live: impl FnOnce(&super::roots::Roots) -> io::Result<T>,
    ) -> FsResult<Option<T>> {
        let (mut live, mut done, mut lack) = (Some(live), None, None);
        let mut attempt = || match live.take().map(|live| live(&self.files.roots)) {
            Some(Err(error)) => {
                let name = code::name(&error);
                lack = failure::is_lack_of_system(&error).then_some(error);
                Err(name)
            }
            Some(Ok(value)) => {
                done = Some(value);
                Ok(())
            }
            None => Ok(()),
        };
        let attempted = self.tape.files_mut().attempt(call, path, &mut attempt);
        match lack {
            Some(error) => Err(code::returned(&error)),
            None => attempted.map(|()| done).map_err(|code| code::parse(&code).into()),
        }
    }

    /// Where the bytes of a file are that the service makes: in memory, unless the machine has it open.
    fn memory_for(&self, handle: Option<&Arc<File>>) -> Option<Arc<Memory>> {
        let new = || Arc::new(Memory::new(Bytes::new(), self.files.budget.clone()));
        handle.is_none().then(new)
    }

    /// On replay, the recorded bytes of a file of `size` bytes that the service is to change or to move, which it can without
    /// knowing them.
    pub(super) fn recorded_memory(&mut self, place: &Place, size: u64) -> FsResult<Arc<Memory>> {
        let budget = self.files.budget.clone();
        Ok(Arc::new(match self.recorded_bytes(place)? {
            Ok(bytes) => Memory::new(bytes, budget),
            Err(Unseen::TooLarge { size }) => Memory::unknown(size, budget),
            Err(_) => Memory::unread(size, budget),
        }))
    }
}

fn refuse_unsupported(open: OpenFlags, flags: DescriptorFlags) -> FsResult<()> {
    let syncs = DescriptorFlags::FILE_INTEGRITY_SYNC
        | DescriptorFlags::DATA_INTEGRITY_SYNC
        | DescriptorFlags::REQUESTED_WRITE_SYNC;
    let changes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
    match (flags.intersects(syncs), open.contains(OpenFlags::DIRECTORY) && open.intersects(changes)) {
        (true, _) => Err(ErrorCode::Unsupported.into()),
        (_, true) => Err(ErrorCode::Invalid.into()),
        _ => Ok(()),
    }
}
