//! Code whose calls are not intercepted: bodies of intercepted functions, and what the SDK itself runs.

use crate::host;
use crate::host::answer::Mode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a body runs whose function is intercepted: what it calls is not.
static IN_BODY: AtomicBool = AtomicBool::new(false);

/// Whether calls are intercepted here and now.
#[inline]
pub fn is_on() -> bool {
    host::mode() != Mode::Off && !IN_BODY.load(Ordering::Relaxed)
}

/// Runs something whose calls are not intercepted.
pub fn aside<T>(body: impl FnOnce() -> T) -> T {
    let before = IN_BODY.swap(true, Ordering::Relaxed);
    let value = body();
    IN_BODY.store(before, Ordering::Relaxed);
    value
}
