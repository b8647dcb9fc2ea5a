//! The functions of `wasi:filesystem`, each in terms of looking, opening, changing and streams.

use super::code;
use super::open::Open;
use super::resolve::LastLink;
use super::source::CHUNK;
use super::streams::{Reader, WriteError, Writer};
use super::unseen::Purpose;
use super::view::FilesView;
use super::wit::{Times, hash, last_link, stat_of, type_of};
use cap_primitives::fs::set_times_nofollow;
use playback_recording::{Entry, EntryKind, Sight};
use types::{
    Advice, Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> Result<Vec<(Resource<Descriptor>, String)>> {
        let roots = self.files.roots.clone();
        let opened = roots.places().map(|(place, guest)| {
            let writes = !roots.is_read_only(&place);
            Ok((self.push(Open::folder(place, writes))?, guest.to_owned()))
        });
        opened.collect()
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> Result<Option<ErrorCode>> {
        Ok(self.table.get(&error)?.downcast_ref::<ErrorCode>().copied())
    }
}

impl types::HostDescriptor for FilesView<'_> {
    async fn advise(&mut self, handle: Resource<Descriptor>, _: u64, _: u64, _: Advice) -> FsResult<()> {
        self.file(&handle).map(drop)
    }

    async fn sync_data(&mut self, handle: Resource<Descriptor>) -> FsResult<()> {
        self.sync_with(&handle, "sync-data", |file| file.sync_data())
    }

    async fn sync(&mut self, handle: Resource<Descriptor>) -> FsResult<()> {
        self.sync_with(&handle, "sync", |file| file.sync_all())
    }

    async fn get_flags(&mut self, handle: Resource<Descriptor>) -> FsResult<DescriptorFlags> {
        let open = self.opened(&handle).map_err(FsError::trap)?;
        let writes = if open.is_folder { DescriptorFlags::MUTATE_DIRECTORY } else { DescriptorFlags::WRITE };
        let flag = |is_set: bool, flag| if is_set { flag } else { DescriptorFlags::empty() };
        Ok(flag(open.reads, DescriptorFlags::READ) | flag(open.writes, writes))
    }

    async fn get_type(&mut self, handle: Resource<Descriptor>) -> FsResult<DescriptorType> {
        let open = self.opened(&handle).map_err(FsError::trap)?;
        Ok(if open.is_folder { DescriptorType::Directory } else { DescriptorType::RegularFile })
    }

    async fn set_size(&mut self, handle: Resource<Descriptor>, size: u64) -> FsResult<()> {
        let open = self.file(&handle)?;
        if self.files.roots.is_read_only(&open.place) {
            return Err(ErrorCode::NotPermitted.into());
        }
        if !open.writes {
            return Err(ErrorCode::Invalid.into());
        }
        let file = open.handle.clone();
        self.attempt("set-size", open.place.path(), |_| file.map_or(Ok(()), |file| file.set_len(size)))?;
        if let Some(memory) = &open.memory {
            memory.resize(size).map_err(FsError::trap)?;
        }
        Ok(())
    }

    async fn set_times(
        &mut self,
        handle: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let open = self.opened(&handle).map_err(FsError::trap)?;
        if self.files.roots.is_read_only(&open.place) {
            return Err(ErrorCode::NotPermitted.into());
        }
        let times = Times::new(accessed, modified)?;
        let (place, file) = (&open.place, open.handle.clone());
        self.attempt("set-times", place.path(), |roots| match file {
            Some(file) => file.set_times(times.of_file()),
            None => roots.directory(place)?.open(place.relative())?.into_std().set_times(times.of_file()),
        })?;
        Ok(())
    }

    async fn read(
        &mut self,
        handle: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> FsResult<(Vec<u8>, bool)> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(CHUNK);
        let read = self.readable(&handle)?.read_once(offset, length);
        read.map_err(|error| code::returned(&error))
    }

    async fn write(&mut self, handle: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        match self.writable(&handle)?.write(Some(offset), &bytes) {
            Ok(_) => Ok(bytes.len() as u64),
            Err(WriteError::Refused(code)) => Err(code.into()),
            Err(WriteError::Stopped(error)) => Err(FsError::trap(error)),
        }
    }

    async fn read_directory(
        &mut self,
        handle: Resource<Descriptor>,
    ) -> FsResult<Resource<DirectoryEntryStream>> {
        let open = self.folder(&handle)?;
        let names = self.listing(&open.place)?;
        self.push_listing(names).map_err(FsError::trap)
    }

    async fn create_directory_at(&mut self, handle: Resource<Descriptor>, path: String) -> FsResult<()> {
        let folder = self.folder(&handle)?;
        self.create_folder(&folder, &path)
    }

    async fn stat(&mut self, handle: Resource<Descriptor>) -> FsResult<DescriptorStat> {
        let open = self.opened(&handle).map_err(FsError::trap)?;
        let sight = self.entry_of(&open)?;
        stat_of(&sight)
    }

    async fn stat_at(
        &mut self,
        handle: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        let folder = self.folder(&handle)?;
        let target = self.resolve(&folder.place, &path, last_link(flags), ("stat-at", Purpose::Probe))?;
        stat_of(&target.sight)
    }

    async fn set_times_at(
        &mut self,
        handle: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let folder = self.folder(&handle)?;
        let times = Times::new(accessed, modified)?;
        let target =
            self.resolve(&folder.place, &path, last_link(flags), ("set-times-at", Purpose::Probe))?;
        if self.files.roots.is_read_only(&target.place) {
            return Err(ErrorCode::NotPermitted.into());
        }
        let is_link = match target.sight {
            Sight::Entry(Entry { kind: EntryKind::File | EntryKind::Folder, .. }) => false,
            Sight::Entry(Entry { kind: EntryKind::Link, .. }) => true,
            Sight::Entry(_) => return Err(ErrorCode::Unsupported.into()),
            _ => return Err(ErrorCode::NoEntry.into()),
        };
        let place = target.place;
        self.attempt("set-times-at", place.path(), |roots| {
            let directory = roots.directory(&place)?;
            if is_link {
                let (directory, (accessed, modified)) =
                    (directory.try_clone()?.into_std_file(), times.of_link());
                return set_times_nofollow(&directory, place.relative().as_ref(), accessed, modified);
            }
            directory.open(place.relative())?.into_std().set_times(times.of_file())
        })?;
        Ok(())
    }

    async fn link_at(
        &mut self,
        handle: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        other: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        if flags.contains(PathFlags::SYMLINK_FOLLOW) {
            return Err(ErrorCode::Invalid.into());
        }
        let (from, to) = (self.folder(&handle)?, self.folder(&other)?);
        self.make_name((&from, &path), (&to, &new_path))
    }

    async fn open_at(
        &mut self,
        handle: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        open: OpenFlags,
        access: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let folder = self.folder(&handle)?;
        let opened = self.open(&folder, &path, last_link(flags), open, access)?;
        if self.is_of_recording(&opened.place) {
            self.tape.epochs_mut().begin_named(opened.place.path());
        }
        self.push(opened).map_err(FsError::trap)
    }

    async fn readlink_at(&mut self, handle: Resource<Descriptor>, path: String) -> FsResult<String> {
        let folder = self.folder(&handle)?;
        let target = self.resolve(&folder.place, &path, LastLink::Itself, ("readlink-at", Purpose::Read))?;
        match target.sight {
            Sight::Entry(Entry { target: Some(target), .. }) if target.starts_with('/') => {
                Err(ErrorCode::NotPermitted.into())
            }
            Sight::Entry(Entry { target: Some(target), .. }) => Ok(target),
            Sight::Entry(_) => Err(ErrorCode::Invalid.into()),
            _ => Err(ErrorCode::NoEntry.into()),
        }
    }

    async fn remove_directory_at(&mut self, handle: Resource<Descriptor>, path: String) -> FsResult<()> {
        let folder = self.folder(&handle)?;
        self.remove_folder(&folder, &path)
    }

    async fn rename_at(
        &mut self,
        handle: Resource<Descriptor>,
        path: String,
        other: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let (from, to) = (self.folder(&handle)?, self.folder(&other)?);
        self.rename((&from, &path), (&to, &new_path))
    }

    async fn symlink_at(&mut self, handle: Resource<Descriptor>, to: String, path: String) -> FsResult<()> {
        let folder = self.folder(&handle)?;
        self.make_link(&folder, &to, &path)
    }

    async fn unlink_file_at(&mut self, handle: Resource<Descriptor>, path: String) -> FsResult<()> {
        let folder = self.folder(&handle)?;
        self.remove_file(&folder, &path)
    }

    fn read_via_stream(
        &mut self,
        handle: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynInputStream>> {
        let source = self.readable(&handle)?;
        let stream: DynInputStream = Box::new(Reader { source, offset });
        Ok(self.table.push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        handle: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynOutputStream>> {
        let sink = self.writable(&handle)?;
        let stream: DynOutputStream = Box::new(Writer { sink, offset: Some(offset) });
        Ok(self.table.push(stream)?)
    }

    fn append_via_stream(&mut self, handle: Resource<Descriptor>) -> FsResult<Resource<DynOutputStream>> {
        let sink = self.writable(&handle)?;
        let stream: DynOutputStream = Box::new(Writer { sink, offset: None });
        Ok(self.table.push(stream)?)
    }

    async fn is_same_object(
        &mut self,
        one: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> Result<bool> {
        let (one, other) = (self.opened(&one)?, self.opened(&other)?);
        let identities = &self.files.identities;
        Ok(identities.of(one.place.path()) == identities.of(other.place.path()))
    }

    async fn metadata_hash(&mut self, handle: Resource<Descriptor>) -> FsResult<MetadataHashValue> {
        let open = self.opened(&handle).map_err(FsError::trap)?;
        Ok(hash(&self.files.identities.of(open.place.path())))
    }

    async fn metadata_hash_at(
        &mut self,
        handle: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        let folder = self.folder(&handle)?;
        let target =
            self.resolve(&folder.place, &path, last_link(flags), ("metadata-hash-at", Purpose::Probe))?;
        match target.sight {
            Sight::Absent => Err(ErrorCode::NoEntry.into()),
            _ => Ok(hash(&self.files.identities.of(target.place.path()))),
        }
    }

    fn drop(&mut self, handle: Resource<Descriptor>) -> Result<()> {
        self.close(&handle)
    }
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        let next = self.listed(&stream).map_err(FsError::trap)?;
        Ok(next.map(|(name, kind)| DirectoryEntry { type_: type_of(kind), name }))
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> Result<()> {
        self.close_listing(&stream)
    }
}
