//! Files on a replay: the service sees what was recorded, and what it changes is kept for the report.

use super::port::{FilePort, LiveContent, Looked};
use super::sights::{Assumption, Listed};
use crate::matching::divergence::{Divergence, Reason, Unseen};
use crate::replay::ReplayTape;
use bytes::Bytes;
use playback_recording::value::Name;
use playback_recording::{Change, Changed, Content, Digest, EntryKind, Kind, Look, Sight};

/// The most bytes of a file that the report shows as text. Larger files are compared by their digests.
pub(crate) const MAX_SHOWN_FILE_BYTES: u64 = 1 << 20;

/// The most bytes that the report shows of all files of one replay.
const MAX_SHOWN_BYTES: u64 = 64 << 20;

impl FilePort for ReplayTape {
    fn look(&mut self, path: &str, look: Look, _: &mut dyn FnMut() -> Sight) -> Looked {
        self.sights.look(path, look).map_or(Looked::Unrecorded, Looked::Recorded)
    }

    fn attempt(
        &mut self,
        call: &str,
        path: &str,
        _: &mut dyn FnMut() -> Result<(), String>,
    ) -> Result<(), String> {
        self.sights.attempt(call, path)
    }

    fn name(&mut self, path: &str, _: &mut LiveContent<'_>) -> Result<Looked, String> {
        Ok(self.look(path, Look::Content, &mut || Sight::Absent))
    }

    fn refusals(&self, call: &str, path: &str) -> Vec<(u64, String)> {
        self.sights.refused(call, path)
    }

    fn refused(&mut self, _: &str, _: &str, _: u64, _: &str) {}

    fn content(&mut self, bytes: &Bytes) -> Content {
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        // Digests are compared. What is shown must fit in memory, also where files are full of holes.
        if size <= MAX_SHOWN_FILE_BYTES && self.shown + size <= MAX_SHOWN_BYTES {
            let is_new = self.contents.insert(digest, bytes.clone()).is_none();
            self.shown += if is_new { size } else { 0 };
        }
        Content::Kept { digest, size }
    }

    fn recorded_content(&self, digest: &Digest) -> Option<Bytes> {
        self.recording.contents.get(digest).cloned()
    }

    fn began_at(&self) -> u64 {
        u64::try_from(self.recording.metadata.recorded_at.as_nanosecond()).unwrap_or_default()
    }

    fn changed(&mut self, path: String, change: Change) {
        self.changed.push(Changed { path, change });
    }

    fn left_unread(&mut self, path: &str) {
        self.unread.insert(path.to_owned());
    }

    fn listed(&self, directory: &str, name: &str) -> Listed {
        self.sights.listed(directory, name)
    }

    fn assume(&mut self, path: &str, assumption: Assumption) {
        self.assumed.insert(path.to_owned(), assumption);
    }

    fn knows(&self, path: &str) -> bool {
        self.sights.knows(path)
    }

    fn was_made(&self, directory: &str, path: &str) -> bool {
        self.sights.was_made(directory, path)
    }

    fn removed(&self, directory: &str) -> Vec<(String, EntryKind)> {
        self.sights.removed(directory)
    }

    fn has_seen(&self, path: &str) -> bool {
        self.sights.has_seen(path)
    }

    fn unseen(&self, call: &str, path: &str, what: Unseen) -> Option<Box<Divergence>> {
        let function: Name = format!("wasi:filesystem/types#{call}").into();
        Some(Box::new(Divergence {
            kind: Kind::Input,
            aliases: vec![function.clone()],
            function,
            ordinal: 1,
            arguments: vec![("path".into(), path.into())],
            reason: Reason::Unseen(what),
            recorded: 0,
            nearest: Vec::new(),
        }))
    }
}
