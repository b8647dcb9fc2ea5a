//! What `replay` shows and exits with: of one recording, of all, of changed builds, of calls answered by a rule.

use crate::support::command::{Folder, assert_told};
use playback_host::cassette::{Access, Cassette, Location, Selector};
use playback_host::recording::{Event, Recording, RecordingId};
use serde_json::json;

/// An order that both versions of the shop treat alike.
const PLAIN: &str = r#"place-order({id: "o-1", customer: "alice", channel: web, express: false, lines: [{sku: "apple", quantity: 3}]})"#;
/// An order of more lamps than warehouse 1 has: version 2 asks for the customer first, and in warehouse 2 then.
const LAMPS: &str = r#"place-order({id: "o-2", customer: "alice", channel: web, express: false, lines: [{sku: "lamp", quantity: 3}]})"#;
/// One that version 2 rounds differently.
const DISCOUNT: &str = r#"place-order({id: "o-3", customer: "bob", channel: web, express: false, lines: [{sku: "apple", quantity: 3}, {sku: "bread", quantity: 2}]})"#;

fn recorded(calls: &[&str]) -> Folder {
    let folder = Folder::with(&["shop", "shop_provider", "shop_v2", "shop_v2_provider"]);
    for call in calls {
        folder.ok(&format!("record shop.wasm --provider shop_provider.wasm --invoke '{call}'"));
    }
    folder
}

#[test]
fn one_recording_on_three_builds_is_equal_different_or_diverged() {
    let folder = recorded(&[LAMPS, DISCOUNT]);
    let (lamps, discount) = ("replay /0", "replay latest");
    let ids = folder.json("list");
    let lamps = lamps.replace("/0", ids[1]["id"].as_str().unwrap());
    assert_told!(folder.session(&[
        &format!("{discount} shop.wasm"),
        &format!("{discount} shop_v2.wasm"),
        &format!("{lamps} shop.wasm -v"),
        &format!("{lamps} shop_v2.wasm"),
    ]));
}

#[test]
fn all_recordings_are_counted_and_the_worst_decides_the_exit_code() {
    let folder = recorded(&[PLAIN, DISCOUNT, LAMPS]);
    assert_told!(folder.session(&[
        "replay --all shop.wasm",
        "replay --all shop_v2.wasm",
        "replay --all shop_v2.wasm --limit 1",
        "replay --all shop.wasm --category quote",
    ]));
    // `verify` finds the same.
    let verified = folder.run("verify --replay shop_v2.wasm").stdout;
    assert!(verified.lines().any(|line| line.starts_with("diverged  place-order/")), "{verified}");
    assert!(verified.ends_with("1 recording equal, 1 different, 1 diverged, 0 broken\n"), "{verified}");
    let latest = folder.json("list").remove(0)["id"].as_str().unwrap().to_owned();
    folder.write(&format!("cassette/full/{latest}.tape"), "torn");
    assert_told!(folder.session(&["replay --all shop_v2.wasm"]));
}

#[test]
fn an_operation_that_the_new_build_has_not_is_said_with_those_it_has() {
    let folder = Folder::with(&["chatty", "chatty_provider", "shop"]);
    folder.ok("record chatty.wasm --provider chatty_provider.wasm --invoke 'same(2)'");
    assert_told!(folder.session(&["replay latest shop.wasm", "replay --all shop.wasm"]));
}

/// Adds the latest recording once more as `older`, with something else in it.
async fn add_edited(folder: &Folder, edit: impl FnOnce(&mut Recording)) {
    let cassette = Location::Directory(folder.path("cassette"));
    let cassette = Cassette::open(&cassette, Access::Write).await.unwrap();
    let mut recording = cassette.load(&cassette.find(&Selector::Latest).await.unwrap()).await.unwrap();
    recording.header.id = RecordingId::new("older".parse().unwrap(), recording.metadata.recorded_at);
    recording.metadata.id = recording.header.id.clone();
    edit(&mut recording);
    cassette.save(&recording).await.unwrap();
}

/// The same, as it would be if `price-of` had been called `get-price` then.
async fn add_older(folder: &Folder) {
    let edit = |recording: &mut Recording| {
        for function in &mut recording.header.functions {
            function.name = function.name.replace("price-of", "get-price").into();
        }
        for event in &mut recording.events {
            if let Event::Interception(call) = event {
                call.alias = call.alias.replace("price-of", "get-price").into();
            }
        }
    };
    add_edited(folder, edit).await;
}

#[tokio::test]
async fn what_a_replay_answers_without_a_recorded_answer_is_told_in_its_notes() {
    let arguments = |json| vec![playback_host::value::json::from_json(json).unwrap()];
    let folder = Folder::with(&["files"]);
    folder.write("data/readme", "hello");
    folder.ok(r#"record files.wasm --dir data::/data --invoke 'run([read("/data/readme")])'"#);
    let steps = json!([{"stat": "/data/log"}, {"write": ["/data/out/new", "x"]}]);
    add_edited(&folder, |recording| recording.header.arguments = arguments(steps)).await;
    let mut told = folder.session(&["replay older files.wasm"]);
    let assumed = &folder.json("replay older files.wasm")[0]["assumed"];
    let expected = json!([
        {"path": "/data/log", "assumed": "absent"},
        {"path": "/data/out", "assumed": "directory"},
        {"path": "/data/out/new", "assumed": "absent"},
    ]);
    assert_eq!(*assumed, expected);

    let folder = Folder::with(&["files"]);
    folder.write("data/readme", "hello");
    folder.ok(r#"record files.wasm --dir data::/data --invoke 'run([read("/data/readme"), write(("/data/log", "x"))])'"#);
    let steps = json!([{"read": "/data/other"}]);
    add_edited(&folder, |recording| recording.header.arguments = arguments(steps)).await;
    told += &folder.session(&["replay older files.wasm", "replay --all --category older files.wasm"]);
    assert_eq!(folder.json("replay older files.wasm")[0]["files"][0]["verdict"], "not-reached");

    for (operation, text, is_moved) in [("trap-elsewhere", "no price", true), ("trap", "no stock", false)] {
        let folder = Folder::with(&["misbehave"]);
        folder.ok("record misbehave.wasm --invoke 'trap(\"no price\")'");
        let edit = |recording: &mut Recording| {
            recording.header.operation.name = operation.into();
            recording.metadata.operation = operation.to_owned();
            recording.header.arguments = arguments(json!(text));
        };
        add_edited(&folder, edit).await;
        told += &folder.session(&["replay older misbehave.wasm"]);
        let moved = &folder.json("replay older misbehave.wasm")[0]["panic-moved"];
        assert_eq!(moved.is_object(), is_moved, "{moved}");
    }
    assert_told!(told);
}

#[tokio::test]
async fn a_recording_of_an_incompatible_version_is_answered_under_a_label_that_names_both() {
    let folder = recorded(&[LAMPS]);
    let edit = |recording: &mut Recording| {
        recording.header.operation.name = recording.header.operation.name.replace('#', "@0.9.0#").into();
        for function in &mut recording.header.functions {
            function.name = function.name.replace("inputs#", "inputs@0.9.0#").into();
        }
    };
    add_edited(&folder, edit).await;
    assert_told!(folder.session(&["replay older shop.wasm"]));
    let versions = &folder.json("replay older shop.wasm")[0]["other-versions"][0];
    assert_eq!(*versions, json!({"recorded": "shop:orders/inputs@0.9.0", "replayed": "shop:orders/inputs"}));
}

#[tokio::test]
async fn an_answer_that_is_not_the_exact_one_says_which_it_is() {
    let folder = recorded(&[LAMPS]);
    add_older(&folder).await;
    folder.write(
        "lenient.toml",
        r#"
        [interceptions."shop:orders/inputs#price-of"]
        fallback-aliases = ["shop:orders/inputs#get-price"]
        [interceptions."shop:orders/inputs#find-customer"]
        on-missing = { default = { err = "nobody" } }
        "#,
    );
    assert_told!(folder.session(&[
        "replay older shop.wasm",
        "replay older shop.wasm --config lenient.toml",
        "replay older shop_v2.wasm --config lenient.toml",
    ]));
    let output = &folder.json("replay older shop.wasm")[0]["outputs"][0];
    assert_eq!(output["verdict"], "not-reached");
    let call = &folder.json("replay older shop.wasm --config lenient.toml")[0]["calls"][0];
    assert_eq!(call["answered"], "fallback");
    assert_eq!(call["found-as"], "shop:orders/inputs#get-price");
}

#[test]
fn the_last_answer_of_a_key_again_is_labelled_repeated() {
    let folder = recorded(&[LAMPS]);
    folder.write(
        "repeat.toml",
        r#"
        [interceptions."shop:orders/inputs#stock"]
        key = ["sku"]
        [interceptions."shop:orders/inputs#find-customer"]
        on-missing = { default = { ok = { id = "alice", name = "Alice", discount-percent = 0 } } }
        "#,
    );
    let json = folder.json("replay latest shop_v2.wasm --config repeat.toml").remove(0);
    let labels: Vec<_> = json["calls"].as_array().unwrap().iter().map(|call| &call["answered"]).collect();
    assert_eq!(labels, ["default", "repeated"]);
    assert_told!(folder.session(&["replay latest shop_v2.wasm --config repeat.toml"]));
}

#[test]
fn a_call_is_answered_live_only_where_a_rule_says_so_and_a_provider_is_given() {
    let folder = recorded(&[LAMPS]);
    let rule = |functions: &[&str]| {
        let rule = |name| format!("[interceptions.\"shop:orders/inputs#{name}\"]\non-missing = \"live\"\n");
        functions.iter().map(rule).collect::<String>()
    };
    folder.write("live.toml", rule(&["stock", "find-customer"]));
    folder.write("half.toml", rule(&["find-customer"]));
    assert_told!(folder.session(&[
        "replay latest shop_v2.wasm --config live.toml",
        "replay latest shop_v2.wasm --provider shop_v2_provider.wasm",
        "replay latest shop_v2.wasm --provider shop_v2_provider.wasm --config half.toml",
        "replay latest shop_v2.wasm --provider shop_v2_provider.wasm --config live.toml",
        "replay latest shop_v2.wasm --provider shop_provider.wasm --config live.toml",
    ]));
}

#[test]
fn a_guest_that_does_not_end_by_itself_is_kept_as_incomplete_and_replays_alike() {
    let folder = Folder::with(&["misbehave"]);
    let record = "record misbehave.wasm --timeout 300ms --max-memory 32MiB --invoke";
    let replay = "replay latest misbehave.wasm --timeout 300ms --max-memory 32MiB";
    let mut told = String::new();
    for call in ["spin()", "eat()", "trap(\"boom\")", "exit-with(3)"] {
        told += &folder.session(&[&format!("{record} '{call}'"), replay]);
    }
    folder.write("requests.ndjson", "[]\n[]\n");
    let from = "record misbehave.wasm --max-memory 32MiB --operation eat --from requests.ndjson";
    told += &folder.session(&[from, "verify", "show latest"]);
    assert_told!(told);
}

#[test]
fn a_provider_that_traps_is_recorded_and_traps_alike_on_replay() {
    let folder = Folder::shop();
    assert_told!(folder.session(&[
        r#"record shop.wasm --provider shop_provider.wasm --invoke 'quote("trap", 1)'"#,
        "replay latest shop.wasm",
    ]));
    let listed = folder.json("list").remove(0);
    assert!(listed["exception"].as_str().unwrap().starts_with("the provider of `"), "{listed}");
    assert_eq!(listed["incomplete"], false);
}
