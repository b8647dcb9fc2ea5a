//! What the runtime itself reads is recorded, and served again.

use crate::support::{arguments, record_with, replay, returned, service};
use playback_host::recording::{Event, Stream};
use playback_host::sandbox::{Directory, DirectoryAccess, Limits, Providers, Recorder, ServiceGrants};
use playback_host::tape::{Ending, Playback};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn recorder() -> Recorder {
    let grants = ServiceGrants::default()
        .directories(vec![])
        .environment(vec![("REGION".to_owned(), "north".to_owned())])
        .arguments(vec!["ambient".to_owned(), "--fast".to_owned()])
        .stdin(b"first line\nsecond line\n".to_vec());
    Recorder::builder(&service("ambient")).grants(grants).build().unwrap()
}

#[tokio::test]
async fn log_lines_that_tell_the_time_change_no_time_that_the_service_returns() {
    let next = Providers::default().function("test:numbers/inputs#next", |_| Ok(1u32.into()));
    let recorder = Recorder::builder(&service("numbers")).providers(next).build().unwrap();
    let recorded = record_with(&recorder, "tell-the-time", arguments(json!([[0, 0, 0]]))).await;
    let mut recording = recorded.recording.unwrap();
    for lines in [0, 1, 50] {
        recording.header.arguments = arguments(json!([[lines, 0, lines]]));
        let playback = replay(recorder.service(), &Arc::new(recording.clone())).await;
        assert_eq!(outcome(&playback), returned(&recorded.outcome), "{lines}");
    }
}

/// What the operation of a replay returned.
fn outcome(playback: &Playback) -> Json {
    match &playback.ending {
        Ending::Finished(outcome) => returned(outcome),
        Ending::Diverged(divergence) => panic!("{divergence}"),
    }
}

#[tokio::test]
async fn clocks_random_environment_and_stdin_replay_as_they_were() {
    for (operation, values) in [
        ("read-clocks", json!([])),
        ("draw", json!([])),
        ("environment", json!([])),
        ("arguments", json!([])),
        ("read-stdin", json!([])),
        ("everything", json!([1])),
    ] {
        let recorded = record_with(&recorder(), operation, arguments(values)).await;
        let recording = Arc::new(recorded.recording.unwrap());
        for _ in 0..3 {
            let playback = replay(&service("ambient"), &recording).await;
            assert!(playback.is_equal(), "{operation}: {:?} {:?}", playback.ending, playback.result);
        }
    }
}

#[tokio::test]
async fn the_service_sees_what_it_was_granted_and_nothing_else() {
    let recorded = record_with(&recorder(), "environment", vec![]).await;
    assert_eq!(returned(&recorded.outcome), json!([["REGION", "north"]]));
    let recorded = record_with(&recorder(), "arguments", vec![]).await;
    assert_eq!(returned(&recorded.outcome), json!(["ambient", "--fast"]));
    let recorded = record_with(&recorder(), "read-stdin", vec![]).await;
    assert_eq!(returned(&recorded.outcome), json!("first line\nsecond line\n"));
}

#[tokio::test]
async fn where_the_host_runs_is_not_for_the_service_to_see() {
    let recorded = record_with(&recorder(), "surroundings", vec![]).await;
    assert_eq!(returned(&recorded.outcome), json!([null, false]));
    let playback = replay(&service("ambient"), &Arc::new(recorded.recording.unwrap())).await;
    assert!(playback.is_equal());
}

#[tokio::test]
async fn two_operations_draw_other_numbers() {
    let first = record_with(&recorder(), "draw", vec![]).await;
    let second = record_with(&recorder(), "draw", vec![]).await;
    assert_ne!(returned(&first.outcome), returned(&second.outcome));
}

/// What a replay of `draw` on changed code draws, when the recorded one wasted no number.
async fn drawn_when_wasted(recorder: &Recorder, wasted: &[u32]) -> (Json, Json) {
    let none = json!([vec![0; wasted.len()]]);
    let recorded = record_with(recorder, "draw", arguments(none)).await;
    let mut recording = recorded.recording.unwrap();
    recording.header.arguments = arguments(json!([wasted]));
    let playback = replay(recorder.service(), &Arc::new(recording)).await;
    (returned(&recorded.outcome), outcome(&playback))
}

#[tokio::test]
async fn changed_code_that_draws_more_numbers_gets_the_recorded_ones_again_after_the_next_call() {
    let next = Providers::default().function("test:numbers/inputs#next", |_| Ok(1u32.into()));
    let recorder = Recorder::builder(&service("numbers")).providers(next).build().unwrap();
    let (before, now) = drawn_when_wasted(&recorder, &[0, 3, 1, 0]).await;
    assert_eq!(now, before, "each stretch has numbers of its own");
    let uuids: HashSet<&str> =
        before.as_array().unwrap().iter().map(|it| it["uuid"].as_str().unwrap()).collect();
    assert_eq!(uuids.len(), 4, "and none has those of another");
}

#[tokio::test]
async fn so_it_does_after_a_file_that_it_opens() {
    let folder = crate::files::folder();
    let directory = Directory {
        host: folder.path().to_path_buf(),
        guest: "/data".to_owned(),
        access: DirectoryAccess::ReadOnly,
    };
    let next = Providers::default().function("test:numbers/inputs#next", |_| Ok(1u32.into()));
    let grants = ServiceGrants::default().directories(vec![directory]);
    let recorder = Recorder::builder(&service("numbers")).providers(next).build().unwrap();
    let recorder = recorder.to_builder().grants(grants).build().unwrap();
    let recorded = record_with(&recorder, "draw-after-reading", arguments(json!(["/data/readme", 0]))).await;
    let mut recording = recorded.recording.unwrap();
    recording.header.arguments = arguments(json!(["/data/readme", 3]));
    let playback = replay(recorder.service(), &Arc::new(recording)).await;
    assert!(playback.is_equal(), "{:?}", playback.result);
}

#[tokio::test]
async fn a_replay_never_sleeps() {
    let recorded = record_with(&recorder(), "sleep-for", arguments(json!([2_000]))).await;
    assert!(recorded.duration >= Duration::from_secs(2));
    let recording = Arc::new(recorded.recording.unwrap());
    let playback = replay(&service("ambient"), &recording).await;
    assert!(playback.is_equal());
    // Had it waited, it would have taken as long as the recording at least.
    assert!(playback.duration < recorded.duration, "it waited");
}

#[tokio::test]
async fn the_first_timer_is_the_first_on_replay_too() {
    let recorded = record_with(&recorder(), "race", arguments(json!([[3_600_000, 400, 1]]))).await;
    assert_eq!(returned(&recorded.outcome), json!([[2], [1], false]));
    let playback = replay(&service("ambient"), &Arc::new(recorded.recording.unwrap())).await;
    assert!(playback.is_equal(), "{:?}", playback.result);
    assert!(playback.duration < recorded.duration, "it waited");
}

#[tokio::test]
async fn timers_that_were_overdue_together_are_so_on_replay() {
    // Both are due when it comes to wait: virtual time alone would find the first one only.
    let recorded = record_with(&recorder(), "overdue", arguments(json!([[2, 1], 100_000_000]))).await;
    assert_eq!(returned(&recorded.outcome), json!([0, 1]));
    let mut recording = recorded.recording.unwrap();
    let playback = replay(&service("ambient"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?}", playback.result);

    recording.events.retain(|event| !matches!(event, Event::Arrived(_)));
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    assert_eq!(outcome(&playback), json!([1]), "the rule: the first to come due");
    assert_eq!(playback.readiness_parted, None, "nothing was recorded to part from");
}

#[tokio::test]
async fn changed_code_that_waits_for_one_timer_more_finds_those_that_were_ready_and_the_new_one_at_its_time()
{
    let recorded = record_with(&recorder(), "overdue", arguments(json!([[2, 1], 100_000_000]))).await;
    let mut recording = recorded.recording.unwrap();
    for (more, found) in [(3_600_000, json!([0, 1])), (0, json!([2]))] {
        recording.header.arguments = arguments(json!([[2, 1, more], 0]));
        let playback = replay(&service("ambient"), &Arc::new(recording.clone())).await;
        assert_eq!(outcome(&playback), found);
        let noted = if more == 0 { vec![0] } else { vec![] };
        assert_eq!(playback.unrecorded_timers, noted, "the playback says so");
    }
}

#[tokio::test]
async fn changed_code_that_waits_for_another_time_has_another_timer() {
    let recorded = record_with(&recorder(), "race", arguments(json!([[2_000, 1]]))).await;
    assert_eq!(returned(&recorded.outcome)[0], json!([1]));
    let mut recording = recorded.recording.unwrap();
    recording.header.arguments = arguments(json!([[1, 3_600_000]]));
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    assert_eq!(outcome(&playback), json!([[0], [0], true]), "the first to come due");
    assert_eq!(
        playback.unrecorded_timers,
        [3_600_000_000_000],
        "the other one waits as long as one that was recorded"
    );
}

#[tokio::test]
async fn changed_code_may_read_the_clocks_more_often_and_they_never_go_back() {
    let recorded = record_with(&recorder(), "read-clocks", vec![]).await;
    let before = returned(&recorded.outcome);
    let mut recording = recorded.recording.unwrap();
    // As if the operation had been one that reads each clock some times more, and sleeps between.
    recording.header.operation.name = "everything".into();
    recording.header.operation.parameters = vec!["port".into()];
    recording.header.arguments = arguments(json!([1]));
    let recording = Arc::new(recording);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let playback = replay(&service("ambient"), &recording).await;
        let all = outcome(&playback);
        assert_eq!(all["clocks"], before, "what was recorded comes first");
        let slept = all["slept"].as_u64().unwrap();
        assert!((50_000_000..51_000_000).contains(&slept), "it slept 50 ms of virtual time, not {slept} ns");
        seen.push(all);
    }
    assert!(seen.iter().all(|all| *all == seen[0]));
}

#[tokio::test]
async fn who_asks_a_timer_until_it_is_due_asks_as_often_on_replay_and_never_for_ever() {
    let recorded = record_with(&recorder(), "spin-until-due", arguments(json!([2]))).await;
    let mut recording = recorded.recording.unwrap();
    let playback = replay(&service("ambient"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?}", playback.result);

    recording.events.retain(|event| !matches!(event, Event::Arrived(_)));
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    assert_eq!(outcome(&playback), json!(2_000), "the rule: each question takes a microsecond");
}

#[tokio::test]
async fn to_wait_for_nothing_is_the_same_trap_on_replay() {
    // All three are due when the first is waited for: nothing is left for the second time.
    let recorded = record_with(&recorder(), "race", arguments(json!([[0, 0]]))).await;
    let playback = replay(&service("ambient"), &Arc::new(recorded.recording.unwrap())).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
}

#[tokio::test]
async fn changed_code_that_sleeps_for_an_hour_is_done_at_once() {
    let recorded = record_with(&recorder(), "sleep-for", arguments(json!([1]))).await;
    let mut recording = recorded.recording.unwrap();
    recording.header.arguments = arguments(json!([3_600_000]));
    // Had it waited, its time limit would have ended it.
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    assert!(outcome(&playback).as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_million_readings_of_the_clocks_are_recorded_in_a_few_mib_and_replayed() {
    let limits = Limits::default().recording(8 << 20);
    let recorded = record_with(
        &recorder().to_builder().limits(limits).build().unwrap(),
        "watch-clocks",
        arguments(json!([500_000])),
    )
    .await;
    let recording = Arc::new(recorded.recording.unwrap());
    assert!(recording.metadata.counts.ambient > 1_000_000);
    let playback = replay(&service("ambient"), &recording).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
}

#[tokio::test]
async fn a_timer_that_nobody_waits_for_takes_no_time() {
    let recorded = record_with(&recorder(), "give-up", arguments(json!([3_600]))).await;
    let mut recording = recorded.recording.unwrap();
    // As if the recorded build had read no clock, and the replayed one does.
    recording.events.retain(|event| !matches!(event, Event::Clock { .. }));
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    let nanoseconds = outcome(&playback).as_u64().unwrap();
    assert!(nanoseconds < 1_000_000, "{nanoseconds}");
}

#[tokio::test]
async fn standard_input_that_was_not_read_is_there_for_code_that_reads_it() {
    let recorded = record_with(&recorder(), "environment", vec![]).await;
    let mut recording = recorded.recording.unwrap();
    assert!(recording.events.contains(&Event::Stdin(b"first line\nsecond line\n".to_vec())));
    // As if the operation had been one that reads nothing, and does now.
    recording.header.operation.name = "read-stdin".into();
    let playback = replay(&service("ambient"), &Arc::new(recording)).await;
    assert_eq!(outcome(&playback), json!("first line\nsecond line\n"));
}

#[tokio::test]
async fn standard_output_is_on_the_tape_in_order() {
    let recorded = record_with(&recorder(), "print", arguments(json!(["to out", "to err"]))).await;
    let recording = Arc::new(recorded.recording.unwrap());
    let written: Vec<_> = recording
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Written(stream, bytes) => {
                Some((*stream, String::from_utf8_lossy(bytes).trim().to_owned()))
            }
            _ => None,
        })
        .collect();
    assert!(written.contains(&(Stream::Stdout, "to out".to_owned())));
    assert!(written.contains(&(Stream::Stderr, "to err".to_owned())));
    let playback = replay(&service("ambient"), &recording).await;
    assert_eq!(playback.stream(Stream::Stdout).trim_ascii(), b"to out");
}

#[tokio::test]
async fn a_service_that_is_granted_nothing_reaches_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let recorded = record_with(&recorder(), "escape", arguments(json!([port]))).await;
    let refusals = returned(&recorded.outcome);
    for attempt in ["open", "create", "connect"] {
        assert_ne!(refusals[attempt], json!("ok"), "{attempt}");
    }
    let recording = Arc::new(recorded.recording.unwrap());
    assert!(replay(&service("ambient"), &recording).await.is_equal());
    assert!(listener.accept().is_err(), "somebody connected");
}
