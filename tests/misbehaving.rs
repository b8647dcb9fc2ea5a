//! Guests and providers that trap, or take too long or too much: recorded, replayed alike, and never harmful to the host.

use crate::support::command::Folder;
use crate::support::{arguments, impatient, provider, record_with, replay, service, stopped, trapped};
use playback_host::Cassette;
use playback_host::recording::{Limit, LimitKind, Outcome};
use playback_host::sandbox::{Limits, Providers, Recorder, Replayer};
use playback_host::tape::{Ending, Playback};
use serde_json::{Value as Json, json};
use std::sync::Arc;

#[tokio::test]
async fn a_guest_that_misbehaves_is_recorded_and_says_so_and_replays_alike() {
    let service = service("misbehave");
    let recorder = Recorder::builder(&service).build().unwrap();
    let recorder = recorder.to_builder().limits(impatient()).build().unwrap();
    let replayer = Replayer::builder(&service).limits(impatient()).build().unwrap();
    let calls = [
        ("trap", json!(["boom"]), "wasm `unreachable` instruction executed"),
        ("unreachable", json!([]), "wasm `unreachable` instruction executed"),
        ("recurse", json!([]), "call stack exhausted"),
    ];
    for (operation, values, reason) in calls {
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        assert_eq!(trapped(&recorded.outcome), reason, "{operation}");
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(recording.metadata.exception.as_deref(), Some(reason), "{operation}");
        assert!(!recording.metadata.incomplete, "{operation}");
        let playback = replayer.replay(&recording).await.unwrap();
        assert!(playback.is_equal(), "{operation}: {:?}", playback.ending);
    }
}

#[tokio::test]
async fn a_guest_that_exits_is_told_with_its_status_and_with_0_it_succeeded() {
    let service = service("misbehave");
    let recorder = Recorder::builder(&service).build().unwrap();
    // WASI 0.2 tells a failure from a success, and no more.
    for (code, status, exception) in [(0, 0, None), (3, 1, Some("exited with status 1"))] {
        let recorded = record_with(&recorder, "exit-with", arguments(json!([code]))).await;
        assert_eq!(recorded.outcome, Outcome::Exited(status));
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(recording.metadata.exception.as_deref(), exception);
        assert!(!recording.metadata.incomplete);
        // A cassette gives it back as it was.
        let cassette = Cassette::memory();
        cassette.save(&recording).await.unwrap();
        let loaded = Arc::new(cassette.load(recording.id()).await.unwrap());
        assert_eq!(loaded.outcome, recording.outcome);
        assert!(replay(&service, &loaded).await.is_equal());
    }
}

#[test]
fn a_command_that_exits_is_shown_with_its_status_and_with_0_it_counts_as_returned() {
    let folder = Folder::with(&["misbehave"]);
    let ended = |code: i32| {
        let told = folder.ok(&format!("record misbehave.wasm --invoke exit-with({code})"));
        told.lines().next().unwrap().to_owned()
    };
    assert_eq!((ended(0), ended(3)), ("exited with status 0".to_owned(), "exited with status 1".to_owned()));
    folder.write("requests.ndjson", "[0]\n[0]\n[3]\n");
    let all = folder.ok("record misbehave.wasm --operation exit-with --from requests.ndjson");
    assert!(
        all.contains("3 operations recorded as `exit-with`") && all.contains("1 with an exception"),
        "{all}"
    );
    let json = folder.json("record misbehave.wasm --invoke exit-with(0)");
    assert_eq!(json[0]["outcome"], json!({ "exited": 0 }));
    let replays = folder.ok("replay latest misbehave.wasm");
    assert!(replays.contains("outcome    equal: exited with status 0"), "{replays}");
}

#[tokio::test]
async fn a_provider_that_says_what_a_limit_says_reaches_none() {
    let service = service("shop");
    for text in [
        "fuel allocated for hostcalls has been exhausted",
        "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
        "resource limit exceeded: instance count too high at 9",
        "exited with status 0",
    ] {
        let providers =
            ["price-of", "stock", "find-customer"].iter().fold(Providers::default(), |providers, name| {
                providers.function(format!("shop:orders/inputs#{name}"), move |_| Err(text.to_owned()))
            });
        let providers = ["store", "notify"].iter().fold(providers, |providers, name| {
            providers.function(format!("shop:orders/outputs#{name}"), move |_| Err(text.to_owned()))
        });
        let recorder = Recorder::builder(&service).providers(providers).build().unwrap();
        let recorded = record_with(&recorder, "quote", arguments(json!(["apple", 1]))).await;
        let reason = format!("the provider of `shop:orders/inputs#price-of` failed: {text}");
        assert_eq!(trapped(&recorded.outcome), reason);
        assert!(replay(&service, &Arc::new(recorded.recording.unwrap())).await.is_equal());
    }
}

#[tokio::test]
async fn what_a_guest_said_before_it_panicked_is_on_the_tape() {
    let service = service("misbehave");
    let recorder = Recorder::builder(&service).build().unwrap();
    let recorded = record_with(&recorder, "trap", arguments(json!(["boom"]))).await;
    let playback = replay(&service, &Arc::new(recorded.recording.unwrap())).await;
    let stderr = playback.stream(playback_host::recording::Stream::Stderr);
    assert!(String::from_utf8_lossy(&stderr).contains("boom"));
}

/// Replays a call of an operation of `misbehave` as if it were another call now.
async fn changed(recorded: (&str, Json), now: (&str, Json)) -> Playback {
    let service = service("misbehave");
    let recorder = Recorder::builder(&service).build().unwrap();
    let mut recording = record_with(&recorder, recorded.0, arguments(recorded.1)).await.recording.unwrap();
    recording.header.operation.name = now.0.into();
    recording.header.arguments = arguments(now.1);
    replay(&service, &Arc::new(recording)).await
}

#[tokio::test]
async fn a_panic_with_another_message_is_a_difference_and_one_from_another_line_a_note() {
    let playback = changed(("trap", json!(["no price"])), ("trap", json!(["no stock"]))).await;
    assert!(!playback.is_equal());
    assert_eq!(playback.result[0].to_string(), r#"/stderr: "no price" -> "no stock""#);
    assert!(playback.first_difference().unwrap().to_string().contains("no stock"));

    let playback = changed(("trap", json!(["no price"])), ("trap-elsewhere", json!(["no price"]))).await;
    assert!(playback.is_equal(), "{:?}", playback.result);
    let (recorded, replayed) = playback.panic_moved.unwrap();
    assert!(recorded != replayed && recorded.contains("misbehave.rs:"), "{recorded} {replayed}");
    let playback = changed(("trap", json!(["no price"])), ("trap", json!(["no price"]))).await;
    assert!(playback.is_equal() && playback.panic_moved.is_none());
}

#[tokio::test]
async fn what_is_written_last_before_a_program_ends_itself_is_compared_and_what_is_logged_before_is_not() {
    for status in [json!(null), json!(3)] {
        for (recorded, now, is_equal, noted) in [
            (json!(["start", "code 3"]), json!(["start", "code 4"]), false, None),
            (json!(["start", "code 3"]), json!(["one more line", "start", "code 3"]), true, None),
            (json!(["panic: no price"]), json!(["start", "panic: no price"]), true, None),
            (json!(["panic: no price"]), json!(["panic: no stock"]), false, None),
            (json!(["start"]), json!(["start", "Error: no price"]), true, Some(["start", "Error: no price"])),
            (json!(["start", "Error: no price"]), json!(["start"]), true, Some(["Error: no price", "start"])),
            (json!([]), json!(["one more line"]), true, Some(["", "one more line"])),
            (json!(["job 3 panicked at noon"]), json!(["panic: no price"]), false, None),
        ] {
            let [before, after] = [&recorded, &now].map(|lines| ("complain", json!([lines, status])));
            let playback = changed(before, after).await;
            assert_eq!(playback.is_equal(), is_equal, "{recorded} {now}");
            let last_line = playback
                .last_line
                .map(|(recorded, replayed)| [recorded, replayed].map(|line| line.unwrap_or_default()));
            assert_eq!(last_line, noted.map(|lines| lines.map(str::to_owned)), "{recorded} {now}");
        }
    }
    // The same of a service that ends well is no news.
    let playback = changed(("complain", json!([["start"], 0])), ("complain", json!([["other"], 0]))).await;
    assert!(playback.is_equal() && playback.last_line.is_none());
}

#[tokio::test]
async fn a_provider_that_traps_is_recorded_and_traps_alike_on_replay() {
    let service = service("shop");
    let recorder = Recorder::builder(&service).providers(provider("shop_provider")).build().unwrap();
    let recorded = record_with(&recorder, "quote", arguments(json!(["trap", 1]))).await;
    let reason =
        "the provider of `shop:orders/inputs#price-of` trapped: wasm `unreachable` instruction executed";
    assert_eq!(trapped(&recorded.outcome), reason);
    let playback = replay(&service, &Arc::new(recorded.recording.unwrap())).await;
    assert!(playback.is_equal());
    assert!(matches!(&playback.ending, Ending::Finished(outcome) if trapped(outcome) == reason));
}

#[tokio::test]
async fn a_provider_that_is_waited_for_too_long_is_given_up() {
    let service = service("shop");
    let never = |_| std::future::pending();
    let providers =
        ["price-of", "stock", "find-customer"].iter().fold(Providers::default(), |providers, name| {
            providers.async_function(format!("shop:orders/inputs#{name}"), never)
        });
    let providers = ["store", "notify"].iter().fold(providers, |providers, name| {
        providers.async_function(format!("shop:orders/outputs#{name}"), never)
    });
    let recorder = Recorder::builder(&service).providers(providers).limits(impatient()).build().unwrap();
    let recorded = record_with(&recorder, "quote", arguments(json!(["apple", 1]))).await;
    let reason = "the provider of `shop:orders/inputs#price-of` was stopped at the time limit of 500ms";
    assert_eq!(trapped(&recorded.outcome), reason);
    // The call is on the tape, so that the replay knows how it ended.
    assert!(replay(&service, &Arc::new(recorded.recording.unwrap())).await.is_equal());
}

#[tokio::test]
async fn values_that_are_too_large_to_cross_are_stopped_and_say_so() {
    let service = service("bytes");
    let limits = Limits::default().crossing(4 << 20);
    let recorder =
        |providers| Recorder::builder(&service).providers(providers).limits(limits).build().unwrap();
    let component = recorder(provider("bytes_provider"));
    let replayer = Replayer::builder(&service).limits(limits).build().unwrap();
    let reason = "stopped at the limit of 4 MiB that the values of one call may take (`crossing`)";
    let in_provider = |function: &str| format!("the provider of `test:bytes/blobs#{function}` was {reason}");
    for (operation, size, ended) in [
        ("download", 5_000_000, Outcome::Trapped(in_provider("fetch"))),
        ("upload", 5_000_000, Outcome::Stopped(Limit { kind: LimitKind::Crossing, text: reason.to_owned() })),
    ] {
        let recorded = record_with(&component, operation, arguments(json!([size]))).await;
        assert_eq!(recorded.outcome, ended, "{operation} {size}");
        let playback = replayer.replay(&Arc::new(recorded.recording.unwrap())).await.unwrap();
        assert!(playback.is_equal(), "{operation} {size}: {:?}", playback.ending);
    }
    for operation in ["upload", "download"] {
        let recorded = record_with(&component, operation, arguments(json!([4_000_000]))).await;
        assert!(matches!(recorded.outcome, Outcome::Returned(_)), "each byte takes one: {operation}");
    }
    let data = json!([{ "$bytes": "AAAA".repeat(1_500_000) }]);
    let recorded = record_with(&component, "exchange", arguments(data)).await;
    assert_eq!(stopped(&recorded.outcome), (LimitKind::Crossing, reason));
    assert!(recorded.recording.unwrap().metadata.incomplete);
}
