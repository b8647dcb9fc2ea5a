//! Files in the folders that the service was granted, by the same code for recording and replaying.
//!
//! What the service sees comes from [`roots`]: while recording from the folders themselves, on replay from the tape. What
//! it changes is kept in an [`overlay`]: while recording it is done in the folders too, on replay nowhere else. Paths are
//! followed here, name by name, so that neither a symbolic link nor `..` leads out of a folder, and each name that is
//! passed on the way is on the tape.
//!
//! A file that is opened for reading is read at once and whole when it is first read: what the service gets of it is one
//! state of the file, the one that is on the tape, whatever happens to the file meanwhile.

mod code;
mod descriptor;
mod handles;
mod identities;
mod kept;
mod look;
mod memory;
mod modify;
mod open;
mod overlay;
mod place;
mod resolve;
mod roots;
mod streams;
mod unseen;
mod wit;

pub use roots::FolderError;
pub(crate) use roots::Roots;

use crate::failure::Diverged;
use identities::Identities;
use memory::{Budget, Memory};
use overlay::{Noting, Overlay, Owned, OwnedFile};
use playback_recording::{Change, Content};
use playback_tape::{Divergence, Tape};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use streams::Writes;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};

/// The files of one operation.
pub(crate) struct Files {
    roots: Arc<Roots>,
    overlay: Overlay,
    identities: Identities,
    /// The most bytes of a file that are kept.
    largest: u64,
    budget: Budget,
    refusals: Refusals,
    /// How often was written, by path.
    writes: HashMap<String, Writes>,
}

/// Writes of streams that were refused, not yet on the tape.
#[derive(Clone, Default)]
struct Refusals(Arc<Mutex<Vec<Refusal>>>);

struct Refusal {
    path: String,
    attempt: u64,
    code: String,
}

impl Refusals {
    fn add(&self, refusal: Refusal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(refusal);
    }

    fn drain(&self) -> Vec<Refusal> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What writes are called on the tape, through streams or not.
const WRITE: &str = "write";

impl Files {
    /// Files below `roots`. A file of more than `largest` bytes is not kept; on replay files take at most `memory` bytes.
    pub(crate) fn new(roots: Arc<Roots>, largest: u64, memory: usize) -> Self {
        let (overlay, refusals) = (Overlay::default(), Refusals::default());
        let (budget, writes) = (Budget::new(memory), HashMap::new());
        let identities = Identities::default();
        Self { roots, overlay, identities, largest, budget, refusals, writes }
    }

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

/// Puts files behind the tape, in place of what is linked.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> FilesView<'_>) -> Result<()> {
    types::add_to_linker::<T, Taped>(linker, view)?;
    preopens::add_to_linker::<T, Taped>(linker, view)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = FilesView<'a>;
}

/// What files need of their host.
pub(crate) struct FilesView<'a> {
    files: &'a mut Files,
    tape: &'a mut Tape,
    table: &'a mut ResourceTable,
}

impl<'a> FilesView<'a> {
    pub(crate) fn new(files: &'a mut Files, tape: &'a mut Tape, table: &'a mut ResourceTable) -> Self {
        files.overlay.noting = match (tape.epochs().is_in_body(), tape.is_untaped()) {
            (false, _) => Noting::Own,
            (true, false) => Noting::Aside,
            (true, true) => Noting::Nothing,
        };
        Self { files, tape, table }
    }
}

/// The recording has no answer: the operation ends.
fn diverged(divergence: Box<Divergence>) -> FsError {
    FsError::trap(Diverged(divergence))
}
