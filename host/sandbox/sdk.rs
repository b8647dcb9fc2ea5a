//! The imports of the guest SDK, `playback:guest`: functions of the service itself on the tape, and what the service says of its
//! recording.
//!
//! A function of the service is intercepted by the service: it asks whether to run its body, and tells what came of it. While
//! a body runs nothing else goes on the tape, as a replay, which skips it, has nothing of that either.

mod calls;
mod files;
mod points;
mod recording;
mod said;
mod values;

use super::state::State;
use bindings::playback::guest;
use calls::Calls;
use points::Points;
use said::Said;
use wasmtime::Result;
use wasmtime::component::{Component, HasSelf, Linker};

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/guest.wit",
        world: "sdk",
        imports: { default: trappable },
    });
}

/// What the package is called, up to its interfaces.
const PACKAGE: &str = "playback:guest/";
/// The versions that are linked.
const VERSION: &str = "@0.2.";

/// Whether an import is one of the SDK's.
pub(crate) fn is_of_sdk(import: &str) -> bool {
    import.starts_with(PACKAGE)
}

/// Whether it is one in a version that is linked.
pub(crate) fn is_known(import: &str) -> bool {
    is_of_sdk(import) && import.contains(VERSION)
}

/// Links what `component` imports of the SDK.
pub(crate) fn link(linker: &mut Linker<State>, component: &Component) -> Result<()> {
    let engine = component.engine();
    if !component.component_type().imports(engine).any(|(name, _)| is_of_sdk(name)) {
        return Ok(());
    }
    guest::recording::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    guest::interception::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    guest::files::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

/// The SDK of one operation.
pub(crate) struct Sdk {
    points: Points,
    calls: Calls,
    /// What bodies that are at work wrote to standard error.
    said: Said,
    /// The most bytes of memory that one value may take.
    crossing: usize,
}

impl Sdk {
    /// For a service that imports so many functions.
    pub(crate) fn new(imports: usize, crossing: usize) -> Self {
        Self { points: Points::new(imports), calls: Calls::default(), said: Said::default(), crossing }
    }

    /// A body that is at work wrote this to standard error.
    pub(crate) fn says(&mut self, bytes: &[u8]) {
        self.said.add(bytes);
    }
}
