//! Files that a value of the service names: kept with it, and there again when it is served.

use super::Files;
use super::memory::Memory;
use super::overlay::{Noting, Owned, OwnedFile};
use super::place::Place;
use crate::recording::{Content, Digest};
use crate::tape::{ReplayTape, Tape};
use std::sync::Arc;

const NO_FOLDER: &str = "it is in no folder that the service was granted";

impl Files {
    /// What the file at `path` has in it now. The bytes are kept.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn keep(&mut self, tape: &mut Tape, path: &str) -> Result<Content, String> {
        let place = self.named(path)?;
        let bytes = match tape {
            Tape::Recording(tape) if tape.is_lost() => return Ok(Content::TooLarge { size: 0 }),
            Tape::Recording(_) => {
                self.roots.read(&place, self.largest).ok_or("it cannot be read")?.map(Arc::new)
            }
            Tape::Replaying(tape) => self.replayed(tape, &place)?,
        };
        Ok(match bytes {
            Ok(bytes) => tape.content(&bytes),
            Err(size) => Content::TooLarge { size },
        })
    }

    /// What a file has in it on a replay: what the service wrote, else what was recorded of it.
    fn replayed(&self, tape: &ReplayTape, place: &Place) -> Result<Result<Arc<Vec<u8>>, u64>, String> {
        let content = match self.overlay.get(place.path()) {
            Some(Owned::File(OwnedFile { memory: Some(memory), .. })) => {
                return Ok(memory.whole(self.largest));
            }
            Some(_) => return Err("it is no file".to_owned()),
            None => tape.content_of(place.path()),
        };
        match content {
            Some(Content::Kept { digest, .. }) => tape
                .recorded_content(&digest)
                .map(Ok)
                .ok_or_else(|| "its content is not in the recording".to_owned()),
            Some(Content::TooLarge { size }) => Ok(Err(size)),
            None => Err("it was never read while it was recorded".to_owned()),
        }
    }

    /// Puts the content of this digest at `path`, on a replay. What the service leaves does not change by it.
    ///
    /// # Errors
    ///
    /// The recording does not have it.
    pub(crate) fn restore(&mut self, tape: &Tape, path: &str, digest: &str) -> Result<(), String> {
        let Tape::Replaying(tape) = tape else { return Ok(()) };
        let place = self.named(path)?;
        let bytes = Digest::parse(digest).and_then(|digest| tape.recorded_content(&digest));
        let bytes = bytes.ok_or("its content is not in the recording")?;
        let noting = std::mem::replace(&mut self.overlay.noting, Noting::Aside);
        let mut folder = place.parent();
        while let Some(place) = folder.filter(|place| place.parent().is_some()) {
            // A folder that nobody looked at while it was recorded is there too now.
            if self.overlay.get(place.path()).is_none() && !tape.has_seen(place.path()) {
                self.overlay.put(place.path(), true, Owned::Folder { is_new: false });
            }
            folder = place.parent();
        }
        let memory = Some(Arc::new(Memory::new(bytes, self.budget.clone())));
        self.overlay.put(
            place.path(),
            true,
            Owned::File(OwnedFile { memory, is_other: true, is_restored: true }),
        );
        self.overlay.noting = noting;
        Ok(())
    }

    fn named(&self, path: &str) -> Result<Place, String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        if path.split('/').any(|name| name == "..") {
            return Err("a path with `..` is not followed".to_owned());
        }
        self.roots.place(path).ok_or_else(|| NO_FOLDER.to_owned())
    }
}
