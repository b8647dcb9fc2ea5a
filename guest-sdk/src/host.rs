//! The host, as far as the SDK needs it. Where there is none, as in a native build, nobody records or replays.

use crate::interception::Point;
use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(not(target_arch = "wasm32"))]
mod none;
#[cfg(target_arch = "wasm32")]
mod wit;

#[cfg(not(target_arch = "wasm32"))]
use none as host;
#[cfg(target_arch = "wasm32")]
use wit as host;

pub(crate) use host::{
    abandon, add_metadata, aside, declare, discard, dropped, enter, failed, force_sample, get, id, is_due,
    keep_file, leave, pause, put, restore_file, resume,
};

/// Whether the running operation is recorded, replayed, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nobody records or replays: intercepted functions run as if they were not.
    Off,
    /// What intercepted functions get is kept.
    Recording,
    /// What intercepted functions get is what was kept.
    Replaying,
}

/// What the host says of a call.
pub(crate) enum Answer {
    Live(u64),
    Default(u64),
    Recorded(u64, Vec<u8>, u32),
    Abandoned(u32),
}

/// The content of a file, as a value names it.
pub(crate) enum Kept {
    Content(String),
    TooLarge(u64),
    Absent,
}

/// The aliases of one call, where they are not those of its point.
pub struct Names {
    /// Its alias.
    pub alias: String,
    /// Older ones, in order.
    pub fallback_aliases: Vec<String>,
}

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

/// The number of a point with the host.
pub(crate) fn number(point: &'static Point) -> u32 {
    match point.number.load(Ordering::Relaxed) {
        0 => {
            let number = declare(point);
            point.number.store(number + 1, Ordering::Relaxed);
            number
        }
        number => number - 1,
    }
}
