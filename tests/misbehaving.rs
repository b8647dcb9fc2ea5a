//! Guests and providers that trap, or take too long or too much: recorded, replayed alike, and never harmful to the host.

use crate::support::{arguments, impatient, provider, record_with, replay, service, stopped, trapped};
use playback_host::recording::{Limit, LimitKind, Outcome};
use playback_host::sandbox::{Limits, Providers, Recorder, Replayer};
use playback_host::tape::{Ending, Rules};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_guest_that_misbehaves_is_recorded_and_says_so_and_replays_alike() {
    let service = service("misbehave");
    let recorder = Recorder::new(&service, Providers::default(), &Rules::default()).unwrap();
    let recorder = recorder.with_limits(impatient());
    let replayer = Replayer::new(&service, &Rules::default()).unwrap().with_limits(impatient());
    let calls = [
        ("trap", json!(["boom"]), "wasm `unreachable` instruction executed"),
        ("unreachable", json!([]), "wasm `unreachable` instruction executed"),
        ("recurse", json!([]), "call stack exhausted"),
        // WASI 0.2 tells a failure from a success, and no more.
        ("exit-with", json!([3]), "exited with status 1"),
        ("exit-with", json!([0]), "exited with status 0"),
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
async fn what_a_guest_said_before_it_panicked_is_on_the_tape() {
    let service = service("misbehave");
    let recorder = Recorder::new(&service, Providers::default(), &Rules::default()).unwrap();
    let recorded = record_with(&recorder, "trap", arguments(json!(["boom"]))).await;
    let playback = replay(&service, &Arc::new(recorded.recording.unwrap())).await;
    let stderr = playback.stream(playback_host::recording::Stream::Stderr);
    assert!(String::from_utf8_lossy(&stderr).contains("boom"));
}

#[tokio::test]
async fn a_provider_that_traps_is_recorded_and_traps_alike_on_replay() {
    let service = service("shop");
    let recorder = Recorder::new(&service, provider("shop_provider"), &Rules::default()).unwrap();
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
    let recorder = Recorder::new(&service, providers, &Rules::default()).unwrap().with_limits(impatient());
    let recorded = record_with(&recorder, "quote", arguments(json!(["apple", 1]))).await;
    let reason = "the provider of `shop:orders/inputs#price-of` was stopped at the time limit of 500ms";
    assert_eq!(trapped(&recorded.outcome), reason);
    // The call is on the tape, so that the replay knows how it ended.
    assert!(replay(&service, &Arc::new(recorded.recording.unwrap())).await.is_equal());
}

#[tokio::test]
async fn values_that_are_too_large_to_cross_are_stopped_and_say_so() {
    let service = service("bytes");
    let limits = Limits { crossing: 4 << 20, ..Limits::default() };
    let recorder =
        |providers| Recorder::new(&service, providers, &Rules::default()).unwrap().with_limits(limits);
    let component = recorder(provider("bytes_provider"));
    let replayer = Replayer::new(&service, &Rules::default()).unwrap().with_limits(limits);
    let reason = "stopped at the limit of 4 MiB that the values of one call may take (`crossing`)";
    let in_provider = |function: &str| format!("the provider of `test:bytes/blobs#{function}` was {reason}");
    for (operation, size, ended) in [
        // 40 bytes for each on the way into and out of a provider component.
        ("upload", 200_000, Outcome::Trapped(in_provider("send"))),
        ("download", 200_000, Outcome::Trapped(in_provider("fetch"))),
        // One for each on the way out of the service.
        ("upload", 5_000_000, Outcome::Stopped(Limit { kind: LimitKind::Crossing, text: reason.to_owned() })),
    ] {
        let recorded = record_with(&component, operation, arguments(json!([size]))).await;
        assert_eq!(recorded.outcome, ended, "{operation} {size}");
        let playback = replayer.replay(&Arc::new(recorded.recording.unwrap())).await.unwrap();
        assert!(playback.is_equal(), "{operation} {size}: {:?}", playback.ending);
    }
    let data = json!([{ "$bytes": "AAAA".repeat(50_000) }]);
    let recorded = record_with(&component, "exchange", arguments(data)).await;
    assert_eq!(stopped(&recorded.outcome), (LimitKind::Crossing, reason));
    assert!(recorded.recording.unwrap().metadata.incomplete);
}
