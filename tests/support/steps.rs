//! Services whose operation `run` does one step after another, each a function of its own: recorded, and replayed.

use super::{arguments, record_with, replay, returned, service};
use playback_host::recording::{Outcome, Recording};
use playback_host::sandbox::{Providers, Recorded, Recorder};
use playback_host::tape::{Answered, Ending, Playback};
use playback_host::value::{Value, json};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Answers every question with another number.
fn oracle() -> Providers {
    let asked = AtomicU32::new(0);
    Providers::default().function("test:sdk/world-facts#ask", move |_| {
        Ok(Value::from((asked.fetch_add(1, Ordering::Relaxed) + 1).to_string()))
    })
}

pub(crate) fn recorder(name: &str) -> Recorder {
    Recorder::builder(&service(name)).providers(oracle()).build().unwrap()
}

pub(crate) async fn run(recorder: &Recorder, steps: &[&str]) -> Recorded {
    record_with(recorder, "run", arguments(json!([steps]))).await
}

/// Records these steps; what came of each, and the recording.
pub(crate) async fn record(name: &str, steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    let recorded = run(&recorder(name), steps).await;
    (texts(&recorded.outcome), Arc::new(recorded.recording.unwrap()))
}

pub(crate) fn texts(outcome: &Outcome) -> Vec<String> {
    serde_json::from_value(returned(outcome)).unwrap()
}

/// What came of the steps of a replay.
pub(crate) fn answers(playback: &Playback) -> Vec<String> {
    match &playback.ending {
        Ending::Finished(outcome) => texts(outcome),
        Ending::Diverged(divergence) => panic!("{divergence}"),
    }
}

pub(crate) fn diverged(playback: &Playback) -> String {
    match &playback.ending {
        Ending::Diverged(divergence) => divergence.to_string(),
        Ending::Finished(outcome) => panic!("it ended with {outcome:?}"),
    }
}

/// Replays as if the code did these steps now.
pub(crate) async fn changed(name: &str, recording: &Recording, steps: &[&str]) -> Playback {
    let mut recording = recording.clone();
    recording.header.arguments = arguments(json!([steps]));
    replay(&service(name), &Arc::new(recording)).await
}

/// Records these steps, replays them, and returns what came of each. No body runs on the replay: what it would ask nobody
/// answers there.
pub(crate) async fn round_trip(name: &str, steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    let (recorded, recording) = record(name, steps).await;
    let playback = replay(&service(name), &recording).await;
    assert_eq!(answers(&playback), recorded);
    assert!(
        playback.is_equal(),
        "{steps:?}: {:?} {:?} {:?}",
        playback.ending,
        playback.result,
        playback.outputs
    );
    assert!(playback.crossings.iter().all(|crossing| crossing.answered == Answered::Exact));
    (recorded, recording)
}

/// The recorded calls, by alias and arguments.
pub(crate) fn calls(recording: &Recording) -> Vec<(&str, Json)> {
    recording
        .interceptions()
        .map(|call| (&*call.alias, Json::Array(call.arguments.iter().map(json::to_json).collect())))
        .collect()
}
