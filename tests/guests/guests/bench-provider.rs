//! Answers `bench` as fast as it can: rows of 8 fixed texts of 120 letters each, 990 bytes in all.

wit_bindgen::generate!({ path: "wit/bench.wit", world: "provider" });

use exports::test::bench::{inputs, outputs, plain};
use test::bench::types::Row;

struct Provider;

impl inputs::Guest for Provider {
    fn load(id: u64) -> Row {
        let text = |letter: &str| letter.repeat(120);
        Row {
            id,
            price: id as f64 * 0.25,
            quantity: id as u32 % 100,
            valid: id.is_multiple_of(2),
            a: text("a"),
            b: text("b"),
            c: text("c"),
            d: text("d"),
            e: text("e"),
            f: text("f"),
            g: text("g"),
            h: text("h"),
        }
    }
}

impl outputs::Guest for Provider {
    fn save(_row: Row) {}
}

impl plain::Guest for Provider {
    fn tick(n: u32) -> u32 {
        n.wrapping_add(1)
    }

    fn blob(data: Vec<u8>) -> u32 {
        data.len() as u32
    }
}

export!(Provider);
