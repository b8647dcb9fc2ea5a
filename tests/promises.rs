//! The promises that no other file is about.

use crate::support::{arguments, engine, guest, provider, record_with, returned, service, stopped};
use playback_host::recording::{LimitKind, Outcome, Recording};
use playback_host::sandbox::{
    Grants, Limits, Options, ProviderComponent, Providers, Recorder, Replayer, ServiceGrants,
};
use playback_host::tape::{Ending, Playback};
use serde_json::json;
use std::sync::Arc;

/// Everything that a replay computed, in one text.
fn trace(playback: &Playback) -> String {
    let calls: Vec<_> =
        playback.crossings.iter().map(|call| (&call.alias, &call.arguments, call.answered)).collect();
    format!("{:?} {calls:?} {:?}", playback.ending, playback.written)
}

async fn everything() -> Arc<Recording> {
    let grants = ServiceGrants::default().stdin(b"in".to_vec());
    let recorder = Recorder::builder(&service("ambient")).build().unwrap();
    let recorded = record_with(
        &recorder.to_builder().grants(grants).build().unwrap(),
        "everything",
        arguments(json!([1])),
    )
    .await;
    Arc::new(recorded.recording.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_recording_replays_alike_on_many_threads() {
    let recording = everything().await;
    let replayer = Replayer::builder(&service("ambient")).build().unwrap();
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
    let recorder =
        Recorder::builder(&service("chatty")).providers(provider("chatty_provider")).build().unwrap();
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

/// A provider that all operations share, so that it can remember.
fn remembering() -> ProviderComponent {
    let file = guest("chatty_provider");
    ProviderComponent::from_file(engine(), file, Grants::default()).unwrap().shared().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shared_provider_serves_one_call_after_the_other_and_remembers() {
    let providers = Providers::default().component(remembering());
    let recorder = Recorder::builder(&service("chatty")).providers(providers).build().unwrap();
    let running: Vec<_> = (0..20)
        .map(|_| {
            let recorder = recorder.clone();
            tokio::spawn(async move { record_with(&recorder, "same", vec![5u32.into()]).await })
        })
        .collect();
    let mut rolls = Vec::new();
    for running in running {
        let recorded = running.await.unwrap();
        let own: Vec<u64> = serde_json::from_value(returned(&recorded.outcome)).unwrap();
        rolls.extend(own);
        let recording = Arc::new(recorded.recording.unwrap());
        assert!(crate::support::replay(&service("chatty"), &recording).await.is_equal());
    }
    rolls.sort_unstable();
    // The n-th roll is n * 100 + 6: each of the hundred was made once, by one instance.
    assert_eq!(rolls, (1..=100).map(|n| n * 100 + 6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_shared_provider_that_trapped_begins_anew() {
    let shop = ProviderComponent::from_file(engine(), guest("shop_provider"), Grants::default()).unwrap();
    let providers = Providers::default().component(shop.shared().unwrap());
    let recorder = Recorder::builder(&service("shop")).providers(providers).build().unwrap();
    for sku in ["apple", "trap", "trap", "apple"] {
        let recorded = record_with(&recorder, "quote", arguments(json!([sku, 1]))).await;
        assert_eq!(matches!(recorded.outcome, Outcome::Trapped(_)), sku == "trap");
    }
}

#[tokio::test]
async fn resources_and_too_many_providers_are_not_shared() {
    let file = guest("resources_provider");
    let shared = ProviderComponent::from_file(engine(), file, Grants::default()).unwrap().shared().unwrap();
    let providers = Providers::default().component(shared);
    let refused =
        Recorder::builder(&service("resources")).providers(providers).build().unwrap_err().to_string();
    assert!(refused.contains("is shared between operations and cannot provide"), "{refused}");

    let engine = playback_host::sandbox::Engine::new(&Options::default()).unwrap();
    let provider = || {
        let file = guest("chatty_provider");
        ProviderComponent::from_file(&engine, file, Grants::default()).unwrap().shared()
    };
    let shared: Vec<_> = (0..8).map(|_| provider().unwrap()).collect();
    let refused = provider().unwrap_err().to_string();
    assert!(refused.contains("cannot be shared: an engine has room for 8 shared providers"), "{refused}");
    drop(shared);
    provider().unwrap();
}

#[tokio::test]
async fn a_recording_that_grows_too_large_is_given_up_and_the_operation_goes_on() {
    let limits = Limits::default().recording(10_000);
    let recorder =
        Recorder::builder(&service("chatty")).providers(provider("chatty_provider")).build().unwrap();
    let recorded = record_with(
        &recorder.to_builder().limits(limits).build().unwrap(),
        "chorus",
        arguments(json!([1_000])),
    )
    .await;
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
async fn a_replay_that_makes_more_calls_than_its_memory_holds_is_stopped() {
    let service = service("chatty");
    let recorder = Recorder::builder(&service).providers(provider("chatty_provider")).build().unwrap();
    let recorded = record_with(&recorder, "same", arguments(json!([1_000]))).await;
    let recording = Arc::new(recorded.recording.unwrap());
    let replayer = |recording| {
        let limits = Limits::default().recording(recording);
        Replayer::builder(&service).limits(limits).build().unwrap()
    };
    assert!(replayer(1 << 20).replay(&recording).await.unwrap().is_equal());
    let playback = replayer(64 << 10).replay(&recording).await.unwrap();
    let reason = "stopped at the limit of 64 KiB that the calls of one replay may hold (`recording`)";
    let Ending::Finished(outcome) = &playback.ending else { panic!("{:?}", playback.ending) };
    assert_eq!(stopped(outcome), (LimitKind::Recording, reason));
    assert_eq!(playback.limit().unwrap().kind, LimitKind::Recording);
    assert!(playback.crossings.len() < 1_000);
}

#[tokio::test]
async fn what_a_component_imports_and_nobody_provides_is_refused_before_anything_runs() {
    let refused = Recorder::builder(&service("shop")).build().unwrap_err();
    insta::assert_snapshot!(refused.to_string().replace(&service("shop").name().to_owned(), "shop.wasm"));
    let wrong =
        Recorder::builder(&service("shop")).providers(provider("shop_v2_provider")).build().unwrap_err();
    let text = wrong.to_string();
    assert!(
        text.contains("find-customer") && text.contains("phone: string") && text.contains("language"),
        "{text}"
    );
}
