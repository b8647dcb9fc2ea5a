//! Looking at what is there: at names, into folders, into files.

use super::code;
use super::memory::Memory;
use super::open::Open;
use super::overlay::{Owned, OwnedFile};
use super::place::Place;
use super::roots::{self, Roots};
use super::source::Source;
use super::unseen::Purpose;
use super::view::{FilesView, diverged};
use bytes::Bytes;
use playback_recording::{Content, Entry, EntryKind, Look, Sight};
use playback_tape::{Looked, Unseen};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::iter;
use std::sync::Arc;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// Whether something is there because a recorded value names it.
fn is_restored(owned: &Owned) -> bool {
    matches!(owned, Owned::File(OwnedFile { is_restored: true, .. }))
}

impl FilesView<'_> {
    /// What is at `place`, which this call of the service names for this purpose.
    pub(super) fn entry(&mut self, place: &Place, asked: (&str, Purpose)) -> FsResult<Sight> {
        self.look_at(place, |roots| roots.entry(place), asked)
    }

    /// What is known of an open file or folder.
    pub(super) fn entry_of(&mut self, open: &Open) -> FsResult<Sight> {
        let place = &open.place;
        let live = |roots: &Roots| match &open.handle {
            Some(file) => roots::entry_of_file(file),
            None => roots.entry(place),
        };
        let sight = self.look_at(place, live, ("stat", Purpose::Probe))?;
        match &open.memory {
            // It is what it is, though its name may be gone or another's by now.
            Some(memory) => {
                let owned = Owned::File(OwnedFile {
                    memory: Some(memory.clone()),
                    is_other: true,
                    is_restored: false,
                });
                Ok(self.made(&owned, Some(sight)))
            }
            None => Ok(sight),
        }
    }

    fn look_at(
        &mut self,
        place: &Place,
        live: impl FnOnce(&Roots) -> io::Result<Sight>,
        (call, purpose): (&str, Purpose),
    ) -> FsResult<Sight> {
        let path = place.path();
        let owned = self.files.overlay.get(path).cloned();
        let is_hidden = self.files.overlay.is_new_folder(place.folders());
        let is_own = owned.as_ref().is_some_and(|owned| !is_restored(owned)) || is_hidden;
        let look = if is_own { Look::Own } else { Look::Entry };
        match (self.look(place, look, live)?, owned) {
            (Looked::Live(seen), _) => Ok(seen),
            (looked, Some(owned)) => Ok(self.made(&owned, looked.known())),
            (_, None) if is_hidden => Ok(Sight::Absent),
            (Looked::Recorded(seen), None) => Ok(seen),
            (Looked::Unrecorded, None) => self.unseen_entry(place, call, purpose),
        }
    }

    /// Looks at what is at `place`, and puts it on the tape; on replay, what was seen then.
    fn look(
        &mut self,
        place: &Place,
        look: Look,
        live: impl FnOnce(&Roots) -> io::Result<Sight>,
    ) -> FsResult<Looked> {
        let (mut live, mut lack) = (Some(live), None);
        let mut see = || match live.take().map(|live| live(&self.files.roots)) {
            Some(Ok(sight)) => sight,
            Some(Err(error)) => {
                lack = Some(error);
                Sight::Absent
            }
            None => Sight::Absent,
        };
        let looked = self.tape.files_mut().look(place.path(), look, &mut see);
        lack.map_or(Ok(looked), |error| Err(code::returned(&error)))
    }

    /// What something of the service's own making looks like on replay: its times are those that were recorded, of code
    /// that never looked the time at which the recording began.
    pub(super) fn made(&self, owned: &Owned, seen: Option<Sight>) -> Sight {
        let (kind, target, size) = match owned {
            Owned::Removed => return Sight::Absent,
            Owned::Folder { .. } => (EntryKind::Folder, None, 0),
            Owned::Link(target) => (EntryKind::Link, Some(target.clone()), target.len() as u64),
            Owned::File(OwnedFile { memory, .. }) => {
                (EntryKind::File, None, memory.as_ref().map_or(0, |memory| memory.size()))
            }
        };
        let began = self.tape.files().began_at();
        let seen = match seen {
            Some(Sight::Entry(entry)) => entry,
            _ => Entry {
                kind,
                target: None,
                size,
                links: 1,
                accessed: Some(began),
                modified: Some(began),
                created: Some(began),
            },
        };
        // How large a folder is its file system's business.
        let size = if kind == EntryKind::Folder { seen.size } else { size };
        Sight::Entry(Entry { kind, target, size, ..seen })
    }

    /// Puts on the tape that the service made or removed what is called so. Else code that does not do it would find it
    /// done, where only a listing tells.
    pub(super) fn mark(&mut self, place: &Place) -> FsResult<()> {
        self.look(place, Look::Own, |roots| roots.entry(place)).map(drop)
    }

    /// The names in a folder.
    pub(super) fn listing(&mut self, place: &Place) -> FsResult<Vec<(String, EntryKind)>> {
        self.listing_for("read-directory", place, |roots| roots.listing(place))
    }

    /// The names in a folder, that `call` asks for.
    pub(super) fn listing_for(
        &mut self,
        call: &str,
        place: &Place,
        live: impl FnOnce(&Roots) -> io::Result<Sight>,
    ) -> FsResult<Vec<(String, EntryKind)>> {
        let path = place.path();
        let looked = self.look(place, Look::Listing, live)?;
        let is_new = self.files.overlay.is_new_folder(iter::once(path).chain(place.folders()));
        match looked {
            Looked::Live(seen) => names(seen),
            Looked::Recorded(seen) => Ok(self.own_listing(place, names(seen)?, is_new)),
            Looked::Unrecorded if is_new => Ok(self.own_listing(place, Vec::new(), is_new)),
            Looked::Unrecorded => Err(self.unseen(call, place, Unseen::Listing)),
        }
    }

    /// What a folder has on replay of which these names were listed. What the service itself had made when it was recorded
    /// is not there before it makes it again, and what it had removed is.
    fn own_listing(
        &self,
        place: &Place,
        recorded: Vec<(String, EntryKind)>,
        is_new: bool,
    ) -> Vec<(String, EntryKind)> {
        let (path, overlay, tape) = (place.path(), &self.files.overlay, self.tape.files());
        let known: HashSet<String> = recorded.iter().map(|(name, _)| name.clone()).collect();
        let there = recorded.into_iter().filter_map(|(name, kind)| {
            let child = place.join(&name);
            let is_there = || overlay.is_left_behind(child.path()) || !tape.was_made(path, child.path());
            match overlay.get(child.path()) {
                Some(owned) => kind_of(owned).map(|kind| (name, kind)),
                None => (!is_new && is_there()).then_some((name, kind)),
            }
        });
        let made = overlay.names(path).filter(|(name, _)| !known.contains(*name));
        let made = made.filter_map(|(name, owned)| Some((name.to_owned(), kind_of(owned)?)));
        let removed = if is_new { Vec::new() } else { tape.removed(path) };
        let removed = removed.into_iter().filter(|(name, _)| {
            let child = place.join(name);
            let is_changed = overlay.get(child.path()).is_some() || overlay.is_left_behind(child.path());
            !known.contains(name) && !is_changed
        });
        there.chain(made).chain(removed).collect()
    }

    /// Where the bytes of an open file come from.
    pub(super) fn source(&mut self, open: &mut Open) -> FsResult<Source> {
        if let Some(memory) = &open.memory {
            return self.memory_source(&open.place, memory.clone());
        }
        let written = match self.files.overlay.get(open.place.path()) {
            Some(Owned::File(file)) if !file.is_other => Some(file.memory.clone()),
            _ => None,
        };
        match (written, &open.handle, &open.snapshot) {
            (Some(Some(memory)), ..) => self.memory_source(&open.place, memory),
            (Some(None), Some(file), _) => Ok(Source::Disk(file.clone())),
            (_, Some(file), _) if open.is_own => Ok(Source::Disk(file.clone())),
            (_, _, Some(bytes)) => Ok(Source::Bytes(bytes.clone())),
            (_, Some(file), None) => {
                let file = file.clone();
                match self.read(&open.place, &file)? {
                    Some(bytes) => Ok(Source::Bytes(open.snapshot.insert(bytes).clone())),
                    None => Ok(Source::Disk(file)),
                }
            }
            (_, None, None) => {
                let bytes = self.recorded_bytes(&open.place)?;
                let bytes = bytes.map_err(|what| self.unseen("read", &open.place, what))?;
                Ok(Source::Bytes(open.snapshot.insert(bytes).clone()))
            }
        }
    }

    fn memory_source(&self, place: &Place, memory: Arc<Memory>) -> FsResult<Source> {
        match memory.is_known() {
            true => Ok(Source::Memory(memory)),
            false if memory.is_unread() => Err(self.unseen("read", place, Unseen::Content)),
            false => Err(self.unseen("read", place, Unseen::TooLarge { size: memory.size() })),
        }
    }

    /// Reads a file for the recording. `None`: it is too large, or there is no recording any more.
    pub(super) fn read(&mut self, place: &Place, file: &File) -> FsResult<Option<Bytes>> {
        if self.tape.remarks().is_lost() || self.tape.is_untaped() {
            return Ok(None);
        }
        let (bytes, sight) = match roots::read(file, self.files.largest) {
            Ok(Ok(bytes)) => {
                let bytes = Bytes::from(bytes);
                let content = self.tape.files_mut().content(&bytes);
                (Some(bytes), Sight::Content(content))
            }
            Ok(Err(size)) => (None, Sight::Content(Content::TooLarge { size })),
            Err(error) => (None, code::failed(error).map_err(|error| code::returned(&error))?),
        };
        match self.tape.files_mut().look(place.path(), Look::Content, &mut || sight.clone()).known() {
            Some(Sight::Failed(code)) => Err(code::parse(&code).into()),
            _ => Ok(bytes),
        }
    }

    /// What was read of a file when it was recorded, or why that is not known.
    pub(super) fn recorded_bytes(&mut self, place: &Place) -> FsResult<Result<Bytes, Unseen>> {
        match self.tape.files_mut().look(place.path(), Look::Content, &mut || Sight::Absent).known() {
            Some(Sight::Content(Content::Kept { digest, .. })) => {
                Ok(self.tape.files().recorded_content(&digest).ok_or(Unseen::Content))
            }
            Some(Sight::Content(Content::TooLarge { size })) => Ok(Err(Unseen::TooLarge { size })),
            Some(Sight::Failed(code)) => Err(code::parse(&code).into()),
            _ => Ok(Err(Unseen::Content)),
        }
    }

    /// The error that says that the recording does not show `what` of `place`.
    pub(super) fn unseen(&self, call: &str, place: &Place, what: Unseen) -> wasmtime_wasi::p2::FsError {
        match self.tape.files().unseen(call, place.path(), what) {
            Some(divergence) => diverged(divergence),
            None => ErrorCode::Io.into(),
        }
    }
}

fn names(seen: Sight) -> FsResult<Vec<(String, EntryKind)>> {
    match seen {
        Sight::Listing(names) => Ok(names),
        Sight::Failed(code) => Err(code::parse(&code).into()),
        _ => Err(ErrorCode::NoEntry.into()),
    }
}

/// What something of the service's own making is; `None`: gone.
fn kind_of(owned: &Owned) -> Option<EntryKind> {
    match owned {
        Owned::Removed => None,
        Owned::Folder { .. } => Some(EntryKind::Folder),
        Owned::Link(_) => Some(EntryKind::Link),
        Owned::File(_) => Some(EntryKind::File),
    }
}
