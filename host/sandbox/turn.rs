//! Operations that run side by side: their order, and whether one can see what another did.

use super::provider::DirectoryAccess;
use super::record::Recorder;
use super::sampling::Sample;
use playback_recording::{Category, RecordingId};
use std::path::PathBuf;

/// The place of one operation among those of a [`Recorder`]: its recording's id, and whether the sample has it.
#[derive(Debug)]
pub struct Turn {
    pub(super) sample: Sample,
    pub(super) id: RecordingId,
    pub(super) began_at: jiff::Timestamp,
}

impl Turn {
    pub(super) fn new(sample: Sample, category: &Category) -> Self {
        let began_at = jiff::Timestamp::now();
        Self { sample, id: RecordingId::new(category.clone(), began_at), began_at }
    }
}

/// What lets one operation see what another did, so that their order counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedState {
    /// A provider that is shared between operations, by its name.
    Provider(String),
    /// A granted directory that may be written, by its path on the machine.
    Directory(PathBuf),
}

impl Recorder {
    /// Returns what operations share with each other: a shared provider, else a directory that the service or a
    /// provider may write. What closures and servers remember is not known here.
    pub fn shared_state(&self) -> Option<SharedState> {
        let used: Vec<_> = self.assignments.used().collect();
        let shared = used.iter().find(|provider| provider.shared.is_some());
        if let Some(provider) = shared {
            return Some(SharedState::Provider(provider.name().to_owned()));
        }
        let granted = used.iter().flat_map(|provider| provider.directories());
        let mut directories = self.grants.directories.iter().chain(granted);
        let written = directories.find(|directory| directory.access == DirectoryAccess::ReadWrite)?;
        Some(SharedState::Directory(written.host.clone()))
    }
}
