//! Reads what the runtime offers besides WIT imports: clocks, random, environment, standard streams, files, sockets.

wit_bindgen::generate!({ path: "wit/ambient.wit", world: "ambient", generate_all });

use std::collections::HashMap;
use std::fmt::Display;
use std::io::{IsTerminal, Read};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasi::cli::environment;
use wasi::clocks::monotonic_clock;
use wasi::io::poll;
use wasi::random::{insecure, random};

struct Ambient;

impl Guest for Ambient {
    fn surroundings() -> (Option<String>, bool) {
        (environment::initial_cwd(), std::io::stdout().is_terminal())
    }

    fn read_clocks() -> Clocks {
        let start = Instant::now();
        let wall = (wall_clock(), wall_clock());
        Clocks { wall, elapsed: nanoseconds(start.elapsed()) }
    }

    fn watch_clocks(times: u32) -> u64 {
        let start = Instant::now();
        (0..times).fold(0, |_, _| {
            wall_clock();
            nanoseconds(start.elapsed())
        })
    }

    fn sleep_for(milliseconds: u64) -> u64 {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(milliseconds));
        nanoseconds(start.elapsed())
    }

    fn tell_sockets() {
        println!("{}", outcome(TcpListener::bind("127.0.0.1:0")));
    }

    fn nap(milliseconds: u64, times: u32) -> u32 {
        (0..times).fold(0, |naps, _| {
            std::thread::sleep(Duration::from_millis(milliseconds));
            naps + 1
        })
    }

    fn race(milliseconds: Vec<u64>) -> (Vec<u32>, Vec<u32>, bool) {
        let start = |ms: &u64| monotonic_clock::subscribe_duration(ms * 1_000_000);
        let mut timers: Vec<_> = milliseconds.iter().map(start).collect();
        let first = poll::poll(&timers.iter().collect::<Vec<_>>());
        for index in first.iter().rev() {
            timers.remove(*index as usize);
        }
        let second = poll::poll(&timers.iter().collect::<Vec<_>>());
        (first, second, timers.first().is_some_and(poll::Pollable::ready))
    }

    fn overdue(milliseconds: Vec<u64>, rounds: u64) -> Vec<u32> {
        let start = |ms: &u64| monotonic_clock::subscribe_duration(ms * 1_000_000);
        let timers: Vec<_> = milliseconds.iter().map(start).collect();
        let mut state = 1u64;
        for round in 0..rounds {
            state = std::hint::black_box(state.wrapping_mul(6364136223846793005).wrapping_add(round));
        }
        poll::poll(&timers.iter().collect::<Vec<_>>())
    }

    fn spin_until_due(milliseconds: u64) -> u64 {
        let timer = monotonic_clock::subscribe_duration(milliseconds * 1_000_000);
        let mut asked = 0;
        while !timer.ready() {
            asked += 1;
        }
        asked
    }

    fn give_up(seconds: u64) -> u64 {
        let start = monotonic_clock::now();
        drop(monotonic_clock::subscribe_duration(seconds * 1_000_000_000));
        monotonic_clock::now() - start
    }

    fn draw() -> Randomness {
        let map: HashMap<u32, ()> = (0..20).map(|key| (key, ())).collect();
        Randomness {
            map_order: map.into_keys().collect(),
            number: random::get_random_u64(),
            bytes: random::get_random_bytes(16),
            insecure_number: insecure::get_insecure_random_u64(),
            insecure_bytes: insecure::get_insecure_random_bytes(16),
        }
    }

    fn environment() -> Vec<(String, String)> {
        std::env::vars().collect()
    }

    fn arguments() -> Vec<String> {
        std::env::args().collect()
    }

    fn read_stdin() -> String {
        let mut bytes = Vec::new();
        match std::io::stdin().read_to_end(&mut bytes) {
            Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    fn print(out: String, err: String) {
        println!("{out}");
        eprintln!("{err}");
    }

    fn escape(port: u16) -> Refusals {
        Refusals {
            open: outcome(std::fs::File::open("/etc/passwd")),
            create: outcome(std::fs::File::create("/tmp/ambient")),
            connect: outcome(TcpStream::connect(("127.0.0.1", port))),
            proc: outcome(std::fs::read("/proc/self/environ")),
            listen: outcome(TcpListener::bind("127.0.0.1:0")),
            send: outcome(
                UdpSocket::bind("127.0.0.1:0").and_then(|it| it.send_to(b"out", ("127.0.0.1", port))),
            ),
            look_up: outcome(("localhost", port).to_socket_addrs()),
        }
    }

    fn reach(port: u16) -> Result<String, String> {
        let mut line = String::new();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(text)?;
        stream.read_to_string(&mut line).map_err(text)?;
        Ok(line)
    }

    fn everything(port: u16) -> Everything {
        Self::print("to stdout".into(), "to stderr".into());
        Everything {
            clocks: Self::read_clocks(),
            slept: Self::sleep_for(50),
            randomness: Self::draw(),
            environment: Self::environment(),
            arguments: Self::arguments(),
            stdin: Self::read_stdin(),
            refusals: Self::escape(port),
        }
    }

    fn read_file(path: String) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(text)
    }

    fn write_file(path: String, content: String) -> Result<(), String> {
        std::fs::write(path, content).map_err(text)
    }

    fn list_directory(path: String) -> Result<Vec<(String, u64)>, String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(text)? {
            let entry = entry.map_err(text)?;
            let size = entry.metadata().map_err(text)?.len();
            found.push((entry.file_name().to_string_lossy().into_owned(), size));
        }
        Ok(found)
    }
}

fn wall_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanoseconds)
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

fn outcome<T>(tried: std::io::Result<T>) -> String {
    tried.map_or_else(text, |_| "ok".into())
}

fn text(error: impl Display) -> String {
    error.to_string()
}

export!(Ambient);
