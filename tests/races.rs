//! Races between requests, timers and bodies: changed code finds the recorded order, however it asks.

use crate::support::http::recorded;
use crate::support::server::Server;
use crate::support::{arguments, replay, returned, service};
use playback_host::recording::{Event, Recording};
use playback_host::tape::{Ending, Playback};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A race of two requests and a timer that came one by one.
async fn race(change: &str) -> (Server, Recording, Json) {
    loop {
        let server = Server::start().await;
        let values = json!([server.url("/second"), server.url("/slow"), 60, change]);
        let recorded = recorded("race-with", values).await;
        let came = returned(&recorded.outcome);
        if came.as_array().unwrap().len() == 3 {
            return (server, recorded.recording.unwrap(), came);
        }
    }
}

/// Replays it on code that asks in another way.
async fn replayed(recording: &Recording, change: &str) -> (Json, Playback) {
    let mut recording = recording.clone();
    let last = recording.header.arguments.len() - 1;
    recording.header.arguments[last] = change.into();
    let playback = replay(&service("http"), &Arc::new(recording)).await;
    match &playback.ending {
        Ending::Finished(outcome) => (returned(outcome), playback),
        Ending::Diverged(divergence) => panic!("{change}: {divergence}"),
    }
}

#[tokio::test]
async fn changed_code_finds_the_recorded_order_of_a_race_however_it_asks() {
    for before in ["none", "ready"] {
        let (mut server, recording, came) = race(before).await;
        server.stop().await;
        for change in [
            "none",
            "print",
            "hold",
            "timer",
            "clocks",
            "reverse",
            "ready",
            "twice",
            "poll-twice",
            "subset",
            "deadline",
        ] {
            let (found, playback) = replayed(&recording, change).await;
            assert_eq!(found, came, "{before}, {change}");
            assert_eq!(playback.unrecorded_timers, Vec::<u64>::new(), "{change}");
        }
    }
}

#[tokio::test]
async fn changed_code_finds_the_recorded_order_of_two_bodies_however_it_reads() {
    let mut server = Server::start().await;
    let bodies = async |asks: &str| {
        let values = json!([server.url("/chunks"), server.url("/chunks"), asks]);
        let recorded = recorded("race-bodies", values).await;
        (recorded.recording.unwrap(), returned(&recorded.outcome))
    };
    let (polled, asked) = (bodies("none").await, bodies("ready").await);
    server.stop().await;
    for change in ["none", "print", "read", "bytes"] {
        let (recording, came) = &polled;
        let (found, _) = replayed(recording, change).await;
        // Bytes of one chunk that are read one by one may come between those of another that has arrived.
        let of = |came: &Json, name: &str| -> Vec<Json> {
            let is_of = |one: &&Json| one.as_str().is_some_and(|one| one.starts_with(name));
            came.as_array().unwrap().iter().filter(is_of).cloned().collect()
        };
        if change == "bytes" {
            assert_eq!((of(&found, "one"), of(&found, "other")), (of(came, "one"), of(came, "other")));
        } else {
            assert_eq!(found, *came, "{change}");
        }
    }
    let (recording, came) = &asked;
    assert_eq!(replayed(recording, "ready").await.0, *came, "what is ready can be read");
}

#[tokio::test]
async fn a_timer_that_lost_a_race_is_on_the_tape_and_stays_behind() {
    let server = Server::start().await;
    let values = json!([server.url("/second"), 3_600_000]);
    let recorded = recorded("wait", values).await;
    let mut recording = recorded.recording.unwrap();
    assert!(recording.events.iter().any(|event| matches!(event, Event::Unready(_))));
    assert!(replay(&service("http"), &Arc::new(recording.clone())).await.is_equal());
    // A timer of another length is new, and comes due before the response: the playback says so.
    recording.header.arguments = arguments(json!([server.url("/second"), 0]));
    let playback = replay(&service("http"), &Arc::new(recording)).await;
    assert_eq!(playback.unrecorded_timers, [0]);
}
