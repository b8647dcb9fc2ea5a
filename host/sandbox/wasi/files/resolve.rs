//! Following a path, name by name. It never leaves its granted folder, but for another one that the service sees inside it:
//! there it goes on in that one, as in a file system that is mounted.

use super::code;
use super::place::Place;
use super::unseen::Purpose;
use super::view::FilesView;
use playback_recording::{Entry, EntryKind, Sight};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// How many symbolic links are followed on one way, as Linux does.
const MOST_LINKS: usize = 40;
/// The longest path, in bytes, as on Linux.
const LONGEST: usize = 4096;

/// Whether a symbolic link at the end of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastLink {
    Followed,
    Itself,
}

/// Where a path leads.
pub(super) struct Target {
    pub(super) place: Place,
    /// What is there.
    pub(super) sight: Sight,
    /// Whether the path says that it is a folder, by a slash at its end.
    pub(super) is_folder: bool,
}

impl FilesView<'_> {
    /// Follows `path` from the folder `from`, which `call` names for this purpose. All names but the last lead to folders that exist.
    pub(super) fn resolve(
        &mut self,
        from: &Place,
        path: &str,
        last: LastLink,
        (call, purpose): (&str, Purpose),
    ) -> FsResult<Target> {
        check(path)?;
        let is_folder = path.ends_with('/') || path.ends_with("/.");
        let mut names: Vec<String> = names(path);
        let (mut here, mut seen, mut links) = (from.clone(), None, 0);
        // The folders on the way in which another granted one was.
        let mut around = Vec::new();
        while let Some(name) = names.pop() {
            if name == ".." {
                let above = here.parent().or_else(|| around.pop());
                (here, seen) = (above.ok_or(ErrorCode::NotPermitted)?, None);
                continue;
            }
            let mut place = here.join(&name);
            if let Some(root) = self.files.roots.at(place.path()) {
                around.push(std::mem::replace(&mut here, root.clone()));
                place = root;
            }
            let is_last = names.is_empty();
            let purpose = if is_last { purpose } else { purpose.of_directories() };
            let sight = self.entry(&place, (call, purpose))?;
            match &sight {
                Sight::Entry(Entry { kind: EntryKind::Link, target, .. })
                    if !is_last || is_folder || last == LastLink::Followed =>
                {
                    links += 1;
                    let target = target.as_deref().unwrap_or_default();
                    if links > MOST_LINKS {
                        return Err(ErrorCode::Loop.into());
                    }
                    check(target)?;
                    names.extend(self::names(target));
                }
                Sight::Entry(Entry { kind: EntryKind::Folder, .. }) => (here, seen) = (place, Some(sight)),
                Sight::Failed(code) => return Err(code::parse(code).into()),
                Sight::Absent if !is_last => return Err(ErrorCode::NoEntry.into()),
                Sight::Entry(_) if !is_last || is_folder => return Err(ErrorCode::NotDirectory.into()),
                _ => return Ok(Target { place, sight, is_folder }),
            }
        }
        let sight = seen.map_or_else(|| self.entry(&here, (call, purpose)), Ok)?;
        Ok(Target { place: here, sight, is_folder })
    }
}

/// The names of a path, the last one first.
fn names(path: &str) -> Vec<String> {
    path.split('/').rev().filter(|name| !matches!(*name, "" | ".")).map(str::to_owned).collect()
}

fn check(path: &str) -> FsResult<()> {
    match path {
        "" => Err(ErrorCode::NoEntry.into()),
        // An absolute path, also one that a symbolic link leads to, is not a path in a granted folder.
        path if path.starts_with('/') => Err(ErrorCode::NotPermitted.into()),
        path if path.contains('\0') => Err(ErrorCode::Invalid.into()),
        path if path.len() > LONGEST => Err(ErrorCode::NameTooLong.into()),
        _ => Ok(()),
    }
}
