//! WASI for the service: every source that wasmtime-wasi would take from the machine is replaced by the tape, and
//! nothing that reaches the machine is linked, but for sockets where a recording is granted them.

pub(crate) mod clocks;
pub(crate) mod files;
pub(crate) mod http;
mod interfaces;
mod poll;
pub(crate) mod random;
mod refused;
mod resources;
pub(crate) mod sources;
pub(crate) mod stdio;
pub(crate) mod streams;
mod unlinked;
pub(crate) mod waiting;

pub(crate) use interfaces::{Sockets, Views, is_0_2, is_wasi, link};
pub(crate) use resources::resource;
pub(crate) use unlinked::Unlinked;

use playback_recording::Stream;
use stdio::Stdio;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};

/// A context for one operation.
pub(crate) fn context(
    environment: &[(String, String)],
    arguments: &[String],
    stdio: &Stdio,
    sockets: Sockets,
) -> WasiCtx {
    let is_granted = sockets == Sockets::Granted;
    let mut context = WasiCtxBuilder::new();
    context
        .envs(environment)
        .args(arguments)
        .stdin(stdio.stdin())
        .stdout(stdio.output(Stream::Stdout))
        .stderr(stdio.output(Stream::Stderr))
        .allow_tcp(is_granted)
        .allow_udp(is_granted)
        .allow_ip_name_lookup(is_granted);
    if is_granted {
        context.inherit_network();
    }
    context.build()
}
