//! Files while recording: the tape keeps what the service sees, and which of its attempts are refused.

use super::port::{FilePort, LiveContent, Looked};
use super::sights::{Assumption, Listed};
use crate::matching::divergence::{Divergence, Unseen};
use crate::record::RecordingTape;
use bytes::Bytes;
use playback_recording::{Change, Changed, Content, Digest, EntryKind, Event, Look, Refused, Seen, Sight};

impl FilePort for RecordingTape {
    fn look(&mut self, path: &str, look: Look, live: &mut dyn FnMut() -> Sight) -> Looked {
        let sight = live();
        if !self.is_suspended()
            && let Some(ordinal) = self.probes.changed(path, look, &sight)
        {
            self.push_seen(path, look, ordinal, sight.clone());
        }
        Looked::Live(sight)
    }

    fn attempt(
        &mut self,
        call: &str,
        path: &str,
        live: &mut dyn FnMut() -> Result<(), String>,
    ) -> Result<(), String> {
        let outcome = live();
        if self.is_suspended() {
            return outcome;
        }
        let attempt = self.probes.attempt(call, path);
        outcome.inspect_err(|code| self.push_refused(call, path, attempt, code))
    }

    fn name(&mut self, path: &str, live: &mut LiveContent<'_>) -> Result<Looked, String> {
        if self.log.is_lost() {
            return Ok(Looked::Live(Sight::Content(Content::TooLarge { size: 0 })));
        }
        let Some(content) = live(self)? else { return Ok(Looked::Live(Sight::Absent)) };
        let sight = Sight::Content(content);
        match self.is_suspended() {
            true => self.keep_named(path, content),
            // A replay has it from there, unless the service writes it itself.
            false => drop(self.look(path, Look::Content, &mut || sight.clone())),
        }
        Ok(Looked::Live(sight))
    }

    fn refusals(&self, _: &str, _: &str) -> Vec<(u64, String)> {
        Vec::new()
    }

    fn refused(&mut self, call: &str, path: &str, attempt: u64, code: &str) {
        self.push_refused(call, path, attempt, code);
    }

    fn content(&mut self, bytes: &Bytes) -> Content {
        self.log.content(bytes)
    }

    fn recorded_content(&self, _: &Digest) -> Option<Bytes> {
        None
    }

    fn began_at(&self) -> u64 {
        u64::try_from(self.invocation.started_at.as_nanosecond()).unwrap_or_default()
    }

    fn changed(&mut self, path: String, change: Change) {
        self.log.push(Event::Changed(Box::new(Changed { path, change })));
    }

    fn left_unread(&mut self, _: &str) {}

    fn listed(&self, _: &str, _: &str) -> Listed {
        Listed::Unknown
    }

    fn assume(&mut self, _: &str, _: Assumption) {}

    fn knows(&self, _: &str) -> bool {
        true
    }

    fn was_made(&self, _: &str, _: &str) -> bool {
        false
    }

    fn removed(&self, _: &str) -> Vec<(String, EntryKind)> {
        Vec::new()
    }

    fn has_seen(&self, _: &str) -> bool {
        false
    }

    fn unseen(&self, _: &str, _: &str, _: Unseen) -> Option<Box<Divergence>> {
        None
    }
}

impl RecordingTape {
    pub(crate) fn push_refused(&mut self, call: &str, path: &str, attempt: u64, code: &str) {
        let (call, path, code) = (call.to_owned(), path.to_owned(), code.to_owned());
        self.log.push(Event::Refused(Box::new(Refused { call, path, attempt, code })));
    }

    /// Keeps the content of a file that a value names, though a body is running.
    fn keep_named(&mut self, path: &str, content: Content) {
        let (look, sight) = (Look::Kept, Sight::Content(content));
        if let Some(ordinal) = self.probes.changed(path, look, &sight) {
            self.push_seen(path, look, ordinal, sight);
        }
    }

    fn push_seen(&mut self, path: &str, look: Look, ordinal: u64, sight: Sight) {
        // The recorder of probes holds it too.
        self.log.hold(sight.weight());
        self.log.push(Event::Seen(Box::new(Seen { path: path.to_owned(), look, ordinal, sight })));
    }
}
