//! What wasmtime-wasi itself answers from: the environment and the streams of an operation.

use super::stdio::Stdio;
use super::table::Sockets;
use playback_recording::Stream;
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
