//! What the functions of `wasi:filesystem` work with.

use super::context::Files;
use super::overlay::Noting;
use crate::failure::Diverged;
use playback_tape::{Divergence, Tape};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::FsError;

/// What files need of their host.
pub(crate) struct FilesView<'a> {
    pub(super) files: &'a mut Files,
    pub(super) tape: &'a mut Tape,
    pub(super) table: &'a mut ResourceTable,
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
pub(super) fn diverged(divergence: Box<Divergence>) -> FsError {
    FsError::trap(Diverged(divergence))
}
