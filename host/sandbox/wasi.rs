//! WASI for the service: every source that wasmtime-wasi would take from the machine is replaced by the tape,
//! and nothing that reaches the machine is granted.

use super::clocks;
use super::failure::Trapped;
use super::files;
use super::http;
use super::poll;
use super::service::is_wasi;
use super::state::State;
use super::stdio::Stdio;
use super::streams;
use crate::recording::Stream;
use crate::tape::Boundary;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wasmtime::Result;
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};

/// The packages of WASI 0.2 that are linked; anything else of WASI can be imported, but not called.
const LINKED: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];

/// Which numbers of one seed are for whom, so that drawing more of one kind changes nothing of another.
#[derive(Clone, Copy)]
enum Draws {
    Secure = 0,
    Insecure = 1,
    InsecureSeed = 2,
}

/// Links all of WASI that `component` imports.
pub(crate) fn link(linker: &mut Linker<State>, component: &Component, boundary: &Boundary) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    clocks::link(linker)?;
    poll::link(linker)?;
    streams::link(linker)?;
    files::link(linker)?;
    http::link(linker, component, boundary)?;
    let engine = component.engine();
    for (name, item) in component.component_type().imports(engine) {
        if let ComponentItem::ComponentInstance(instance) = &item.ty
            && is_wasi(name)
            && !is_linked(name)
            && !http::is_linked(name)
        {
            refuse(&mut linker.instance(name)?, engine, name, instance)?;
        }
    }
    linker.allow_shadowing(false);
    Ok(())
}

/// A context for one operation.
pub(crate) fn context(
    seed: [u8; 32],
    environment: &[(String, String)],
    arguments: &[String],
    stdio: &Stdio,
) -> WasiCtx {
    let mut insecure_seed = draws(seed, Draws::InsecureSeed);
    let insecure_seed = u128::from(insecure_seed.next_u64()) << 64 | u128::from(insecure_seed.next_u64());
    WasiCtxBuilder::new()
        .secure_random(draws(seed, Draws::Secure))
        .insecure_random(draws(seed, Draws::Insecure))
        .insecure_random_seed(insecure_seed)
        .envs(environment)
        .args(arguments)
        .stdin(stdio.stdin())
        .stdout(stdio.output(Stream::Stdout))
        .stderr(stdio.output(Stream::Stderr))
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}

fn draws(seed: [u8; 32], draws: Draws) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::from_seed(seed);
    generator.set_stream(draws as u64);
    generator
}

fn is_linked(interface: &str) -> bool {
    let package = interface.strip_prefix("wasi:").and_then(|rest| rest.split('/').next());
    let version = interface.split_once('@').map(|(_, version)| version);
    package.is_some_and(|package| LINKED.contains(&package))
        && version.is_some_and(|version| version.starts_with("0.2."))
}

/// Makes an interface importable whose functions all fail by name.
fn refuse(
    linker: &mut LinkerInstance<'_, State>,
    engine: &wasmtime::Engine,
    interface: &str,
    instance: &ComponentInstance,
) -> Result<()> {
    for (name, item) in instance.exports(engine) {
        match item.ty {
            ComponentItem::Resource(_) => linker.resource(name, resource(name), |_, _| Ok(()))?,
            ComponentItem::ComponentFunc(_) => {
                let refusal = format!("`{interface}#{name}` was called, which is not granted");
                linker.func_new(name, move |_, _, _, _| Err(Trapped(refusal.clone()).into()))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Interfaces beyond those linked use the resources of `wasi:io`; their own are never made.
fn resource(name: &str) -> ResourceType {
    match name {
        "input-stream" => ResourceType::host::<DynInputStream>(),
        "output-stream" => ResourceType::host::<DynOutputStream>(),
        "pollable" => ResourceType::host::<DynPollable>(),
        "error" | "io-error" => ResourceType::host::<IoError>(),
        _ => ResourceType::host_dynamic(0),
    }
}
