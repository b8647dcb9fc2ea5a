//! Changing names: making, moving and removing. While recording it is done in the folder; in both modes it is noted, so
//! that what the service sees from then on is what it made of it.

use super::open::Open;
use super::overlay::{Owned, OwnedFile};
use super::place::Place;
use super::resolve::{LastLink, Target};
use super::roots::Roots;
use super::unseen::Purpose;
use super::view::FilesView;
use playback_recording::{Entry, EntryKind, Sight};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{FsError, FsResult};

impl FilesView<'_> {
    pub(super) fn create_folder(&mut self, folder: &Open, path: &str) -> FsResult<()> {
        let target = self.place_to_change(folder, path, ("create-directory-at", Purpose::Change))?;
        absent(&target)?;
        let place = target.place;
        self.attempt("create-directory-at", place.path(), |roots| {
            roots.directory(&place)?.create_dir(place.relative())
        })?;
        self.files.overlay.put(place.path(), false, Owned::Folder { is_new: true });
        self.mark(&place)?;
        Ok(())
    }

    pub(super) fn remove_folder(&mut self, folder: &Open, path: &str) -> FsResult<()> {
        let target = self.place_to_change(folder, path, ("remove-directory-at", Purpose::Change))?;
        match kind(&target)? {
            EntryKind::Folder => {}
            _ => return Err(ErrorCode::NotDirectory.into()),
        }
        self.refuse_around_granted(&target)?;
        let (place, call) = (target.place, "remove-directory-at");
        let removed =
            self.attempt(call, place.path(), |roots| roots.directory(&place)?.remove_dir(place.relative()));
        let is_empty = self.is_empty(call, &place, &removed)?;
        removed?;
        if !is_empty {
            return Err(ErrorCode::NotEmpty.into());
        }
        self.files.overlay.put(place.path(), true, Owned::Removed);
        self.mark(&place)?;
        Ok(())
    }

    pub(super) fn remove_file(&mut self, folder: &Open, path: &str) -> FsResult<()> {
        let target = self.place_to_change(folder, path, ("unlink-file-at", Purpose::Change))?;
        match kind(&target)? {
            EntryKind::Folder => return Err(ErrorCode::IsDirectory.into()),
            _ if target.is_folder => return Err(ErrorCode::NotDirectory.into()),
            _ => {}
        }
        let place = target.place;
        self.attempt("unlink-file-at", place.path(), |roots| {
            roots.directory(&place)?.remove_file(place.relative())
        })?;
        self.files.identities.remove(place.path());
        self.files.overlay.put(place.path(), true, Owned::Removed);
        self.mark(&place)?;
        Ok(())
    }

    pub(super) fn make_link(&mut self, folder: &Open, to: &str, path: &str) -> FsResult<()> {
        let target = self.place_to_change(folder, path, ("symlink-at", Purpose::Change))?;
        absent(&target)?;
        has_no_slash(&target)?;
        // A link that leads out is refused where it is made, not only where it is followed.
        if to.starts_with('/') {
            return Err(ErrorCode::NotPermitted.into());
        }
        let place = target.place;
        self.attempt("symlink-at", place.path(), |roots| {
            roots.directory(&place)?.symlink(to, place.relative())
        })?;
        self.files.overlay.put(place.path(), false, Owned::Link(to.to_owned()));
        self.mark(&place)?;
        Ok(())
    }

    /// Gives a file or a symbolic link a second name. What is written under one is not seen under the other on replay.
    pub(super) fn make_name(&mut self, from: (&Open, &str), to: (&Open, &str)) -> FsResult<()> {
        let from = self.place_to_change(from.0, from.1, ("link-at", Purpose::Read))?;
        let to = self.place_to_change(to.0, to.1, ("link-at", Purpose::Change))?;
        absent(&to)?;
        if !matches!(kind(&from)?, EntryKind::File | EntryKind::Link) {
            return Err(ErrorCode::NotPermitted.into());
        }
        has_no_slash(&to)?;
        let owned = self.owned(&from)?;
        let (from, to) = (from.place, to.place);
        let path = format!("{} -> {}", from.path(), to.path());
        self.attempt("link-at", &path, |roots| {
            let (directory, other) = (roots.directory(&from)?, roots.directory(&to)?);
            directory.hard_link(from.relative(), other, to.relative())
        })?;
        self.files.overlay.put(to.path(), false, owned);
        self.files.identities.link(from.path(), to.path());
        self.mark(&to)?;
        Ok(())
    }

    pub(super) fn rename(&mut self, from: (&Open, &str), to: (&Open, &str)) -> FsResult<()> {
        let from = self.place_to_change(from.0, from.1, ("rename-at", Purpose::Read))?;
        let to = self.place_to_change(to.0, to.1, ("rename-at", Purpose::Change))?;
        self.refuse_around_granted(&from)?;
        self.refuse_around_granted(&to)?;
        let replacing = Replacing::of(kind(&from)?, &from, &to);
        let existed = matches!(to.sight, Sight::Entry(_));
        let owned = self.owned(&from)?;
        let (from, to, call) = (from.place, to.place, "rename-at");
        let path = format!("{} -> {}", from.path(), to.path());
        let renamed = self.attempt(call, &path, |roots| {
            let (directory, other) = (roots.directory(&from)?, roots.directory(&to)?);
            directory.rename(from.relative(), other, to.relative())
        });
        let refused = match replacing {
            Replacing::Fits => None,
            Replacing::Refused(code) => Some(code),
            Replacing::Folder => (!self.is_empty(call, &to, &renamed)?).then_some(ErrorCode::NotEmpty),
        };
        // While recording it was the machine that answered.
        if let (None, Some(code)) = (renamed?, refused) {
            return Err(code.into());
        }
        if from != to {
            self.files.overlay.rename(from.path(), to.path(), existed, owned);
            self.files.identities.rename(from.path(), to.path());
            self.mark(&from)?;
            self.mark(&to)?;
        }
        Ok(())
    }

    /// Whether nothing is in the folder that `call` attempted to take away. Looked for after each attempt, so that the
    /// recording shows it to code that does less before; on replay it is why the attempt may fail.
    fn is_empty<T>(&mut self, call: &str, place: &Place, attempted: &FsResult<T>) -> FsResult<bool> {
        // What could be taken away had nothing in it.
        let live = |roots: &Roots| match attempted {
            Ok(_) => Ok(Sight::Listing(Vec::new())),
            Err(_) => roots.listing(place),
        };
        match self.listing_for(call, place, live) {
            Ok(names) => Ok(names.is_empty()),
            // A folder that nobody may list: the attempt says what there is to say.
            Err(error) => error.downcast().map(|_| true).map_err(FsError::trap),
        }
    }

    /// Where `path` leads, which a call names for a purpose, if the service may change something there.
    fn place_to_change(&mut self, folder: &Open, path: &str, asked: (&str, Purpose)) -> FsResult<Target> {
        let target = self.resolve(&folder.place, path, LastLink::Itself, asked)?;
        match target.place.parent() {
            _ if self.files.roots.is_read_only(&target.place) => Err(ErrorCode::NotPermitted.into()),
            // The granted folder itself stays.
            None => Err(ErrorCode::NotPermitted.into()),
            Some(_) => Ok(target),
        }
    }

    /// A folder with another granted one inside stays where it is, as one that something is mounted in.
    fn refuse_around_granted(&self, target: &Target) -> FsResult<()> {
        match target.sight {
            Sight::Entry(_) if self.files.roots.any_in(&target.place) => Err(ErrorCode::Busy.into()),
            _ => Ok(()),
        }
    }

    /// What is at a place, as something that the service moves.
    fn owned(&mut self, target: &Target) -> FsResult<Owned> {
        if let Some(owned) = self.files.overlay.get(target.place.path()) {
            return Ok(match owned.clone() {
                Owned::File(file) => Owned::File(OwnedFile { is_other: true, ..file }),
                owned => owned,
            });
        }
        match &target.sight {
            Sight::Entry(Entry { kind: EntryKind::Folder, .. }) => Ok(Owned::Folder { is_new: false }),
            Sight::Entry(Entry { kind: EntryKind::Link, target, .. }) => {
                Ok(Owned::Link(target.clone().unwrap_or_default()))
            }
            Sight::Entry(Entry { kind: EntryKind::File, size, .. }) => self.moved_file(&target.place, *size),
            _ => Err(ErrorCode::NotPermitted.into()),
        }
    }

    /// A file that is moved is part of what the service leaves, so its content goes along.
    fn moved_file(&mut self, place: &Place, size: u64) -> FsResult<Owned> {
        let opened = self.attempt("open-at", place.path(), |roots| roots.open_file(place))?;
        let memory = match opened {
            Some(file) => {
                self.read(place, &file)?;
                None
            }
            None => Some(self.recorded_memory(place, size)?),
        };
        Ok(Owned::File(OwnedFile { memory, is_other: true, is_restored: false }))
    }
}

/// Whether something can take the place of what is where it is moved to, by the rules of file systems.
enum Replacing {
    Fits,
    /// If the folder that is there is empty.
    Folder,
    Refused(ErrorCode),
}

impl Replacing {
    /// Of something of the kind `moved`.
    fn of(moved: EntryKind, from: &Target, to: &Target) -> Self {
        let there = match &to.sight {
            Sight::Entry(entry) => Some(entry.kind),
            _ => None,
        };
        let (from, to) = (&from.place, &to.place);
        match (moved, there) {
            _ if from == to => Self::Fits,
            _ if to.is_in(from) => Self::Refused(ErrorCode::Invalid),
            _ if from.is_in(to) => Self::Refused(ErrorCode::NotEmpty),
            (EntryKind::Folder, Some(EntryKind::Folder)) => Self::Folder,
            (EntryKind::Folder, Some(_)) => Self::Refused(ErrorCode::NotDirectory),
            (_, Some(EntryKind::Folder)) => Self::Refused(ErrorCode::IsDirectory),
            _ => Self::Fits,
        }
    }
}

fn absent(target: &Target) -> FsResult<()> {
    match &target.sight {
        Sight::Absent => Ok(()),
        _ => Err(ErrorCode::Exist.into()),
    }
}

/// A name that ends with a slash is that of a folder, and so of nothing that a link can become.
fn has_no_slash(target: &Target) -> FsResult<()> {
    if target.is_folder { Err(ErrorCode::NoEntry.into()) } else { Ok(()) }
}

fn kind(target: &Target) -> FsResult<EntryKind> {
    match &target.sight {
        Sight::Entry(entry) => Ok(entry.kind),
        _ => Err(ErrorCode::NoEntry.into()),
    }
}
