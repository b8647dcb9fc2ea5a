//! What a service leaves in its directories, on the tape.

use super::context::Files;
use super::memory::Memory;
use super::overlay::{Owned, OwnedFile};
use super::writes::{Refusal, WRITE};
use playback_recording::{Change, Content};
use playback_tape::Tape;

impl Files {
    /// Puts what was refused to streams on the tape.
    pub(crate) fn settle(&self, tape: &mut Tape) {
        for Refusal { path, attempt, code } in self.refusals.drain() {
            tape.files_mut().refused(WRITE, &path, attempt, &code);
        }
    }

    /// Puts what the service left on the tape, at the end of its operation.
    pub(crate) fn finish(&mut self, tape: &mut Tape) {
        self.settle(tape);
        for (path, owned) in std::mem::take(&mut self.overlay).into_changes() {
            let change = match owned {
                Owned::Removed => Change::Removed,
                Owned::Folder { .. } => Change::Folder,
                Owned::Link(target) => Change::Link(target),
                Owned::File(OwnedFile { memory: Some(memory), .. }) => {
                    self.left_in_memory(&memory, tape, &path)
                }
                Owned::File(_) if tape.remarks().is_lost() => continue,
                Owned::File(_) => self.left_on_disk(tape, &path),
            };
            tape.files_mut().changed(path, change);
        }
    }

    fn left_in_memory(&self, memory: &Memory, tape: &mut Tape, path: &str) -> Change {
        match memory.whole(self.largest) {
            Ok(bytes) => Change::File(tape.files_mut().content(&bytes)),
            Err(size) => {
                if memory.is_unread() {
                    tape.files_mut().left_unread(path);
                }
                Change::File(Content::TooLarge { size })
            }
        }
    }

    fn left_on_disk(&self, tape: &mut Tape, path: &str) -> Change {
        let place = self.roots.place(path);
        match place.and_then(|place| self.roots.read(&place, self.largest).ok()) {
            Some(Ok(bytes)) => Change::File(tape.files_mut().content(&bytes.into())),
            Some(Err(size)) => Change::File(Content::TooLarge { size }),
            // Another program has removed it since.
            None => Change::Removed,
        }
    }
}
