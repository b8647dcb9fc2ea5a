//! Answers `chatty`: the n-th roll is `n * 100 + sides`, so that each answer tells which call it belongs to.

wit_bindgen::generate!({ path: "wit/chatty.wit", world: "provider" });

use exports::test::chatty::{inputs, outputs};
use std::sync::atomic::{AtomicU32, Ordering};

static ROLLS: AtomicU32 = AtomicU32::new(0);
static LINES: AtomicU32 = AtomicU32::new(0);

struct Provider;

impl inputs::Guest for Provider {
    fn roll(sides: u32) -> u32 {
        (ROLLS.fetch_add(1, Ordering::Relaxed) + 1) * 100 + sides
    }
}

impl outputs::Guest for Provider {
    fn say(_text: String) -> u32 {
        LINES.fetch_add(1, Ordering::Relaxed) + 1
    }
}

export!(Provider);
