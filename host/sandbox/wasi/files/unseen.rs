//! What a replay takes to be where nobody looked while it was recorded. Making and writing need no recorded answer, nor
//! does asking whether something is there; reading does.

use super::overlay::Owned;
use super::place::Place;
use super::view::FilesView;
use playback_recording::Sight;
use playback_tape::{Assumption, Listed, Unseen};
use wasmtime_wasi::p2::{FsError, FsResult};

/// What the service names a path for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To ask whether something is there.
    Probe,
    /// To make, replace or remove what is there.
    Change,
    /// As a directory that something is changed in.
    Pass,
    /// To read what is there.
    Read,
}

impl Purpose {
    /// What the directories of a path are named for.
    pub(super) fn of_directories(self) -> Self {
        if self == Self::Change { Self::Pass } else { self }
    }
}

impl FilesView<'_> {
    /// What is at `place`, where nobody looked while it was recorded: what a listing says, else an assumption that the
    /// replay reports, else a divergence of `call`.
    pub(super) fn unseen_entry(&mut self, place: &Place, call: &str, purpose: Purpose) -> FsResult<Sight> {
        let path = place.path();
        let directory = Owned::Folder { is_new: false };
        let (Some(parent), Some((_, name))) = (place.parent(), path.rsplit_once('/')) else {
            // A granted directory is there.
            return Ok(self.made(&directory, None));
        };
        let (assumption, owned) = match (self.tape.files().listed(parent.path(), name), purpose) {
            (Listed::Absent, _) => return Ok(Sight::Absent),
            (Listed::Unknown, Purpose::Probe | Purpose::Change) => (Assumption::Absent, Owned::Removed),
            (Listed::Unknown, Purpose::Pass) => (Assumption::Directory, directory),
            _ => return Err(self.unseen(call, place, Unseen::Entry)),
        };
        // A guest can ask for any number of names.
        let weight = 2 * path.len() + size_of::<Owned>() + size_of::<Assumption>();
        self.files.budget.take(weight).map_err(|limit| FsError::trap(wasmtime::Error::from(limit)))?;
        self.tape.files_mut().assume(path, assumption);
        self.files.overlay.assume(path, owned.clone());
        Ok(self.made(&owned, None))
    }
}
