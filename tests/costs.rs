//! What an operation costs: the numbers are exact, and `compare --cost` holds a build to them.

use crate::support::{arguments, metered, provider_on, record_with, service_on};
use playback_host::recording::Recording;
use playback_host::sandbox::{Engine, Metering, Options, Recorder, Replayer};
use playback_host::tape::Cost;
use serde_json::json;
use std::sync::Arc;

/// An operation with many calls in both directions.
async fn narrated() -> Arc<Recording> {
    let service = service_on(metered(), "chatty");
    let recorder =
        Recorder::builder(&service).providers(provider_on(metered(), "chatty_provider")).build().unwrap();
    let recorded = record_with(&recorder, "narrate", arguments(json!([500]))).await;
    Arc::new(recorded.recording.unwrap())
}

async fn cost(engine: &Engine, recording: &Arc<Recording>) -> Cost {
    let replayer = Replayer::builder(&service_on(engine, "chatty")).build().unwrap();
    Cost::of_playback(&replayer.replay(recording).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replay_costs_the_same_each_time_on_every_thread_and_every_engine() {
    let recording = narrated().await;
    let first = cost(metered(), &recording).await;
    assert!(first.instructions > Some(100_000) && first.memory > Some(0), "{first:?}");
    let recorded = Cost::of_recording(&recording);
    assert_eq!((first.crossings, first.bytes), (recorded.crossings, recorded.bytes));
    assert_eq!(recorded.crossings, recording.interceptions().count() as u64);
    let replayer = Replayer::builder(&service_on(metered(), "chatty")).build().unwrap();
    let replays: Vec<_> = (0..100)
        .map(|_| {
            let (replayer, recording) = (replayer.clone(), recording.clone());
            tokio::spawn(async move { Cost::of_playback(&replayer.replay(&recording).await.unwrap()) })
        })
        .collect();
    for replay in replays {
        assert_eq!(replay.await.unwrap(), first);
    }
    let engine =
        |instances, metering| Engine::new(&Options { instances, metering, ..Options::default() }).unwrap();
    // Without room in its pool, an engine asks the machine for each memory.
    assert_eq!(cost(&engine(0, Metering::Fuel), &recording).await, first);
    let mut unmetered = first;
    unmetered.instructions = None;
    assert_eq!(cost(&engine(1_000, Metering::Off), &recording).await, unmetered);
}
