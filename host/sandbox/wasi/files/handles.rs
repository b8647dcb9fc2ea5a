//! What the service's handles stand for. Their type is wasmtime-wasi's, which holds files of the machine; what is in the
//! table under their number is ours.

use super::open::Open;
use super::place::Place;
use super::source::Source;
use super::streams::Sink;
use super::view::FilesView;
use playback_recording::EntryKind;
use std::fs::File;
use std::io;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::filesystem::types::{Descriptor, DirectoryEntryStream, ErrorCode};
use wasmtime_wasi::p2::{FsError, FsResult};

/// What is left of a listing.
pub(super) struct Listing(std::vec::IntoIter<(String, EntryKind)>);

impl FilesView<'_> {
    /// What is open under this handle.
    pub(super) fn opened(&self, handle: &Resource<Descriptor>) -> Result<Open> {
        Ok(self.table.get(&Resource::<Open>::new_borrow(handle.rep()))?.clone())
    }

    pub(super) fn folder(&self, handle: &Resource<Descriptor>) -> FsResult<Open> {
        let open = self.opened(handle).map_err(FsError::trap)?;
        if open.is_folder { Ok(open) } else { Err(ErrorCode::NotDirectory.into()) }
    }

    pub(super) fn file(&self, handle: &Resource<Descriptor>) -> FsResult<Open> {
        let open = self.opened(handle).map_err(FsError::trap)?;
        if open.is_folder { Err(ErrorCode::BadDescriptor.into()) } else { Ok(open) }
    }

    pub(super) fn push(&mut self, open: Open) -> Result<Resource<Descriptor>> {
        Ok(Resource::new_own(self.table.push(open)?.rep()))
    }

    /// Whether the recorded operation had to do with `place`, or is recorded now: what changed code opens elsewhere does not
    /// disturb the random numbers that follow.
    pub(super) fn is_of_recording(&self, place: &Place) -> bool {
        self.tape.files().knows(place.path())
    }

    /// Where the bytes of an open file come from. What was read of it is kept with the handle.
    pub(super) fn readable(&mut self, handle: &Resource<Descriptor>) -> FsResult<Source> {
        let mut open = self.opened(handle).map_err(FsError::trap)?;
        match (open.is_folder, open.reads) {
            (true, _) => return Err(ErrorCode::IsDirectory.into()),
            (_, false) => return Err(ErrorCode::BadDescriptor.into()),
            _ => {}
        }
        let had_snapshot = open.snapshot.is_some();
        let source = self.source(&mut open)?;
        if !had_snapshot && open.snapshot.is_some() {
            *self.table.get_mut(&Resource::<Open>::new_borrow(handle.rep()))? = open;
        }
        Ok(source)
    }

    /// Where writes to an open file go.
    pub(super) fn writable(&mut self, handle: &Resource<Descriptor>) -> FsResult<Sink> {
        let open = self.file(handle)?;
        let path = open.place.path();
        if self.files.roots.is_read_only(&open.place) {
            return Err(ErrorCode::NotPermitted.into());
        }
        if !open.writes {
            return Err(ErrorCode::BadDescriptor.into());
        }
        let writes = self.files.writes.entry(path.to_owned()).or_default().clone();
        match (open.memory, open.handle) {
            (Some(memory), _) => {
                let refusals = self.tape.files().refusals(super::writes::WRITE, path);
                Ok(Sink::memory(memory, path, writes, refusals))
            }
            (None, Some(file)) => Ok(Sink::disk(file, path, writes, self.files.refusals.clone())),
            (None, None) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// What is left of the listing under this handle.
    pub(super) fn listed(
        &mut self,
        stream: &Resource<DirectoryEntryStream>,
    ) -> Result<Option<(String, EntryKind)>> {
        let listing = self.table.get_mut(&Resource::<Listing>::new_borrow(stream.rep()))?;
        Ok(listing.0.next())
    }

    pub(super) fn push_listing(
        &mut self,
        names: Vec<(String, EntryKind)>,
    ) -> Result<Resource<DirectoryEntryStream>> {
        Ok(Resource::new_own(self.table.push(Listing(names.into_iter()))?.rep()))
    }

    pub(super) fn close_listing(&mut self, stream: &Resource<DirectoryEntryStream>) -> Result<()> {
        self.table.delete(Resource::<Listing>::new_own(stream.rep()))?;
        Ok(())
    }

    pub(super) fn close(&mut self, handle: &Resource<Descriptor>) -> Result<()> {
        self.table.delete(Resource::<Open>::new_own(handle.rep()))?;
        Ok(())
    }

    /// Brings what was written to the disk, while recording.
    pub(super) fn sync_with(
        &mut self,
        handle: &Resource<Descriptor>,
        call: &str,
        sync: impl FnOnce(&File) -> io::Result<()>,
    ) -> FsResult<()> {
        let open = self.opened(handle).map_err(FsError::trap)?;
        let file = open.handle.clone().filter(|_| open.writes);
        self.attempt(call, open.place.path(), |_| file.map_or(Ok(()), |file| sync(&file)))?;
        Ok(())
    }
}
