//! What is shown of values that are long, or bytes: of HTTP exchanges above all.

use crate::support::command::{Folder, assert_told};
use crate::support::http::{diverged, keyed, recorded, request};
use crate::support::server::Server;
use crate::support::{arguments, replay, replay_by, service};
use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

const BODY: &str = r#"{"items": [{"sku": "apple", "price": 5}, {"sku": "bread", "price": 7}], "note": "a note that makes this long"}"#;

/// A server that answers one request with JSON, as long as it lives; the URL.
fn answering_json() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"0\r\n\r\n") {
                let mut part = [0; 1024];
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&part[..read]),
                }
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                BODY.len()
            );
            stream.write_all(format!("{head}{BODY}").as_bytes()).unwrap();
        }
    });
    format!("http://{address}/orders")
}

#[test]
fn headers_are_shown_as_text_and_bodies_as_the_json_that_they_are() {
    let folder = Folder::with(&["http"]);
    let url = answering_json();
    let post = request("POST", &url, json!({ "headers": [["x-tenant", "acme"]], "body": [BODY] }));
    folder.write("requests.ndjson", format!("{}\n", json!([post])));
    folder.ok("record http.wasm --network --operation fetch --from requests.ndjson");
    let shown = folder.session(&["show latest", "show latest -v"]).replace(&url, "<url>");
    let shown = shown.lines().filter(|line| !line.contains(" ready ")).collect::<Vec<_>>().join("\n");
    assert_told!(shown);
    let call = &folder.json("show latest")[0]["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["number"] == 1)
        .cloned();
    let call = call.as_ref().unwrap();
    assert_eq!(call["arguments"]["headers"][0][1]["text"], "acme");
    assert_eq!(call["arguments"]["body"]["json"]["items"][1]["price"], 7);
    assert!(call["arguments"]["body"]["$bytes"].is_string(), "and as it is");
    assert_eq!(call["outcome"]["returned"]["ok"]["body"]["json"]["items"][0]["sku"], "apple");
}

/// A recording of a request, as if its operation had been called with another one.
async fn changed(change: impl Fn(&mut Json)) -> playback_host::Recording {
    let mut server = Server::start().await;
    let mut post =
        request("POST", &server.url("/echo"), json!({ "headers": [["x-tenant", "acme"]], "body": [BODY] }));
    let mut recording = recorded("fetch", json!([post])).await.recording.unwrap();
    server.stop().await;
    change(&mut post);
    recording.header.arguments = arguments(json!([post]));
    recording
}

#[tokio::test]
async fn a_request_with_another_body_is_told_with_the_path_of_what_differs_in_its_json() {
    let recording =
        changed(|post| post["body"] = json!([BODY.replace("\"price\": 7", "\"price\": 8")])).await;
    let told = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(told.contains("\n    /body/items/1/price: 7 -> 8"), "{told}");
    assert!(told.contains("body = <110 bytes {\"items\": [{\"sku\": \"apple\""), "{told}");
}

#[tokio::test]
async fn a_header_that_differs_is_told_by_its_name_as_text() {
    let recording = changed(|post| post["headers"] = json!([["x-tenant", "umbrella"]])).await;
    let playback = replay(&service("http"), &Arc::new(recording)).await;
    assert_eq!(playback.beside_key.len(), 1);
    let told: Vec<_> = playback.beside_key[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(told, [r#"/headers/x-tenant: "acme" -> "umbrella", unlike from character 1 on"#]);
}

#[tokio::test]
async fn a_body_beside_the_key_is_compared_as_json_and_json_reports_carry_the_same() {
    let folder = Folder::with(&["http"]);
    let recording = changed(|post| post["body"] = json!([BODY.replace("apple", "pear")])).await;
    let rules = keyed(&["method", "url"]);
    let playback = replay_by(&rules, &service("http"), &Arc::new(recording.clone())).await;
    let told: Vec<_> = playback.beside_key[0].differences.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], r#"/body/items/0/sku: "apple" -> "pear""#);
    let location = playback_host::cassette::Location::Directory(folder.path("cassette"));
    let cassette =
        playback_host::Cassette::open(&location, playback_host::cassette::Access::Write).await.unwrap();
    cassette.save(&recording).await.unwrap();
    folder.write(
        "playback.toml",
        "[interceptions.\"wasi:http/outgoing-handler\"]\nkey = [\"method\", \"url\"]\n",
    );
    let report = folder.json("replay latest http.wasm").remove(0);
    let difference = &report["beside-key"][0]["differences"][0];
    assert_eq!(difference["path"], "/body");
    assert_eq!(
        difference["within"],
        json!([{ "path": "/items/0/sku", "recorded": "apple", "replayed": "pear" }])
    );
}

/// A component as componentize-py makes them: with an export that is called while it is built, whose type is long.
fn componentized() -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func (export "init") (param i32) (result i32) (i32.const 0))
                (func (export "run") (result i32) (i32.const 7)))
            (core instance $i (instantiate $m))
            (type $names (list string))
            (type $symbols (tuple{}))
            (type $result (result (error string)))
            (func $init (param "app-name" string) (param "symbols" $symbols) (param "stub-wasi" bool) (result $result)
                (canon lift (core func $i "init") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $exports (export "init" (func $init)))
            (export "exports" (instance $exports))
            (func $run (result u32) (canon lift (core func $i "run")))
            (export "run" (func $run)))"#,
        " $names".repeat(40)
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn what_componentize_py_exports_for_itself_stands_apart_and_is_cut_and_is_no_operation_to_choose() {
    let folder = Folder::with(&[]);
    folder.write("python.wasm", componentized());
    assert_told!(folder.session(&["inspect python.wasm"]));
    assert!(folder.ok("inspect python.wasm -v").contains(&"list<string>, ".repeat(39)));
    let operations = &folder.json("inspect python.wasm")[0]["operations"];
    let internal: Vec<_> =
        operations.as_array().unwrap().iter().map(|it| (&it["name"], &it["internal"])).collect();
    assert_eq!(internal, [(&json!("exports#init"), &json!(true)), (&json!("run"), &json!(false))]);
    // The only operation there is, so that it need not be named.
    folder.write("requests.ndjson", "[]\n");
    assert!(
        folder.ok("record python.wasm --from requests.ndjson").starts_with("1 operation recorded as `run`")
    );
}

/// A command that writes to standard error why it fails, and returns `err`.
const FAILING: &str = r#"(component
    (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
    (alias export $errors "error" (type $error))
    (import "wasi:io/streams@0.2.0" (instance $streams
        (export "output-stream" (type $stream (sub resource)))
        (alias outer 1 $error (type $outer))
        (export "error" (type $error (eq $outer)))
        (type $failed (variant (case "last-operation-failed" (own $error)) (case "closed")))
        (export "stream-error" (type $stream-error (eq $failed)))
        (export "[method]output-stream.blocking-write-and-flush" (func
            (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
    (alias export $streams "output-stream" (type $stream))
    (import "wasi:cli/stderr@0.2.0" (instance $stderr
        (alias outer 1 $stream (type $outer))
        (export "output-stream" (type $own (eq $outer)))
        (export "get-stderr" (func (result (own $own))))))
    (core module $libc (memory (export "memory") 1) (data (i32.const 0) "no such order\n")
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $get (canon lower (func $stderr "get-stderr")))
    (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
        (memory $memory) (realloc $realloc)))
    (core module $main
        (import "" "get" (func $get (result i32)))
        (import "" "write" (func $write (param i32 i32 i32 i32)))
        (func (export "run") (result i32)
            (call $write (call $get) (i32.const 0) (i32.const 14) (i32.const 64))
            (i32.const 1)))
    (core instance $main (instantiate $main
        (with "" (instance (export "get" (func $get)) (export "write" (func $write))))))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $command (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $command)))"#;

#[test]
fn a_command_that_returns_an_error_is_shown_with_what_it_wrote_about_it() {
    let folder = Folder::with(&[]);
    folder.write("failing.wasm", wat::parse_str(FAILING).unwrap());
    let told = folder.ok("record failing.wasm --invoke run()");
    assert!(told.starts_with("returned {\"err\":null}\nstderr no such order\nrecorded run/"), "{told}");
}
