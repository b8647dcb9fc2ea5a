//! Every import is recorded from a provider, answered by the host, or refused by name before anything runs.

use crate::support::command::Folder;
use crate::support::{arguments, engine, replay, returned};
use playback_host::recording::{Event, Outcome, Refused};
use playback_host::sandbox::{Grants, ProviderComponent, Providers, Recorder, Service};
use playback_host::value::Value;
use serde_json::json;
use std::sync::Arc;

/// A component that imports a function `get` of `interface`, from u32 to u32, and returns what it gets.
fn caller(interface: &str, get: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "{interface}" (instance $store (export "{get}" (func (param "key" u32) (result u32)))))
            (core func $get (canon lower (func $store "{get}")))
            (core module $m
                (import "" "get" (func $get (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (call $get (local.get 0))))
            (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
            (func (export "run") (param "key" u32) (result u32) (canon lift (core func $i "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

/// A component that exports it, and answers ten times the key.
fn provider(interface: &str, get: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "get") (param i32) (result i32)
                (i32.mul (local.get 0) (i32.const 10))))
            (core instance $i (instantiate $m))
            (func $get (param "key" u32) (result u32) (canon lift (core func $i "get")))
            (instance $store (export "{get}" (func $get)))
            (export "{interface}" (instance $store)))"#
    );
    wat::parse_str(text).unwrap()
}

/// Interfaces that are called as those of WASI are, and that the host does not answer.
const NOT_OURS: [&str; 6] = [
    "wasi:keyvalue/store@0.2.0-draft2",
    "wasi:config/store",
    "wasi:logging/logging@0.1.0",
    "wasi:clocks/timezone@0.2.0",
    "wasi:clocks/wall-clock@0.2.0-rc-2023-11-10",
    "wasi:clocks/monotonic-clock@0.3.0",
];

#[tokio::test]
async fn a_provider_of_what_is_called_wasi_is_asked_recorded_and_replayed() {
    for interface in NOT_OURS {
        let service = Service::from_bytes(engine(), "caller", &caller(interface, "get")).unwrap();
        let bytes = provider(interface, "get");
        let component =
            ProviderComponent::from_bytes(engine(), "answers", &bytes, Grants::default()).unwrap();
        let recorder =
            Recorder::builder(&service).providers(Providers::default().component(component)).build().unwrap();
        let recorded = crate::support::record_with(&recorder, "run", arguments(json!([7]))).await;
        assert_eq!(returned(&recorded.outcome), 70, "{interface}");
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(recording.interceptions().count(), 1, "{interface}");
        assert!(replay(&service, &recording).await.is_equal(), "{interface}");
    }
}

#[test]
fn what_is_called_wasi_and_nobody_provides_is_refused_by_name_and_inspect_says_who_is_to_answer() {
    for interface in NOT_OURS {
        let folder = Folder::with(&[]);
        folder.write("caller.wasm", caller(interface, "get"));
        let record = folder.run("record caller.wasm --invoke run(7)");
        assert_eq!(record.code, 2, "{interface}: {}", record.stderr);
        let told = format!("nothing provides `{interface}#get`, which `caller.wasm` imports");
        assert!(record.error().starts_with(&told), "{}", record.stderr);
        let inspected = folder.json("inspect caller.wasm");
        assert_eq!(inspected[0]["imports"][0]["function"], format!("{interface}#get"));
        assert_eq!(inspected[0]["wasi"], json!([]));
    }
}

#[test]
fn a_function_that_wasi_does_not_have_is_refused_by_name_by_every_command() {
    let released = "build the component with a released WIT of WASI 0.2";
    let no_function = format!("WASI 0.2 has no such function; {released}");
    let other_type = format!(
        "its type is not that of WASI 0.2: type mismatch with parameters: expected 0-tuple, found 1-tuple; {released}"
    );
    for (get, why) in [("get", no_function), ("now", other_type)] {
        let folder = Folder::with(&["shop"]);
        folder.write("caller.wasm", caller("wasi:clocks/monotonic-clock@0.2.0", get));
        let import = format!("`wasi:clocks/monotonic-clock@0.2.0#{get}`");
        let told = format!("`caller.wasm` imports {import}, which cannot be recorded: {why}");
        for line in ["record caller.wasm --invoke run(7)", "inspect caller.wasm"] {
            let ran = folder.run(line);
            assert_eq!((ran.code, ran.error()), (2, &*told), "{line}");
        }
        let provides = folder.run("record shop.wasm --provider caller.wasm --invoke 'quote(\"apple\", 1)'");
        let told = format!("`caller.wasm` cannot be a provider: it imports {import}, and {why}");
        assert_eq!((provides.code, provides.error()), (2, &*told));
    }
}

/// WASI's streams, as a component imports them.
const STREAMS: &str = r#"
    (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
    (alias export $errors "error" (type $error))
    (import "wasi:io/streams@0.2.0" (instance $streams
        (export "output-stream" (type $stream (sub resource)))
        (alias outer 1 $error (type $outer))
        (export "error" (type $error (eq $outer)))
        (type $failed (variant (case "last-operation-failed" (own $error)) (case "closed")))
        (export "stream-error" (type $stream-error (eq $failed)))
        (export "[method]output-stream.blocking-flush"
            (func (param "self" (borrow $stream)) (result (result (error $stream-error)))))))
    (alias export $streams "output-stream" (type $stream))
"#;

#[test]
fn an_import_that_passes_a_stream_of_wasi_is_refused_by_name() {
    let folder = Folder::with(&[]);
    let text = format!(
        r#"(component {STREAMS}
            (import "test:pipes/pipes" (instance
                (alias outer 1 $stream (type $outer))
                (export "output-stream" (type $own (eq $outer)))
                (export "open" (func (result (own $own)))))))"#
    );
    folder.write("pipes.wasm", wat::parse_str(text).unwrap());
    for line in ["inspect pipes.wasm", "record pipes.wasm --invoke run()"] {
        assert_eq!(
            folder.run(line).error(),
            "`pipes.wasm` imports `test:pipes/pipes#open`, which cannot be recorded: it passes a resource of WASI, \
             which a provider cannot be given"
        );
    }
}

#[tokio::test]
async fn a_component_that_exports_a_function_of_a_stream_of_wasi_is_recorded_by_its_others() {
    let text = format!(
        r#"(component {STREAMS}
            (alias export $streams "[method]output-stream.blocking-flush" (func $flush))
            (core module $libc (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
            (core instance $libc (instantiate $libc))
            (core func $lowered (canon lower (func $flush) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            (core func $drop (canon resource.drop $stream))
            (core module $m
                (import "" "flush" (func $flush (param i32 i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "write") (param i32)
                    (call $flush (local.get 0) (i32.const 0))
                    (call $drop (local.get 0)))
                (func (export "seven") (result i32) (i32.const 7)))
            (core instance $i (instantiate $m
                (with "" (instance (export "flush" (func $lowered)) (export "drop" (func $drop))))))
            (import "test:writer/types" (instance $types
                (alias outer 1 $stream (type $outer))
                (export "sink" (type (eq $outer)))))
            (func $write (param "to" (own $stream)) (canon lift (core func $i "write")))
            (func $seven (result u32) (canon lift (core func $i "seven")))
            (instance $api (export "output-stream" (type $stream)) (export "write" (func $write)))
            (export "test:writer/api" (instance $api))
            (export "seven" (func $seven)))"#
    );
    let bytes = wat::parse_str(text).unwrap();
    let service = Service::from_bytes(engine(), "writer", &bytes).unwrap();
    let recorder = Recorder::builder(&service).build().unwrap();
    let recorded = crate::support::record_with(&recorder, "seven", Vec::<Value>::new()).await;
    assert_eq!(returned(&recorded.outcome), 7);
    assert!(replay(&service, &Arc::new(recorded.recording.unwrap())).await.is_equal());

    let folder = Folder::with(&[]);
    folder.write("writer.wasm", bytes);
    let refused = folder.run("record writer.wasm --invoke write(1)");
    let why =
        "operation `test:writer/api#write` takes or returns a resource, so it cannot be called from outside";
    assert_eq!((refused.code, refused.error()), (2, why));
    let inspected = folder.ok("inspect writer.wasm");
    assert!(inspected.contains("test:writer/api#write: func(to: output-stream)"), "{inspected}");
    assert!(
        inspected.contains("cannot be called from outside: it takes or returns a resource"),
        "{inspected}"
    );
}

#[tokio::test]
async fn a_recording_of_a_build_that_refused_such_a_call_replays_as_it_did() {
    let interface = "wasi:keyvalue/store@0.2.0-draft2";
    let service = Service::from_bytes(engine(), "caller", &caller(interface, "get")).unwrap();
    let answers = Providers::default().function("wasi:keyvalue/store#get", |_| Ok(Value::from(1u32)));
    let mut recording = (*crate::support::record(&service, answers, "run", json!([7])).await).clone();
    let call = format!("{interface}#get");
    recording.outcome = Some(Outcome::Trapped(format!("`{call}` was called, which is not granted")));
    let code = "access-denied".to_owned();
    recording.events =
        vec![Event::Refused(Box::new(Refused { call, path: String::new(), attempt: 1, code }))];
    recording.header.functions = Vec::new();
    let playback = replay(&service, &Arc::new(recording)).await;
    assert!(playback.is_equal(), "{:?}", playback.ending);
    assert_eq!(playback.not_granted, [format!("{interface}#get")]);
}
