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
mod context;
mod descriptor;
mod handles;
mod identities;
mod kept;
mod left;
mod look;
mod memory;
mod modify;
mod open;
mod overlay;
mod place;
mod resolve;
mod roots;
mod source;
mod streams;
mod unseen;
mod view;
mod wit;
mod writes;

pub(crate) use context::Files;
pub use roots::FolderError;
pub(crate) use roots::Roots;
pub(crate) use view::FilesView;

use wasmtime::Result;
use wasmtime::component::{HasData, Linker};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};

/// Puts files behind the tape, in place of what is linked.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> FilesView<'_>) -> Result<()> {
    types::add_to_linker::<T, Taped>(linker, view)?;
    preopens::add_to_linker::<T, Taped>(linker, view)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = FilesView<'a>;
}
