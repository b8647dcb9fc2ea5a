//! WASI for the service: every source that wasmtime-wasi would take from the machine is replaced by the tape, and
//! nothing that reaches the machine is linked, but for sockets where a recording is granted them.

mod interfaces;
mod refused;

pub(crate) use interfaces::{Sockets, link};

use super::stdio::Stdio;
use crate::recording::Stream;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};

/// Which numbers of one seed are for whom, so that drawing more of one kind changes nothing of another.
#[derive(Clone, Copy)]
enum Draws {
    Secure = 0,
    Insecure = 1,
    InsecureSeed = 2,
}

/// A context for one operation.
pub(crate) fn context(
    seed: [u8; 32],
    environment: &[(String, String)],
    arguments: &[String],
    stdio: &Stdio,
    sockets: Sockets,
) -> WasiCtx {
    let mut insecure_seed = draws(seed, Draws::InsecureSeed);
    let insecure_seed = u128::from(insecure_seed.next_u64()) << 64 | u128::from(insecure_seed.next_u64());
    let is_granted = sockets == Sockets::Granted;
    let mut context = WasiCtxBuilder::new();
    context
        .secure_random(draws(seed, Draws::Secure))
        .insecure_random(draws(seed, Draws::Insecure))
        .insecure_random_seed(insecure_seed)
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

fn draws(seed: [u8; 32], draws: Draws) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::from_seed(seed);
    generator.set_stream(draws as u64);
    generator
}
