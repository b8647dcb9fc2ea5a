//! Makes the same call over and over, or many different ones: for ordinals, `repeated`, and traps after some calls.

wit_bindgen::generate!({ path: "wit/chatty.wit", world: "chatty" });

use test::chatty::{inputs, outputs};

struct Chatty;

impl Guest for Chatty {
    fn same(times: u32) -> Vec<u32> {
        (0..times).map(|_| inputs::roll(6)).collect()
    }

    fn distinct(times: u32) -> Vec<u32> {
        (1..=times).map(inputs::roll).collect()
    }

    fn chorus(times: u32) -> Vec<u32> {
        (1..=times).map(|n| outputs::say(&format!("line {n}"))).collect()
    }

    fn narrate(times: u32) -> u64 {
        (1..=times).fold(0, |sum, n| {
            let rolled = inputs::roll(6);
            println!("rolled {rolled}");
            sum + u64::from(outputs::say(&format!("line {n}: {rolled}")))
        })
    }

    fn then_trap(times: u32) {
        for n in 1..=times {
            let rolled = inputs::roll(6);
            outputs::say(&format!("line {n}: {rolled}"));
        }
        panic!("trapped after {times} calls");
    }
}

export!(Chatty);
