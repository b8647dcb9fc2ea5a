//! Calls functions of its own, intercepted and not, for the benchmarks.

wit_bindgen::generate!({ path: "wit/bench-sdk.wit", world: "bench-sdk" });

use playback_guest::input;
use serde_bytes::ByteBuf;
use std::hint::black_box;

struct Bench;

impl Guest for Bench {
    fn plain(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum ^ tick_plain(black_box(number)))
    }

    fn calls(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum ^ tick(black_box(number)))
    }

    fn plain_blob(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum + bytes_plain(black_box(number)).len() as u64)
    }

    fn blob(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum + bytes(black_box(number)).len() as u64)
    }

    fn plain_vec(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum + vec_plain(black_box(number), &DATA).len() as u64)
    }

    fn vec(count: u32) -> u64 {
        (0..count).fold(0, |sum, number| sum + vec(black_box(number), &DATA).len() as u64)
    }
}

static DATA: [u8; 1 << 20] = [7; 1 << 20];

/// As code has bytes that knows nothing of what is fast.
#[inline(never)]
fn vec_plain(number: u32, data: &[u8]) -> Vec<u8> {
    vec![number as u8; data.len()]
}

#[inline(never)]
#[input(alias = "vec", key(number))]
fn vec(number: u32, data: &[u8]) -> Vec<u8> {
    vec![number as u8; data.len()]
}

#[inline(never)]
fn tick_plain(number: u32) -> u64 {
    u64::from(number) * 31 + 7
}

#[inline(never)]
#[input(alias = "tick")]
fn tick(number: u32) -> u64 {
    u64::from(number) * 31 + 7
}

#[inline(never)]
fn bytes_plain(number: u32) -> ByteBuf {
    ByteBuf::from(vec![number as u8; 1 << 20])
}

#[inline(never)]
#[input(alias = "bytes")]
fn bytes(number: u32) -> ByteBuf {
    ByteBuf::from(vec![number as u8; 1 << 20])
}

export!(Bench);
