//! The example that asks a server for rates: with the guest SDK and without, recorded with the network and replayed without.

use crate::support::command::Folder;
use crate::support::{rates, root};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that says 1.25 to everybody, and counts. It ends with the test.
fn start() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = hits.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = BufReader::new(&stream).lines().map_while(Result::ok);
            if request.take_while(|line| !line.is_empty()).count() > 0 {
                counted.fetch_add(1, Ordering::Relaxed);
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n1.25")
                    .unwrap();
            }
        }
    });
    (port, hits)
}

/// The commands of the example's README, with the server of this test in place of the reader's.
fn commands(port: u16) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("examples/rates/README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let script: String = blocks.collect::<String>().replace("\\\n", "").replace("$BUILT/", "");
    let commands = script.lines().filter_map(|line| line.strip_prefix("playback-host "));
    commands.map(|command| command.replace(":8000", &format!(":{port}"))).collect()
}

#[test]
fn both_services_are_recorded_with_a_server_and_replayed_without_asking_it() {
    let folder = Folder::with(&[]);
    for name in ["service", "service_plain"] {
        std::fs::copy(rates(name), folder.path(&format!("rates_{name}.wasm"))).unwrap();
    }
    let (port, hits) = start();
    let commands = commands(port);
    let [with_sdk, plain, show, replay] = commands.as_slice() else { panic!("{commands:?}") };
    for record in [with_sdk, plain] {
        let told = folder.ok(&format!("{record} --verify"));
        assert!(
            told.starts_with("returned {\"ok\":1250}\n") && told.ends_with("verified: it replays equal\n"),
            "{told}"
        );
    }
    assert_eq!(hits.load(Ordering::Relaxed), 2);
    assert!(folder.ok(show).contains("wasi:http/outgoing-handler#handle"));
    folder.ok(replay);
    // The other recording: one call of the service's own, and nothing of what is inside it.
    let listed = folder.json("list");
    let first = listed[1]["id"].as_str().unwrap();
    let shown = folder.ok(&format!("show {first}"));
    assert!(shown.contains("rate.EUR.USD") && !shown.contains("wasi:http"), "{shown}");
    folder.ok(&format!("replay {first} rates_service.wasm"));
    assert_eq!(hits.load(Ordering::Relaxed), 2, "no replay asks it");
}
