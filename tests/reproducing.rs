//! Whether a recording reproduces: asked when it is made, with `record --verify`, or later, with `verify --replay`.

use crate::support::command::{Folder, Ran, assert_told, ran};
use crate::support::{arguments, record_with, service};
use playback_host::Cassette;
use playback_host::sandbox::{Recorder, Replayer, ServiceGrants};
use serde_json::json;

/// What comes through sockets is not on the tape, and a replay has none.
const SOCKETS: &str = "record ambient.wasm --sockets --verify --invoke 'escape(1)'";
const RECORD: &str =
    "record shop.wasm --provider shop_provider.wasm --operation quote --from requests.ndjson";

/// A folder with the shop and some requests for it.
fn shop() -> Folder {
    let folder = Folder::with(&["shop", "shop_provider", "shop_v2", "chatty", "chatty_provider", "ambient"]);
    folder.write("requests.ndjson", "[\"apple\", 1]\n[\"trap\", 1]\n[\"bread\", 2]\n");
    folder
}

#[test]
fn what_reproduces_is_said_to_and_what_does_not_is_kept_as_unverified() {
    let folder = shop();
    let call = r#"record shop.wasm --provider shop_provider.wasm --verify --invoke 'quote("apple", 1)'"#;
    folder.write("ports.ndjson", "[1]\n[2]\n");
    let ports = "record ambient.wasm --sockets --verify --operation escape --from ports.ndjson";
    let sound = format!("{RECORD} --verify");
    assert_told!(folder.session(&[call, &sound, SOCKETS, ports, "list --limit 2", "verify"]));
    let shown = folder.ok("show latest");
    // Where it differs; the values are for whoever replays it.
    assert!(shown.contains("\nunverified: the outcome: it differs at `/connect`"), "{shown}");
    assert_eq!(folder.json(&sound)[0]["recording"].get("unverified"), None);
    let json = folder.json(ports);
    let difference = json[1]["recording"]["unverified"].as_str().unwrap();
    assert!(difference.starts_with("the outcome: "), "{difference}");
    assert_eq!(json[2]["summary"]["unverified"], 2);
    assert_eq!(folder.json("list")[0]["unverified"], difference);
    assert_eq!(folder.json("show latest")[0]["metadata"]["unverified"], difference);
    // What it writes counts where that is asked for.
    let print = "record ambient.wasm --sockets --verify --invoke 'tell-sockets()'";
    assert_eq!(folder.run(print).code, 0);
    assert_eq!(folder.run(&format!("{print} --compare-streams stdout")).code, 1);
    // Nobody looked, so that nothing is said.
    assert_eq!(folder.json(RECORD).pop().unwrap()["summary"]["unverified"], json!(null));
}

#[test]
fn a_variable_or_the_file_asks_for_it_too() {
    let folder = shop();
    let plain = SOCKETS.replace("--verify", "");
    assert_eq!(folder.run(&plain).code, 0);
    let with = |value| ran(&folder.command(&plain).env("PLAYBACK_VERIFY", value).output().unwrap()).code;
    assert_eq!((with("1"), with("no")), (1, 0));
    folder.write("playback.toml", "[record]\nverify = true\n");
    assert_eq!(folder.run(&plain).code, 1);
}

#[test]
fn a_cassette_is_replayed_as_a_whole_and_each_first_difference_is_told() {
    let folder = shop();
    folder.ok(RECORD);
    folder.ok("record chatty.wasm --provider chatty_provider.wasm --invoke 'same(2)'");
    folder.ok(
        r#"record shop.wasm --provider shop_provider.wasm --invoke 'place-order({id: "o-3", customer: "bob",
        channel: web, express: false, lines: [{sku: "apple", quantity: 3}, {sku: "bread", quantity: 2}]})'"#,
    );
    assert_told!(folder.session(&[
        "verify --replay shop.wasm",
        "verify --replay shop_v2.wasm -v",
        "verify --replay chatty.wasm --jobs 1",
        "verify --replay ambient.wasm",
        "verify latest --replay shop.wasm",
        "verify latest --replay shop_v2.wasm",
        "verify latest --replay shop.wasm --max-instances 2",
        "verify latest --replay nothing.wasm",
    ]));
    let summary = folder.json("verify --replay shop_v2.wasm").pop().unwrap();
    assert_eq!(
        summary["summary"],
        json!({
            "equal": 3, "different": 1, "diverged": 0, "broken": 0, "failed": 0, "leftovers": 0, "uncommitted": 0,
            "left-out": 1, "operations-left-out": { "same": 1 }
        })
    );
    let latest = folder.json("list --limit 1")[0]["id"].as_str().unwrap().to_owned();
    folder.write(&format!("cassette/full/{latest}.tape"), "torn");
    let Ran { code, stdout, .. } = folder.run("verify --replay shop.wasm");
    assert_eq!(code, 3, "{stdout}");
    assert!(
        stdout.ends_with("3 recordings equal, 0 different, 0 diverged, 1 broken, 1 left out\n"),
        "{stdout}"
    );
}

#[tokio::test]
async fn sockets_that_are_taken_back_are_gone() {
    let recorder = Recorder::builder(&service("ambient")).build().unwrap();
    let granted = |recorder: Recorder, sockets| {
        recorder.to_builder().grants(ServiceGrants::default().sockets(sockets)).build().unwrap()
    };
    let never = record_with(&recorder, "escape", arguments(json!([1]))).await;
    let once = record_with(&granted(recorder.clone(), true), "escape", arguments(json!([1]))).await;
    let taken_back = granted(granted(recorder, true), false);
    let recorded = record_with(&taken_back, "escape", arguments(json!([1]))).await;
    assert!(once.outcome != never.outcome, "a socket tells nothing");
    assert_eq!(recorded.outcome, never.outcome);
    assert!(!recorded.recording.unwrap().metadata.sockets);
}

#[tokio::test]
async fn a_library_marks_what_does_not_reproduce_and_a_cassette_keeps_the_mark() {
    let service = service("ambient");
    let recorder = Recorder::builder(&service).build().unwrap();
    let recorder = recorder.to_builder().grants(ServiceGrants::default().sockets(true)).build().unwrap();
    let replayer = Replayer::builder(&service).build().unwrap();
    let sound = record_with(&recorder, "sleep-for", arguments(json!([1]))).await.recording.unwrap();
    assert_eq!(replayer.verify(sound.clone()).await.unwrap(), sound);

    let leaky = record_with(&recorder, "escape", arguments(json!([1]))).await.recording.unwrap();
    let marked = replayer.verify(leaky).await.unwrap();
    assert!(marked.metadata.unverified.as_ref().unwrap().starts_with("the outcome: "));
    let cassette = Cassette::memory();
    cassette.save(&marked).await.unwrap();
    let kept = cassette.load(marked.id()).await.unwrap();
    assert_eq!(kept.metadata.unverified, marked.metadata.unverified);
}
