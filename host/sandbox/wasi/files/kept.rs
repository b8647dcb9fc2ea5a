//! Files that a value of the service names: kept with it, and there again when it is served.

use super::context::Files;
use super::memory::Memory;
use super::overlay::{Owned, OwnedFile};
use super::place::Place;
use playback_recording::{Content, Digest, Sight};
use playback_tape::{FilePort, Looked, Tape};
use std::io;
use std::sync::Arc;

/// The longest path, in bytes, as on most systems.
const LONGEST: usize = 4096;

impl Files {
    /// What the file at `path` has in it now. The bytes are kept.
    ///
    /// `None`: there is none.
    ///
    /// # Errors
    ///
    /// Why that cannot be said.
    pub(crate) fn keep(&mut self, tape: &mut Tape, path: &str) -> Result<Option<Content>, String> {
        let place = self.named(path)?;
        let mut live = |files: &mut dyn FilePort| match self.roots.read(&place, self.largest) {
            Ok(Ok(bytes)) => Ok(Some(files.content(&bytes.into()))),
            Ok(Err(size)) => Ok(Some(Content::TooLarge { size })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
        };
        match tape.files_mut().name(place.path(), &mut live)? {
            Looked::Live(Sight::Content(content)) => Ok(Some(content)),
            Looked::Live(_) => Ok(None),
            looked => self.replayed(tape, &place, looked.known()),
        }
    }

    /// What a file has in it on a replay: what the service wrote, else what was recorded of it.
    fn replayed(
        &self,
        tape: &mut Tape,
        place: &Place,
        seen: Option<Sight>,
    ) -> Result<Option<Content>, String> {
        match self.overlay.get(place.path()) {
            Some(Owned::File(OwnedFile { memory: Some(memory), .. })) => {
                Ok(Some(match memory.whole(self.largest) {
                    Ok(bytes) => tape.files_mut().content(&bytes),
                    Err(size) => Content::TooLarge { size },
                }))
            }
            Some(Owned::Removed) => Ok(None),
            Some(_) => Err("it is not a file".to_owned()),
            None => match seen {
                Some(Sight::Content(content)) => Ok(Some(content)),
                // What runs here did not when it was recorded.
                _ if tape.epochs().is_in_body() => Ok(None),
                _ => Err("it was never read while it was recorded".to_owned()),
            },
        }
    }

    /// Puts the content of this digest at `path`, or nothing, on a replay. What the service leaves does not change by it.
    ///
    /// # Errors
    ///
    /// The recording does not have it.
    pub(crate) fn restore(&mut self, tape: &Tape, path: &str, digest: Option<&str>) -> Result<(), String> {
        let place = self.named(path)?;
        let Some(digest) = digest else {
            self.overlay.put_aside(place.path(), Owned::Removed);
            return Ok(());
        };
        let bytes = Digest::parse(digest).and_then(|digest| tape.files().recorded_content(&digest));
        let bytes = bytes.ok_or("its content is not in the recording")?;
        let mut folder = place.parent();
        while let Some(place) = folder.filter(|place| place.parent().is_some()) {
            // A folder that nobody looked at while it was recorded is there too now.
            if self.overlay.get(place.path()).is_none() && !tape.files().has_seen(place.path()) {
                self.overlay.put_aside(place.path(), Owned::Folder { is_new: false });
            }
            folder = place.parent();
        }
        let memory = Some(Arc::new(Memory::new(bytes, self.budget.clone())));
        let file = OwnedFile { memory, is_other: true, is_restored: true };
        self.overlay.put_aside(place.path(), Owned::File(file));
        Ok(())
    }

    /// Where the file is that the service calls `path`, from its root or from where it runs, which is there too.
    fn named(&self, path: &str) -> Result<Place, String> {
        if path.len() > LONGEST {
            return Err(format!("its path has more than {LONGEST} bytes"));
        }
        let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
        if names.contains(&"..") {
            return Err("a path with `..` is not followed".to_owned());
        }
        let path = names.join("/");
        let place = self.roots.place(&format!("/{path}")).or_else(|| self.roots.place(&path));
        place.ok_or_else(|| "it is in no folder that the service was granted".to_owned())
    }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::InvalidInput => "it is not a file with a content".to_owned(),
        // A link that leads out of its folder among them.
        kind => format!("it cannot be read ({kind})"),
    }
}
