//! A comparator that does what the recorded value says: it ends in each way a plugin should not, or tries to reach the machine.

wit_bindgen::generate!({ path: "../../wit/plugin.wit", world: "comparator-plugin" });

use exports::playback::plugin::comparator::{Comparison, Guest, RecordingInfo, ResultValue};
use playback::plugin::types::{Difference, Verdict};
use std::hint::black_box;
use std::time::{Instant, SystemTime};

struct Bad;

impl Guest for Bad {
    fn compare(
        _about: RecordingInfo,
        recorded: ResultValue,
        _replayed: ResultValue,
        data: String,
    ) -> Result<Comparison, String> {
        let ResultValue::Returned(recorded) = recorded else { return Err("the service failed".to_owned()) };
        let difference = |recorded: &str| {
            let recorded = Some(recorded.to_owned());
            vec![Difference { path: "/a".to_owned(), recorded, replayed: None }]
        };
        let differences = match recorded.trim_matches('"') {
            "trap" => core::arch::wasm32::unreachable(),
            "panic" => panic!("no such currency"),
            "spin" => loop {
                black_box(&data);
            },
            "eat" => eat(),
            "refuse" => return Err("it is not to be compared".to_owned()),
            "exit" => std::process::exit(0),
            "nonsense" => difference("{\"a\":"),
            "look" => difference(&format!("{:?}", looked())),
            _ => return Ok(Comparison { verdict: Verdict::Equal, message: None, differences: Vec::new() }),
        };
        Ok(Comparison { verdict: Verdict::Different, message: None, differences })
    }
}

fn eat() -> ! {
    loop {
        // Reserved, never touched: the machine that runs the test does not pay for it.
        std::mem::forget(black_box(Vec::<u8>::with_capacity(1 << 20)));
    }
}

/// What it sees of the machine, as texts.
fn looked() -> Vec<String> {
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
    let waited = Instant::now();
    let read = |path: &str| std::fs::read(path).map_or("refused".to_owned(), |_| "read".to_owned());
    let mut input = String::new();
    vec![
        format!("{:?}", std::env::vars().collect::<Vec<_>>()),
        read("/etc/passwd"),
        read("playback.toml"),
        std::fs::write("/left", "behind").map_or("refused".to_owned(), |()| "written".to_owned()),
        std::net::TcpStream::connect("127.0.0.1:80").map_or("refused".to_owned(), |_| "connected".to_owned()),
        std::io::stdin().read_line(&mut input).map_or("refused".to_owned(), |read| format!("{read} bytes")),
        format!("{:?}", SystemTime::UNIX_EPOCH.elapsed().map(|since| since.as_secs() < 60)),
        (waited.elapsed().as_secs() < 60).to_string(),
        random.to_string(),
    ]
}

export!(Bad);
