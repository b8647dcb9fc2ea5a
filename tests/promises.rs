//! The promises that no other file is about.

use crate::support::{arguments, provider, record_with, service};
use playback_host::recording::Recording;
use playback_host::sandbox::{Limits, Providers, Recorder, Replayer, ServiceGrants};
use playback_host::tape::{Playback, Rules};
use serde_json::json;
use std::sync::Arc;

/// Everything that a replay computed, in one text.
fn trace(playback: &Playback) -> String {
    let calls: Vec<_> =
        playback.crossings.iter().map(|call| (&call.alias, &call.arguments, call.answered)).collect();
    format!("{:?} {calls:?} {:?}", playback.ending, playback.written)
}

async fn everything() -> Arc<Recording> {
    let grants = ServiceGrants { stdin: b"in".to_vec(), ..ServiceGrants::default() };
    let recorder = Recorder::new(&service("ambient"), Providers::default(), &Rules::default()).unwrap();
    let recorded = record_with(&recorder.with_grants(grants), "everything", arguments(json!([1]))).await;
    Arc::new(recorded.recording.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_recording_replays_alike_on_many_threads() {
    let recording = everything().await;
    let replayer = Replayer::new(&service("ambient"), &Rules::default()).unwrap();
    let first = trace(&replayer.replay(&recording).await.unwrap());
    let replays: Vec<_> = (0..200)
        .map(|_| {
            let (replayer, recording) = (replayer.clone(), recording.clone());
            tokio::spawn(async move { trace(&replayer.replay(&recording).await.unwrap()) })
        })
        .collect();
    for replay in replays {
        assert_eq!(replay.await.unwrap(), first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operations_that_run_at_once_keep_their_recordings_apart() {
    let recorder = Recorder::new(&service("chatty"), provider("chatty_provider"), &Rules::default()).unwrap();
    let running: Vec<_> = (1..=100u32)
        .map(|times| {
            let recorder = recorder.clone();
            tokio::spawn(async move { record_with(&recorder, "distinct", vec![times.into()]).await })
        })
        .collect();
    for (running, times) in running.into_iter().zip(1..) {
        let recording = running.await.unwrap().recording.unwrap();
        assert_eq!(recording.interceptions().count(), times);
    }
}

#[tokio::test]
async fn a_recording_that_grows_too_large_is_given_up_and_the_operation_goes_on() {
    let limits = Limits { recording: 10_000, ..Limits::default() };
    let recorder = Recorder::new(&service("chatty"), provider("chatty_provider"), &Rules::default()).unwrap();
    let recorded = record_with(&recorder.with_limits(limits), "chorus", arguments(json!([1_000]))).await;
    assert_eq!(
        crate::support::returned(&recorded.outcome).as_array().map(Vec::len),
        Some(1_000),
        "the operation's own result stands"
    );
    let loss = recorded.recording.unwrap_err().to_string();
    assert_eq!(
        loss,
        "the recording was given up: it grew past 10000 bytes, the most that one may hold in memory"
    );
}

#[tokio::test]
async fn what_a_component_imports_and_nobody_provides_is_refused_before_anything_runs() {
    let refused = Recorder::new(&service("shop"), Providers::default(), &Rules::default()).unwrap_err();
    insta::assert_snapshot!(refused.to_string().replace(&service("shop").name().to_owned(), "shop.wasm"));
    let wrong = Recorder::new(&service("shop"), provider("shop_v2_provider"), &Rules::default()).unwrap_err();
    let text = wrong.to_string();
    assert!(
        text.contains("find-customer") && text.contains("phone: string") && text.contains("language"),
        "{text}"
    );
}
