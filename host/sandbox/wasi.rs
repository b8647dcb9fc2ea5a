//! WASI for the service: every source that wasmtime-wasi would take from the machine is replaced by the tape, and
//! nothing that reaches the machine is linked, but for sockets where a recording is granted them.

pub(crate) mod by_handle;
pub(crate) mod clocks;
pub(crate) mod context;
pub(crate) mod files;
pub(crate) mod http;
mod interfaces;
mod poll;
pub(crate) mod random;
mod ready;
mod refused;
mod resources;
pub(crate) mod sources;
pub(crate) mod stdio;
pub(crate) mod streams;
pub(crate) mod table;
mod unlinked;
mod version;
pub(crate) mod waiting;

pub(crate) use interfaces::{Views, link};
pub(crate) use resources::resource;
pub(crate) use table::{Sockets, is_wasi};
pub(crate) use unlinked::Unlinked;
