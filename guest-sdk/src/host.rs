//! The host, as far as the SDK needs it. Where there is none, as in a native build, nobody records or replays.

use answer::Mode;
use std::sync::atomic::{AtomicU8, Ordering};

pub(crate) mod answer;
#[cfg(not(target_arch = "wasm32"))]
mod none;
#[cfg(target_arch = "wasm32")]
mod wit;

#[cfg(not(target_arch = "wasm32"))]
use none as host;
#[cfg(target_arch = "wasm32")]
use wit as host;

pub(crate) use host::{
    abandon, add_metadata, aside, discard, dropped, enter, failed, force_sample, get, id, is_due, keep_file,
    leave, pause, put, restore_file, resume,
};

/// The mode, asked for once: it is the same for as long as an instance lives, which is one operation.
static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const RECORDING: u8 = 2;
const REPLAYING: u8 = 3;

/// What the host does with the running operation.
#[inline]
pub(crate) fn mode() -> Mode {
    if cfg!(not(target_arch = "wasm32")) {
        return Mode::Off;
    }
    match MODE.load(Ordering::Relaxed) {
        OFF => Mode::Off,
        RECORDING => Mode::Recording,
        REPLAYING => Mode::Replaying,
        _ => ask(),
    }
}

#[cold]
fn ask() -> Mode {
    let mode = host::mode();
    let known = match mode {
        Mode::Off => OFF,
        Mode::Recording => RECORDING,
        Mode::Replaying => REPLAYING,
    };
    MODE.store(known, Ordering::Relaxed);
    mode
}
