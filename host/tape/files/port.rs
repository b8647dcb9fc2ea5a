//! What a tape does about files.

use super::sights::{Assumption, Listed};
use crate::matching::divergence::{Divergence, Unseen};
use bytes::Bytes;
use playback_recording::{Change, Content, Digest, EntryKind, Look, Sight};

/// What a service sees when it looks at something.
#[derive(Debug, Clone, PartialEq)]
pub enum Looked {
    /// What is there, while recording.
    Live(Sight),
    /// What was recorded.
    Recorded(Sight),
    /// Nobody looked there while it was recorded.
    Unrecorded,
}

impl Looked {
    /// What is there, if anybody knows.
    pub fn known(self) -> Option<Sight> {
        match self {
            Self::Live(sight) | Self::Recorded(sight) => Some(sight),
            Self::Unrecorded => None,
        }
    }
}

/// The files of an operation. Paths are as the service calls them.
pub trait FilePort {
    /// The service looks at something. `live` looks at the machine, and is not called on replay.
    fn look(&mut self, path: &str, look: Look, live: &mut dyn FnMut() -> Sight) -> Looked;

    /// The service tries to change something. `live` changes it on the machine, and is not called on replay.
    ///
    /// # Errors
    ///
    /// The error code of the attempt.
    fn attempt(
        &mut self,
        call: &str,
        path: &str,
        live: &mut dyn FnMut() -> Result<(), String>,
    ) -> Result<(), String>;

    /// A value of the service names a file. `live` reads it, and is not called on replay. While recording the tape keeps the
    /// content, also within a body: a replay puts it there again.
    ///
    /// # Errors
    ///
    /// Those of `live`.
    fn name(&mut self, path: &str, live: &mut LiveContent<'_>) -> Result<Looked, String>;

    /// The attempts of this call at this path that were refused when it was recorded, from 1, with their error codes. None
    /// while recording.
    fn refusals(&self, call: &str, path: &str) -> Vec<(u64, String)>;

    /// While recording: this attempt of a call at a path was refused, from 1.
    fn refused(&mut self, call: &str, path: &str, attempt: u64, code: &str);

    /// Keeps the content of a file, and describes it.
    fn content(&mut self, bytes: &Bytes) -> Content;

    /// The recorded bytes of a content. `None` while recording.
    fn recorded_content(&self, digest: &Digest) -> Option<Bytes>;

    /// When the recorded operation began, in nanoseconds since the Unix epoch.
    fn began_at(&self) -> u64;

    /// The service left this at `path`.
    fn changed(&mut self, path: String, change: Change);

    /// On replay: what the service left at `path` has content in it that was not read while it was recorded.
    fn left_unread(&mut self, path: &str);

    /// What the first recorded listing of `directory` says of `name`.
    fn listed(&self, directory: &str, name: &str) -> Listed;

    /// On replay: the report notes what is taken to be at `path`, where nobody looked while it was recorded.
    fn assume(&mut self, path: &str, assumption: Assumption);

    /// Whether the recorded operation had to do with `path`. Always true while recording.
    fn knows(&self, path: &str) -> bool;

    /// Whether the recorded service had made what is at `path` itself, when it listed `directory` as in the last listing.
    fn was_made(&self, directory: &str, path: &str) -> bool;

    /// What the recorded service had removed from `directory` by then.
    fn removed(&self, directory: &str) -> Vec<(String, EntryKind)>;

    /// Whether the recorded service looked at `path`.
    fn has_seen(&self, path: &str) -> bool;

    /// The divergence of a service that needs what the recording does not show. `None` while recording.
    fn unseen(&self, call: &str, path: &str, what: Unseen) -> Option<Box<Divergence>>;
}

/// Reads a file that a value names, and describes its content with the port that it is given. `None`: no file is there.
pub type LiveContent<'a> = dyn FnMut(&mut dyn FilePort) -> Result<Option<Content>, String> + 'a;
