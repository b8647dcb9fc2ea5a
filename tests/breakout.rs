//! Guests that try to get out of the sandbox, or to see what is outside. Folders are tried in `files`, requests in `http`,
//! memory, time and flooding in `limits`.

use crate::support::command::Folder;
use serde_json::{Value as Json, json};
use std::io::Write;
use std::net::TcpListener;

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Runs the program where the environment has a secret.
fn json(folder: &Folder, line: &str) -> Json {
    let mut command = folder.command(&format!("{line} --format json"));
    command.env("SECRET", "of the machine").env("TZ", "Asia/Tokyo").env("LANG", "ja_JP.UTF-8");
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {output:?}"))
}

#[test]
fn what_is_not_granted_is_refused_with_an_error_that_the_reports_name() {
    let (listener, port) = listener();
    listener.set_nonblocking(true).unwrap();
    let folder = Folder::with(&["ambient"]);
    let recorded = json(&folder, &format!("record ambient.wasm --invoke 'escape({port})'"));
    let Json::Object(attempts) = &recorded["outcome"]["returned"] else { panic!("{recorded}") };
    assert_eq!(attempts.len(), 7);
    for (attempt, answer) in attempts {
        assert_ne!(answer, "ok", "{attempt}");
    }
    for attempt in ["connect", "listen", "send", "look-up"] {
        assert!(attempts[attempt].as_str().unwrap().contains("Permission denied"), "{attempts:?}");
    }
    let refused = recorded["not-granted"].to_string();
    for call in [
        "tcp-create-socket@",
        "udp-create-socket@",
        "ip-name-lookup@",
        "#create-tcp-socket",
        "#resolve-addresses",
    ] {
        assert!(refused.contains(call), "{call} is not in {refused}");
    }
    let replayed = json(&folder, "replay latest ambient.wasm");
    assert_eq!((&replayed["verdict"], &replayed["hermetic"]), (&json!("equal"), &json!(true)));
    assert_eq!(replayed["not-granted"], recorded["not-granted"]);
    assert!(folder.ok("replay latest ambient.wasm").contains("refused   wasi:sockets/"));
    assert!(folder.ok("show latest").contains("refused wasi:sockets/"));
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn a_socket_that_is_granted_makes_a_recording_that_is_not_hermetic_and_says_so() {
    let (listener, port) = listener();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"hello").unwrap();
        drop(stream);
        listener.set_nonblocking(true).unwrap();
        listener
    });
    let folder = Folder::with(&["ambient"]);
    let recorded = folder.ok(&format!("record ambient.wasm --sockets --invoke 'reach({port})'"));
    assert!(recorded.contains("hello") && recorded.contains("the recording is not hermetic"), "{recorded}");
    let listener = server.join().unwrap();

    assert!(folder.ok("list").contains("not hermetic"));
    assert!(folder.ok("show latest").contains("not hermetic"));
    let replayed = json(&folder, "replay latest ambient.wasm");
    assert_eq!((&replayed["verdict"], &replayed["hermetic"]), (&json!("different"), &json!(false)));
    assert!(replayed["outcome"]["replayed"].to_string().contains("Permission denied"), "{replayed}");
    let told = folder.run("replay latest ambient.wasm");
    assert!(told.code == 1 && told.stdout.contains("the recording is not hermetic"), "{}", told.stdout);
    assert!(listener.accept().is_err(), "a replay connected");
}

#[test]
fn neither_the_clock_nor_the_environment_of_the_machine_is_seen_on_replay() {
    let folder = Folder::with(&["ambient"]);
    for operation in ["read-clocks()", "environment()", "arguments()", "draw()", "read-stdin()"] {
        let recorded = json(&folder, &format!("record ambient.wasm --invoke '{operation}'"));
        let text = recorded["outcome"].to_string();
        assert!(!text.contains("of the machine") && !text.contains("Tokyo"), "{text}");
        let mut command = folder.command("replay latest ambient.wasm --format json");
        command.env("SECRET", "of another machine").env("TZ", "America/Lima");
        let replayed: Json = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        assert_eq!(replayed["verdict"], "equal", "{operation}");
        assert_eq!(replayed["outcome"]["replayed"], recorded["outcome"], "{operation}");
    }
}
