//! Ends in each way an operation should not: traps, loops, eats memory, exits, overflows its stack, returns or says too much.

wit_bindgen::generate!({ path: "wit/misbehave.wit", world: "misbehave" });

use std::hint::black_box;

struct Misbehave;

impl Guest for Misbehave {
    fn trap(text: String) {
        panic!("{text}");
    }

    fn trap_elsewhere(text: String) {
        panic!("{text}");
    }

    fn complain(lines: Vec<String>, status: Option<i32>) {
        lines.iter().for_each(|line| eprintln!("{line}"));
        match status {
            Some(status) => std::process::exit(status),
            None => core::arch::wasm32::unreachable(),
        }
    }

    fn unreachable() {
        core::arch::wasm32::unreachable()
    }

    fn spin() {
        let mut n = 0u64;
        while black_box(true) {
            n = black_box(n.wrapping_add(1));
        }
    }

    fn eat() -> u64 {
        // Reserved, never touched: the machine that runs the test does not pay for it.
        const MIB: usize = 1 << 20;
        let mut eaten = 0;
        loop {
            let mut bite = Vec::<u8>::new();
            if bite.try_reserve_exact(MIB).is_err() {
                return eaten;
            }
            std::mem::forget(black_box(bite));
            eaten += 1;
        }
    }

    fn exit_with(code: i32) {
        std::process::exit(code)
    }

    fn recurse() -> u64 {
        deeper(black_box(1))
    }

    fn big_return(bytes: u64) -> Vec<u8> {
        vec![0x5a; bytes as usize]
    }

    fn babble() {
        while black_box(true) {
            println!("and another thing");
        }
    }

    fn fine() -> u32 {
        42
    }
}

/// Needs the result of the inner call, so that it cannot become a loop.
#[inline(never)]
fn deeper(n: u64) -> u64 {
    if n == 0 { 0 } else { (deeper(n.wrapping_add(1)) ^ n).rotate_left(7).wrapping_mul(n) }
}

export!(Misbehave);
