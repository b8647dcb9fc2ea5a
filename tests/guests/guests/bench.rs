//! What the benchmarks run: records of about 1 KiB in and out, tiny calls, and blobs of 1 MiB.

wit_bindgen::generate!({ path: "wit/bench.wit", world: "bench" });

use test::bench::{inputs, outputs, plain};

struct Bench;

impl Guest for Bench {
    fn one() {
        outputs::save(&inputs::load(0));
    }

    fn many(n: u32) {
        for id in 0..u64::from(n) {
            outputs::save(&inputs::load(id));
        }
    }

    fn calls(n: u32) -> u32 {
        (0..n).fold(0, |sum: u32, n| sum.wrapping_add(plain::tick(n)))
    }

    fn blob(n: u32) {
        let data = vec![0x5a; 1 << 20];
        for _ in 0..n {
            plain::blob(&data);
        }
    }
}

export!(Bench);
