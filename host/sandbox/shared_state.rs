//! Whether an operation can see what another one did.

use super::grants::DirectoryAccess;
use super::record::Recorder;
use std::path::PathBuf;

/// What lets one operation see what another did, so that their order counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
