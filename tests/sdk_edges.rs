//! Services that use the guest SDK as nobody would show it, and as everybody does some day.

use crate::sdk::granted;
use crate::support::command::Folder;
use crate::support::steps::{self, answers, calls, changed, diverged, run, texts};
use crate::support::{arguments, guest, record_with, replay, returned, service, trapped};
use playback_host::Limits;
use playback_host::recording::{Event, Outcome, Recording, Stream};
use playback_host::sandbox::Recorder;
use playback_host::tape::{Answered, Ending, Loss, Playback};
use playback_host::value::Value;
use serde_json::{Value as Json, json};
use std::process::Command;
use std::sync::Arc;

fn recorder() -> Recorder {
    steps::recorder("sdk_edges")
}

async fn record(steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    steps::record("sdk_edges", steps).await
}

async fn round_trip(steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    steps::round_trip("sdk_edges", steps).await
}

async fn replayed(recording: &Arc<Recording>) -> Playback {
    replay(&service("sdk_edges"), recording).await
}

fn aliases(recording: &Recording) -> Vec<&str> {
    recording.interceptions().map(|call| &*call.alias).collect()
}

#[tokio::test]
async fn a_value_that_the_host_cannot_keep_costs_the_recording_and_not_the_operation() {
    for (step, function, what) in [
        ("deep 200", "sdk_edges::deep", "an argument"),
        ("deep-result 200", "sdk_edges::deep_result", "the result"),
    ] {
        let recorded = run(&recorder(), &[step, "ask it"]).await;
        assert_eq!(texts(&recorded.outcome), ["200", "1"]);
        match recorded.recording.unwrap_err() {
            Loss::Unkept { function: of, problem } => {
                assert_eq!(of, function);
                assert!(problem.starts_with(&format!("{what} cannot be kept: ")), "{problem}");
                assert!(problem.ends_with("values nest more than 128 deep"), "{problem}");
            }
            loss => panic!("{loss:?}"),
        }
    }
    // However long it is: nobody goes down a whole chain.
    let recorded = run(&recorder(), &["chain 100000"]).await;
    assert_eq!(texts(&recorded.outcome), ["100000"]);
    let problem = recorded.recording.unwrap_err().to_string();
    assert!(problem.contains("values nest more than 128 deep"), "{problem:.300}");
    // What is put is refused, on a replay too.
    let (answers, _) = round_trip(&["deep-put 200", "deep-put 3", "deep 10"]).await;
    assert_eq!(answers, ["true", "false", "10"]);
}

#[tokio::test]
async fn calls_that_wait_are_over_on_a_replay_in_the_order_in_which_they_were() {
    let (_, recording) = round_trip(&["race", "uuid"]).await;
    assert_eq!(recording.metadata.counts.ambient, 0);
    let order: Vec<Json> =
        calls(&recording).into_iter().filter(|(alias, _)| *alias == "notify").map(|it| it.1).collect();
    // The shortest is over first; what it sends is asked too.
    assert_eq!(order, [json!(["1"]), json!(["3"]), json!(["5"])]);
}

#[tokio::test]
async fn nobody_waits_for_the_end_of_a_call_that_was_abandoned() {
    let (_, recording) = round_trip(&["select", "uuid", "race"]).await;
    let ends = recording.events.iter().filter(|event| matches!(event, Event::Ended(_)));
    assert_eq!(ends.count(), 4, "of all calls but one");
    round_trip(&["abandon-and-race", "uuid", "set"]).await;
}

#[tokio::test]
async fn an_abandoned_call_is_no_answer_to_another_one() {
    let (_, recording) = round_trip(&["leave", "uuid"]).await;
    let divergence = diverged(&changed("sdk_edges", &recording, &["leave", "leave"]).await);
    assert!(divergence.contains("input call 2 of `turns.1`: used up, 1 call was recorded"), "{divergence}");
    // Nor does anybody wait for it forever.
    let divergence = diverged(&changed("sdk_edges", &recording, &["turns"]).await);
    assert!(divergence.contains("the recorded call was abandoned before it was over"), "{divergence}");
}

#[tokio::test]
async fn a_panic_of_a_body_that_waited_comes_where_it_came() {
    let recorded = run(&recorder(), &["trap-later"]).await;
    let reason = trapped(&recorded.outcome).to_owned();
    assert!(reason.ends_with(": boom"), "{reason}");
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(aliases(&recording), ["boom", "notify"]);
    let playback = replayed(&recording).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.outputs);
}

#[tokio::test]
async fn however_many_wait_at_once_they_are_over_in_their_order() {
    let (answers, _) = round_trip(&["crowd 1500", "uuid"]).await;
    assert!(answers[0].starts_with("1499 1498 1497 "), "{:.100}", answers[0]);
}

#[tokio::test]
async fn a_panic_ends_the_replay_where_it_ended_the_operation_whatever_it_is_within() {
    for (steps, within) in
        [(["begun-trap"], ["boom", "within"].as_slice()), (["drop-panics"], &["touchy", "notify"])]
    {
        let recorded = run(&recorder(), &steps).await;
        let reason = trapped(&recorded.outcome).to_owned();
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(aliases(&recording), within);
        let playback = replayed(&recording).await;
        assert!(playback.is_equal(), "{reason}: {:?} {:?}", playback.ending, playback.outputs);
    }
}

#[tokio::test]
async fn a_call_that_began_before_a_body_may_go_on_within_it() {
    let (_, recording) = round_trip(&["begun", "uuid"]).await;
    assert_eq!(aliases(&recording), ["turns.1", "within", "notify"], "nothing of what the body calls");
}

#[tokio::test]
async fn hash_maps_are_in_the_same_order_though_bodies_that_made_some_do_not_run() {
    let (recorded, recording) = round_trip(&[
        "set",
        "many 100",
        "set",
        "many 3",
        "set",
        "race",
        "set",
        "leave",
        "set",
        "clones 100",
        "set",
    ])
    .await;
    assert_ne!(recorded[0], recorded[2], "each set has keys of its own");
    let first = recording.interceptions().next().unwrap();
    assert!(first.note >= 100, "{}", first.note);
}

#[tokio::test]
async fn parts_of_a_key_that_look_alike_are_not_taken_for_each_other() {
    let (recorded, recording) = round_trip(&["header x y", "header x z", "header w y"]).await;
    assert_eq!(calls(&recording)[1].1, json!(["x", "z"]));
    let playback = changed("sdk_edges", &recording, &["header w y", "header x z"]).await;
    assert_eq!(answers(&playback), [recorded[2].clone(), recorded[1].clone()]);
}

#[tokio::test]
async fn older_aliases_may_be_made_by_a_function_of_the_arguments() {
    let (recorded, recording) = round_trip(&["older apple"]).await;
    let mut recording = Recording::clone(&recording);
    for event in &mut recording.events {
        if let Event::Interception(call) = event {
            call.alias = "v2.apple".into();
        }
    }
    let playback = replayed(&Arc::new(recording)).await;
    assert_eq!(answers(&playback), recorded);
    let crossing = &playback.crossings[0];
    assert_eq!((crossing.answered, crossing.through.as_deref()), (Answered::Fallback, Some("v2.apple")));
}

#[tokio::test]
async fn of_a_key_without_arguments_every_call_is_the_same() {
    let (recorded, recording) = round_trip(&["any a", "any b"]).await;
    let playback = changed("sdk_edges", &recording, &["any c", "any d"]).await;
    assert_eq!(answers(&playback), recorded);
}

#[tokio::test]
async fn an_argument_that_is_skipped_is_not_on_the_tape() {
    let (_, recording) = round_trip(&["listen a"]).await;
    assert_eq!(calls(&recording), [("listen", json!(["a"]))]);
}

#[tokio::test]
async fn what_makes_a_default_is_not_intercepted_and_may_give_up() {
    let (recorded, recording) = round_trip(&["uuid", "send it", "uuid"]).await;
    let playback =
        changed("sdk_edges", &recording, &["uuid", "default hello", "early x", "send it", "uuid"]).await;
    assert_eq!(answers(&playback), [&*recorded[0], "6", "never", &*recorded[1], &*recorded[2]]);
    let made: Vec<_> = playback.crossings.iter().map(|it| (&*it.alias, it.answered)).collect();
    assert_eq!(made, [("made", Answered::Default), ("early", Answered::Default), ("send", Answered::Exact)]);
}

#[tokio::test]
async fn a_file_that_a_body_leaves_where_an_argument_says_is_there_on_a_replay_too() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder().to_builder().grants(granted(folder.path())).build().unwrap();
    let recorded = run(&recorder, &["fetch /data/a.txt"]).await;
    folder.close().unwrap();
    assert_eq!(texts(&recorded.outcome), ["1 of a"]);
    let recording = Arc::new(recorded.recording.unwrap());
    let outcome = returned(&recording.interceptions().next().unwrap().outcome);
    assert_eq!(outcome["left"]["to"]["path"], "/data/a.txt");
    assert_eq!(outcome["returned"], Json::Null);
    let playback = replayed(&recording).await;
    assert!(playback.is_equal(), "{:?} {:?} {:?}", playback.ending, playback.result, playback.files);
    // Code that wants it elsewhere has it there.
    let playback = changed("sdk_edges", &recording, &["fetch /data/b.txt"]).await;
    assert_eq!(answers(&playback), ["1 of a"]);
}

#[test]
fn files_of_bodies_are_in_the_cassette_and_are_there_again_when_the_folder_is_gone() {
    let folder = Folder::with(&["sdk_edges", "sdk_provider"]);
    folder.write("data/f", "text");
    for steps in [
        json!(["download a"]),
        json!(["fetch /data/b"]),
        json!(["render c"]),
        json!(["upload /data/f"]),
        json!(["fetch-fails /data/d"]),
        // What a body left is the service's own once it writes there.
        json!(["fetch /data/e", "write /data/e own", "read /data/e", "upload /data/e"]),
        json!(["download g", "write /data/g own", "read /data/g"]),
        // What a body took away is gone.
        json!(["fetch /data/h", "refetch /data/h", "read /data/h"]),
    ] {
        folder.ok(&format!(
            "record sdk_edges.wasm --dir data::/data --provider sdk_provider.wasm --invoke 'run({steps})'"
        ));
    }
    std::fs::remove_dir_all(folder.path("data")).unwrap();
    let told = folder.ok("replay --all sdk_edges.wasm");
    assert!(told.ends_with("8 equal, 0 different, 0 diverged\n"), "{told}");
    folder.ok("verify");
    // Whoever takes a content away is told.
    std::fs::remove_dir_all(folder.path("cassette/contents")).unwrap();
    assert_eq!(folder.run("verify").code, 3);
}

#[tokio::test]
async fn a_body_that_fails_need_not_leave_a_file_and_a_default_need_not_either() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder().to_builder().grants(granted(folder.path())).build().unwrap();
    let recorded = run(&recorder, &["fetch-fails /data/a", "uuid"]).await;
    let answers_then = texts(&recorded.outcome);
    assert_eq!(answers_then[0], r#"Err("1")"#);
    let recording = Arc::new(recorded.recording.unwrap());
    let playback = replayed(&recording).await;
    assert!(playback.is_equal(), "{:?} {:?} {:?}", playback.ending, playback.result, playback.files);
    let recorded = run(&recorder, &["uuid"]).await.recording.unwrap();
    let playback = changed("sdk_edges", &recorded, &["fetch-fails /data/a"]).await;
    assert_eq!(answers(&playback), [r#"Err("offline")"#]);
    assert_eq!(playback.crossings[0].answered, Answered::Default);
}

#[tokio::test]
async fn a_file_that_an_output_is_given_may_be_one_that_the_service_never_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "text").unwrap();
    let recorder = recorder().to_builder().grants(granted(folder.path())).build().unwrap();
    let recorded = run(&recorder, &["upload /data/f", "upload data//./f", "render a"]).await;
    folder.close().unwrap();
    assert_eq!(texts(&recorded.outcome), ["true", "true", "1 rendered"]);
    let recording = Arc::new(recorded.recording.unwrap());
    let playback = replayed(&recording).await;
    assert!(playback.is_equal(), "{:?} {:?} {:?}", playback.ending, playback.result, playback.files);
}

#[test]
fn the_limit_on_files_is_what_it_was_when_the_recording_was_made() {
    let folder = Folder::with(&["sdk"]);
    folder.write("data/out.txt", "");
    let text = "x".repeat(1_500_000);
    folder.write("steps.ndjson", format!("[[\"upload {text}\"]]\n"));
    let line =
        "record sdk.wasm --operation run --from steps.ndjson --dir data::/data --provider sdk_provider.wasm";
    std::fs::copy(guest("sdk_provider"), folder.path("sdk_provider.wasm")).unwrap();
    let recorded = folder.command(line).env("PLAYBACK_INTERCEPTED_FILE_SIZE_LIMIT", "1").output().unwrap();
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    let shown = folder.ok("show latest");
    assert!(shown.contains(r#"file = {"path":"/data/out.txt","too-large":1500000}"#), "{shown}");
    folder.ok("replay latest sdk.wasm");
}

#[tokio::test]
async fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("fifo")).status().unwrap().success());
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let recorder = recorder().to_builder().grants(granted(folder.path())).build().unwrap();
    for (path, problem) in [
        ("/data/fifo", "it is not a file with a content"),
        ("/data/sub", "it is a folder"),
        ("/data/none", "there is none"),
        ("/etc/passwd", "it is in no folder that the service was granted"),
    ] {
        let recorded = run(&recorder, &[&format!("upload {path}")]).await;
        match recorded.recording.unwrap_err() {
            Loss::Unkept { problem: told, .. } => {
                assert_eq!(
                    told,
                    format!(
                        "an argument cannot be kept: at `/file`: its data handler fails: the file `{path}`: {problem}"
                    )
                );
            }
            loss => panic!("{loss:?}"),
        }
    }
}

#[tokio::test]
async fn an_argument_is_the_same_with_its_fields_in_another_order_and_a_new_one_with_nothing_in_it() {
    let (recorded, recording) = round_trip(&["choose a", "choose b"]).await;
    let playback = changed("sdk_edges_v2", &recording, &["choose b", "choose a"]).await;
    assert_eq!(answers(&playback), [recorded[1].clone(), recorded[0].clone()]);
    assert!(playback.crossings.iter().all(|crossing| crossing.answered == Answered::Exact));
}

#[tokio::test]
async fn a_part_of_an_argument_may_become_the_key_after_it_was_recorded() {
    let (recorded, recording) = round_trip(&["whole a", "whole b"]).await;
    let playback = changed("sdk_edges_v2", &recording, &["whole b", "whole a"]).await;
    assert_eq!(answers(&playback), [recorded[1].clone(), recorded[0].clone()]);
}

#[tokio::test]
async fn an_abandoned_call_of_a_function_that_does_not_wait_any_more_has_no_answer() {
    let (_, recording) = round_trip(&["leave"]).await;
    let divergence = diverged(&changed("sdk_edges_v2", &recording, &["turns"]).await);
    assert!(divergence.contains("the recorded call was abandoned before it was over"), "{divergence}");
}

#[tokio::test]
async fn a_live_body_takes_no_recorded_answer_from_what_comes_after_it_and_reaches_nothing() {
    let (recorded, recording) = record(&["ask a", "ask b", "ask a"]).await;
    let playback = changed("sdk_edges", &recording, &["live a", "ask a", "ask b", "ask a"]).await;
    assert_eq!(answers(&playback), ["1 1 true", &*recorded[0], &*recorded[1], &*recorded[2]]);
    let divergence = diverged(&changed("sdk_edges", &recording, &["live z"]).await);
    assert!(divergence.contains("`test:sdk/world-facts#ask`"), "{divergence}");
}

#[tokio::test]
async fn a_metadata_extractor_may_do_anything_and_nothing_of_it_is_on_the_tape() {
    let (_, recording) = round_trip(&["order ann", "uuid", "now", "order bob", "uuid"]).await;
    assert_eq!(recording.metadata.more["said"], "2", "it was asked all the same");
    assert_eq!(aliases(&recording), [""; 0]);
    assert_eq!(recording.stream(Stream::Stdout), b"");
}

#[tokio::test]
async fn metadata_that_is_refused_while_recording_is_refused_on_a_replay() {
    let (answers, _) = round_trip(&["metadata id", "metadata tier"]).await;
    assert_eq!(answers, ["false", "true"]);
}

#[tokio::test]
async fn a_recorded_path_is_not_followed_however_long_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder().to_builder().grants(granted(folder.path())).build().unwrap();
    let mut recording = run(&recorder, &["render a"]).await.recording.unwrap();
    for event in &mut recording.events {
        if let Event::Interception(call) = event
            && let Outcome::Returned(Value::Map(fields)) = Arc::make_mut(&mut call.outcome)
        {
            fields[0].1 = format!("/data/{}f", "a/".repeat(60_000)).into();
        }
    }
    let divergence = diverged(&replayed(&Arc::new(recording)).await);
    assert!(divergence.contains("its path has more than 4096 bytes"), "{divergence:.500}");
}

/// What comes of a service that uses the imports as the SDK never does, recorded, and then replayed.
async fn misused(how: &str) -> (Outcome, Result<Recording, Loss>, Option<Playback>) {
    let limits = Limits::default().recording(64 << 20);
    let service = service("sdk_raw");
    let recorder = Recorder::builder(&service).limits(limits).build().unwrap();
    let recorded = record_with(&recorder, "misuse", arguments(json!([how]))).await;
    let playback = match &recorded.recording {
        Ok(recording) => Some(replay(&service, &Arc::new(recording.clone())).await),
        Err(_) => None,
    };
    (recorded.outcome, recorded.recording, playback)
}

#[tokio::test]
async fn imports_that_are_misused_end_in_one_clear_error_and_alike_on_a_replay() {
    for (how, problem) in [
        ("unknown-point", "the guest SDK calls function 7, which it has not declared"),
        ("arguments", "the guest SDK sent 0 arguments for 1"),
        ("key", "the guest SDK takes argument 1 of 1 for its key"),
        ("leave-none", "the guest SDK leaves call 3, which is not open"),
        ("leave-twice", "the guest SDK leaves call 1, which is not open"),
        ("pause-none", "the guest SDK pauses call 3, which is not at work"),
        ("pause-twice", "the guest SDK pauses call 1, which is not at work"),
        ("resume-at-work", "the guest SDK resumes call 1, which does not wait"),
        ("due-none", "the guest SDK asks after call 3, which is not open"),
        ("abandon-none", "the guest SDK leaves call 3, which is not open"),
        ("points", "the service intercepts more than 10000 functions of its own"),
        ("names", "the names of the functions that the service intercepts have more than 16777216 bytes"),
        ("open", "more than 100000 calls of the service's own functions are open"),
    ] {
        let (outcome, _, playback) = misused(how).await;
        assert_eq!(trapped(&outcome), problem, "{how}");
        if let Some(playback) = playback {
            assert!(
                matches!(playback.ending, Ending::Finished(Outcome::Trapped(_)) | Ending::Diverged(_)),
                "{how}"
            );
        }
    }
}

#[tokio::test]
async fn imports_that_are_given_what_cannot_be_kept_cost_the_recording_at_most() {
    for (how, loss) in [
        ("no-cbor", Some("an argument cannot be kept")),
        ("huge-count", Some("an argument cannot be kept")),
        ("no-cbor-result", Some("the result cannot be kept")),
        ("failed", Some("no reason")),
        ("held", Some("the recording was given up: it grew past 67108864 bytes")),
        ("note", None),
        ("aside", None),
        ("dropped", None),
        ("put", None),
        ("metadata", None),
        ("files", None),
    ] {
        let (outcome, recording, playback) = misused(how).await;
        assert_eq!(outcome, Outcome::Returned(Value::Null), "{how}");
        match loss {
            Some(loss) => assert!(recording.unwrap_err().to_string().contains(loss), "{how}"),
            None => assert!(playback.unwrap().is_equal(), "{how}"),
        }
    }
}

#[test]
fn recordings_that_the_sdk_lost_are_counted_with_their_reason_and_their_operations_returned() {
    let folder = Folder::with(&["sdk", "sdk_provider"]);
    folder.write(
        "steps.ndjson",
        "[[\"secret unspeakable\"]]\n[[\"price apple\"]]\n[[\"secret unspeakable\"]]\n[[\"discard boring\"]]\n",
    );
    let line = "record sdk.wasm --operation run --from steps.ndjson --provider sdk_provider.wasm";
    let ran = folder.run(line);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    for told_of in [
        "1 of 4 operations recorded as `run`",
        "2 recordings lost, whose operations ran",
        "steps.ndjson:1: the recording was given up: `sdk::secret`: the result cannot be kept: its data handler fails: ",
        "1 recording left out, whose operation ran",
        "1: the service discarded the recording: boring",
    ] {
        assert!(told.contains(told_of), "{told_of}\n{told}");
    }
    let summary = folder.json(line).pop().unwrap()["summary"].clone();
    assert_eq!(
        (&summary["recorded"], &summary["lost"], &summary["left-out"]),
        (&1.into(), &2.into(), &1.into())
    );
}

#[test]
fn a_provider_gets_nothing_of_the_sdk_and_is_told_so() {
    let folder = Folder::with(&["sdk"]);
    let told = folder.refusals(&["record sdk.wasm --provider sdk.wasm --invoke 'run([])'"]);
    let problem = "`sdk.wasm` cannot be a provider: it imports `playback:guest/";
    assert!(told.contains(problem) && told.contains("and a provider gets nothing but WASI"), "{told}");
}
