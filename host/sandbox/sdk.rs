//! The imports of the guest SDK, `playback:guest`: functions of the service itself on the tape, and what the service says of its
//! recording.
//!
//! A function of the service is intercepted by the service: it asks whether to run its body, and tells what came of it. While
//! a body runs nothing else goes on the tape, as a replay, which skips it, has nothing of that either.

mod bindings;
mod calls;
pub(crate) mod context;
mod files;
mod open;
pub(crate) mod package;
mod points;
mod recording;
mod said;
mod values;

use super::state::State;
use bindings::playback::guest;
use package::is_of_sdk;
use wasmtime::Result;
use wasmtime::component::{Component, HasSelf, Linker};

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
