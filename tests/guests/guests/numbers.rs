//! Draws random numbers and reads clocks between calls, and some for nothing: as code that changes does.

wit_bindgen::generate!({ path: "wit/numbers.wit", world: "numbers", generate_all });

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use test::numbers::inputs;
use wasi::random::{insecure, random};

struct Numbers;

impl Guest for Numbers {
    fn draw_after_reading(path: String, wasted: u32) -> Drawn {
        waste(wasted);
        std::fs::read(path).unwrap();
        drawn()
    }

    fn draw(wasted: Vec<u32>) -> Vec<Drawn> {
        let draw = |(index, wasted)| {
            let drawn = drawn();
            waste(wasted);
            inputs::next(index);
            drawn
        };
        (0..).zip(wasted).map(draw).collect()
    }

    fn tell_the_time(logged: Vec<u32>) -> Vec<Time> {
        let tell = |(index, lines)| {
            log(lines);
            let start = Instant::now();
            let wall = wall_clock();
            std::thread::sleep(Duration::from_millis(2));
            log(lines);
            let slept = start.elapsed().as_nanos() as u64;
            inputs::next(index);
            Time { wall, slept, after: wall_clock() }
        };
        (0..).zip(logged).map(tell).collect()
    }
}

/// Writes this number of log lines, each with the current time.
fn log(lines: u32) {
    for line in 0..lines {
        eprintln!("{} {line}", wall_clock());
    }
}

fn wall_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

fn waste(numbers: u32) {
    for _ in 0..numbers {
        random::get_random_u64();
        insecure::get_insecure_random_u64();
    }
}

fn drawn() -> Drawn {
    let map: HashMap<u32, ()> = (0..20).map(|key| (key, ())).collect();
    Drawn {
        uuid: uuid::Uuid::new_v4().to_string(),
        secure: random::get_random_u64(),
        insecure: insecure::get_insecure_random_bytes(16),
        map_order: map.into_keys().collect(),
    }
}

export!(Numbers);
