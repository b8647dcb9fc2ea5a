//! Services that intercept functions of their own: each row of what the guest SDK promises, recorded and replayed.

use crate::support::command::Folder;
use crate::support::steps::{self, answers, calls, diverged, run, texts};
use crate::support::{arguments, record_with, replay, returned, service, trapped};
use playback_host::recording::{Kind, Outcome, Recording};
use playback_host::sandbox::{
    Directory, DirectoryAccess, Recorder, Sampler, Sampling, Samplings, ServiceGrants,
};
use playback_host::tape::{Answered, Loss, Playback};
use playback_host::value::Value;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

fn recorder() -> Recorder {
    steps::recorder("sdk")
}

async fn record(steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    steps::record("sdk", steps).await
}

async fn round_trip(steps: &[&str]) -> (Vec<String>, Arc<Recording>) {
    steps::round_trip("sdk", steps).await
}

async fn changed(recording: &Recording, steps: &[&str]) -> Playback {
    steps::changed("sdk", recording, steps).await
}

#[tokio::test]
async fn an_input_is_recorded_under_its_alias_with_its_arguments_and_served_without_its_body() {
    let (answers, recording) = round_trip(&["price apple", "price bread"]).await;
    assert_eq!(answers, ["1", "2"]);
    assert_eq!(calls(&recording), [("price.apple", json!(["apple"])), ("price.bread", json!(["bread"]))]);
    let function = recording.function(recording.interceptions().next().unwrap()).unwrap();
    assert_eq!((&*function.name, &*function.signature), ("sdk::price", "func(sku: any) -> any"));
}

#[tokio::test]
async fn only_the_arguments_of_the_key_identify_a_call_and_the_others_are_kept() {
    let (recorded, recording) = round_trip(&["convert 2 EUR t1", "convert 3 EUR t2"]).await;
    let playback = changed(&recording, &["convert 3 EUR other", "convert 2 EUR another"]).await;
    assert_eq!(answers(&playback), [recorded[1].clone(), recorded[0].clone()]);
    assert_eq!(playback.beside_key.len(), 2, "the reader is told");
    let divergence = diverged(&changed(&recording, &["convert 4 EUR t1"]).await);
    assert!(divergence.contains("`convert`: these arguments were never recorded"), "{divergence}");
    assert!(divergence.contains("/amount: 2 -> 4") && !divergence.contains("/trace"), "{divergence}");
}

#[tokio::test]
async fn a_key_can_be_a_part_of_an_argument() {
    let (recorded, recording) = round_trip(&["order o-1", "order o-2"]).await;
    assert_eq!(recorded[0], r#"Order { id: "o-1", note: Some("1") }"#);
    assert_eq!(calls(&recording)[0].1, json!([{ "id": "o-1" }, "o-1"]));
    assert_eq!(answers(&changed(&recording, &["order o-2"]).await), [recorded[1].clone()]);
}

#[tokio::test]
async fn the_same_arguments_twice_get_each_their_own_outcome_and_then_the_last_again() {
    let (recorded, recording) = round_trip(&["next", "next", "next"]).await;
    assert_eq!(recorded, ["1", "2", "3"]);
    let playback = changed(&recording, &["next", "next", "next", "next"]).await;
    assert_eq!(answers(&playback), ["1", "2", "3", "3"]);
    assert_eq!(playback.crossings[3].answered, Answered::Repeated);
}

#[tokio::test]
async fn a_call_that_was_never_recorded_fails_with_its_name_and_the_nearest() {
    let (_, recording) = round_trip(&["rate EUR", "rate USD"]).await;
    let divergence = diverged(&changed(&recording, &["rate EUR", "rate GBP"]).await);
    assert!(
        divergence.starts_with("the recording has no answer for input call 1 of `rate`: "),
        "{divergence}"
    );
    assert!(divergence.contains("/currency: \"EUR\" -> \"GBP\""), "{divergence}");
}

#[tokio::test]
async fn a_call_that_was_never_recorded_gets_its_default_which_may_be_made_of_its_arguments() {
    let (recorded, recording) = round_trip(&["next", "lucky", "doubled 4"]).await;
    assert_eq!(recorded, ["1", "2", "7"]);
    assert_eq!(recording.interceptions().count(), 3);
    let (_, recording) = round_trip(&["next"]).await;
    let playback = changed(&recording, &["next", "lucky", "doubled 4"]).await;
    assert_eq!(answers(&playback), ["1", "7", "8"]);
    let labels: Vec<Answered> = playback.crossings.iter().map(|crossing| crossing.answered).collect();
    assert_eq!(labels, [Answered::Exact, Answered::Default, Answered::Default]);
}

#[tokio::test]
async fn a_call_that_was_never_recorded_runs_its_body_where_it_says_so_and_that_reaches_nothing() {
    let (_, recording) = round_trip(&["next"]).await;
    let playback = changed(&recording, &["next", "fresh"]).await;
    assert_eq!(answers(&playback), ["1", "made here"]);
    assert_eq!(playback.crossings[1].answered, Answered::Live);
}

#[tokio::test]
async fn an_error_is_recorded_and_served_as_such() {
    let (recorded, recording) = round_trip(&["lookup one", "lookup two"]).await;
    assert_eq!(recorded, ["Ok(1)", "Err(\"no two\")"]);
    let outcomes: Vec<Json> = recording.interceptions().map(|call| returned(&call.outcome)).collect();
    assert_eq!(outcomes, [json!({ "ok": 1 }), json!({ "err": "no two" })]);
}

#[tokio::test]
async fn a_panic_in_a_body_is_recorded_and_ends_the_replay_alike() {
    let recorded = run(&recorder(), &["price apple", "boom"]).await;
    let reason = trapped(&recorded.outcome).to_owned();
    assert!(reason.contains("panicked at guests/sdk.rs:") && reason.ends_with(": boom 2"), "{reason}");
    let recording = Arc::new(recorded.recording.unwrap());
    let boom = recording.interceptions().last().unwrap();
    assert_eq!((&*boom.alias, trapped(&boom.outcome)), ("boom", reason.as_str()));
    let playback = replay(&service("sdk"), &recording).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
    assert_eq!(playback.crossings.len(), 2);
}

#[tokio::test]
async fn an_output_is_found_by_its_ordinal_its_arguments_are_compared_and_its_result_is_served() {
    let (recorded, recording) = round_trip(&["notify ann hello", "notify bob bye"]).await;
    assert_eq!(recorded, ["1", "2"]);
    assert!(recording.interceptions().all(|call| call.kind == Kind::Output));
    let playback = changed(&recording, &["notify ann hello", "notify bob later"]).await;
    assert_eq!(answers(&playback), ["1", "2"]);
    assert!(!playback.is_equal());
    let differences: Vec<String> = playback.outputs[1].differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, ["/text: \"bye\" -> \"later\""]);
    let playback = changed(&recording, &["notify ann hello"]).await;
    assert!(playback.outputs[1].crossing.is_none(), "one was not made");
}

#[tokio::test]
async fn an_output_more_fails_or_gets_its_default_result() {
    let (_, recording) = round_trip(&["notify ann hello"]).await;
    let divergence = diverged(&changed(&recording, &["notify ann hello", "notify ann again"]).await);
    assert!(divergence.contains("output call 2 of `notify`: used up, 1 call was recorded"), "{divergence}");
    let playback = changed(&recording, &["notify ann hello", "audit it"]).await;
    assert_eq!(answers(&playback), ["1", "not recorded: it"]);
}

#[tokio::test]
async fn nothing_is_intercepted_inside_an_interception_and_skipping_it_shifts_nothing() {
    let (recorded, recording) =
        round_trip(&["uuid", "outer", "uuid", "price apple", "now", "ask it", "uuid"]).await;
    let names: Vec<_> = calls(&recording).into_iter().map(|(alias, _)| alias.to_owned()).collect();
    assert_eq!(names, ["outer", "price.apple", "test:sdk/world-facts#ask"]);
    assert_eq!(recording.stream(playback_host::recording::Stream::Stdout), b"");
    // The provider was asked all the same: it is real while it is recorded.
    assert!(recorded[1].starts_with("1 2 "), "{}", recorded[1]);
    assert_eq!(recorded[3], "4");
}

#[tokio::test]
async fn a_data_handler_prepares_what_is_kept_and_restores_it() {
    let (recorded, recording) = round_trip(&["secret abc", "whisper xyz"]).await;
    assert_eq!(recorded, ["abc1", "2"]);
    let outcome = returned(&recording.interceptions().next().unwrap().outcome);
    assert_eq!(outcome, json!("1cba"));
    assert_eq!(calls(&recording)[1].1, json!(["zyx"]));
}

#[tokio::test]
async fn a_failure_of_the_sdk_while_recording_costs_the_recording_and_not_the_operation() {
    for (step, answer, function, problem) in [
        (
            "secret unspeakable",
            "unspeakable",
            "sdk::secret",
            "the result cannot be kept: its data handler fails: it cannot be said",
        ),
        (
            "whisper unspeakable",
            "1",
            "sdk::whisper",
            "an argument cannot be kept: at `/word`: its data handler fails: it cannot be said",
        ),
        ("unkeepable", "5", "sdk::unkeepable", "an argument cannot be kept: at `/what`: it changes too fast"),
        ("unkept", "6", "sdk::unkept", "the result cannot be kept: it is gone already"),
    ] {
        let recorded = run(&recorder(), &[step, "mode"]).await;
        assert_eq!(texts(&recorded.outcome), [answer, "Recording"], "{step}");
        let loss = recorded.recording.unwrap_err();
        assert_eq!(loss, Loss::Unkept { function: function.into(), problem: problem.into() });
    }
}

#[tokio::test]
async fn a_failure_of_the_sdk_on_a_replay_ends_it_with_a_name() {
    let (_, recording) = round_trip(&["whisper xyz"]).await;
    let divergence = diverged(&changed(&recording, &["whisper unspeakable"]).await);
    assert!(divergence.contains("`whisper`: an argument cannot be kept: at `/word`"), "{divergence}");
}

/// A folder that the service calls `/data`.
pub(crate) fn granted(folder: &Path) -> ServiceGrants {
    let directory = Directory {
        host: folder.to_path_buf(),
        guest: "/data".to_owned(),
        access: DirectoryAccess::ReadWrite,
    };
    ServiceGrants::default().directories(vec![directory])
}

fn with_folder(folder: &Path) -> Recorder {
    recorder().to_builder().grants(granted(folder)).build().unwrap()
}

#[tokio::test]
async fn a_file_that_an_input_returns_is_kept_with_its_content_and_is_there_on_replay() {
    let folder = tempfile::tempdir().unwrap();
    let steps = ["download a.txt", "download-only b.txt"];
    let recorded = run(&with_folder(folder.path()), &steps).await;
    folder.close().unwrap();
    assert_eq!(texts(&recorded.outcome), ["1", "/data/b.txt"]);
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(recording.contents.len(), 2, "kept once");
    let playback = replay(&service("sdk"), &recording).await;
    assert!(playback.is_equal(), "{:?} {:?} {:?}", playback.ending, playback.result, playback.files);
    // Code that reads what nobody read while it was recorded.
    let playback = changed(&recording, &["download-only a.txt", "download b.txt"]).await;
    assert_eq!(answers(&playback), ["/data/a.txt", "2"]);
}

#[tokio::test]
async fn a_file_that_an_output_is_given_is_kept_with_its_content_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = run(&with_folder(folder.path()), &["upload hello"]).await;
    folder.close().unwrap();
    let recording = Arc::new(recorded.recording.unwrap());
    assert!(replay(&service("sdk"), &recording).await.is_equal());
    let playback = changed(&recording, &["upload other"]).await;
    let paths: Vec<&str> = playback.outputs[0].differences.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/file/sha256"]);
}

#[tokio::test]
async fn a_file_above_the_limit_is_kept_as_its_size_and_cannot_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let limits = playback_host::sandbox::Limits::default().file(0);
    let recorded = run(
        &with_folder(folder.path()).to_builder().limits(limits).build().unwrap(),
        &["download-only a.txt"],
    )
    .await;
    let recording = Arc::new(recorded.recording.unwrap());
    let outcome = returned(&recording.interceptions().next().unwrap().outcome);
    assert_eq!(outcome, json!({ "ok": { "path": "/data/a.txt", "too-large": 1 } }));
    let divergence = diverged(&replay(&service("sdk"), &recording).await);
    assert!(divergence.contains("was not kept: its 1 bytes are above the limit"), "{divergence}");
}

#[tokio::test]
async fn a_call_may_be_left_out_of_interception() {
    let (recorded, recording) = record(&["sometimes 1", "sometimes 2"]).await;
    assert_eq!(recorded, ["1", "2"]);
    let names: Vec<_> = calls(&recording).into_iter().map(|(alias, _)| alias.to_owned()).collect();
    assert_eq!(names, ["sometimes", "test:sdk/world-facts#ask"], "what it calls is intercepted then");
    assert!(replay(&service("sdk"), &recording).await.is_equal());
}

#[tokio::test]
async fn values_can_be_put_into_a_recording_and_got_from_it() {
    let (recorded, recording) = record(&["put basket three", "get basket", "put basket four"]).await;
    assert_eq!(recorded, ["Ok(())", "Ok(None)", "Ok(())"]);
    let playback = changed(&recording, &["get basket", "get nothing"]).await;
    assert_eq!(answers(&playback), ["Ok(Some(\"four\"))", "Ok(None)"]);
}

#[tokio::test]
async fn a_service_knows_whether_it_is_recorded_and_under_which_name() {
    let recorded = run(&recorder(), &["mode", "id"]).await;
    let recording = recorded.recording.unwrap();
    assert_eq!(texts(&recorded.outcome), ["Recording", recording.id().as_str()]);
    let playback = replay(&service("sdk"), &Arc::new(recording.clone())).await;
    assert_eq!(answers(&playback), ["Replaying", recording.id().as_str()]);
    let recorder = recorder();
    let operation = recorder.service().operation(Some("run")).unwrap();
    let (category, steps) = ("test".parse().unwrap(), arguments(json!([["mode", "id", "price apple"]])));
    let off = recorder.run(&category, operation, steps).await.unwrap();
    assert_eq!(texts(&off.outcome), ["Off", "", "1"]);
}

#[tokio::test]
async fn a_service_adds_metadata_and_none_in_place_of_the_hosts() {
    let (recorded, recording) =
        record(&["metadata tier gold", "metadata tier silver", "metadata id mine"]).await;
    assert_eq!(recorded[..2], ["ok", "ok"]);
    assert_eq!(
        recorded[2],
        "the metadata `id` cannot be kept: `id` is a name of the host's own; choose another"
    );
    assert_eq!(recording.metadata.more["tier"], "silver");
}

#[tokio::test]
async fn an_operation_makes_metadata_of_its_arguments_and_outcome_and_goes_on_if_that_fails() {
    let order = |customer: &'static str, total: u32| async move {
        let recorded = record_with(&recorder(), "place-order", arguments(json!([customer, total]))).await;
        let recording = recorded.recording.unwrap();
        (returned(&recorded.outcome), Json::Object(recording.metadata.more))
    };
    let metadata =
        |placed| json!({ "customer": "ann", "total": if placed { 5 } else { 5_000 }, "placed": placed });
    assert_eq!(order("ann", 5).await, (json!({ "ok": 5 }), metadata(true)));
    assert_eq!(order("ann", 5_000).await, (json!({ "err": "too much" }), metadata(false)));
    let failed = json!({ "metadata-extractor-failed": "nobody has no tier" });
    assert_eq!(order("nobody", 5).await, (json!({ "ok": 5 }), failed));
}

#[tokio::test]
async fn a_service_discards_its_recording_and_goes_on() {
    let recorded = run(&recorder(), &["price apple", "discard boring", "price apple"]).await;
    assert_eq!(texts(&recorded.outcome), ["1", "ok", "2"]);
    assert_eq!(recorded.recording.unwrap_err(), Loss::Discarded { reason: "boring".into() });
}

#[tokio::test]
async fn methods_associated_functions_and_generic_ones_are_intercepted_alike() {
    let (_, recording) = round_trip(&["client one /x", "client two /x", "shape", "generic 5"]).await;
    let aliases: Vec<_> = calls(&recording).into_iter().map(|(alias, _)| alias.to_owned()).collect();
    assert_eq!(aliases, ["client.one", "client.two", "shape", "generic", "generic"]);
    assert_eq!(calls(&recording)[3..], [("generic", json!([5])), ("generic", json!(["5"]))]);
    assert_eq!(calls(&recording)[0].1, json!(["/x"]), "the receiver is not part of it");
}

#[tokio::test]
async fn bodies_that_wait_are_open_only_while_they_are_at_work_themselves() {
    let (recorded, recording) = round_trip(&["both", "uuid", "wait long"]).await;
    let aliases: Vec<_> = calls(&recording).into_iter().map(|(alias, _)| alias.to_owned()).collect();
    assert_eq!(
        aliases,
        ["slow.one", "slow.two", "price.meanwhile", "test:sdk/world-facts#ask", "slow.long"],
        "{recorded:?}"
    );
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_to_the_end_is_recorded_as_that_and_is_never_over_on_a_replay() {
    let steps = ["hurry a", "uuid", "careful a", "hurry a", "price apple", "leave a"];
    let (recorded, recording) = round_trip(&steps).await;
    assert_eq!([&recorded[0], &recorded[3], &recorded[5]], ["too late", "too late", "false"]);
    let abandoned = recording.interceptions().map(|call| *call.outcome == Outcome::Abandoned);
    assert_eq!(abandoned.collect::<Vec<_>>(), [true, false, true, false, true]);
}

#[tokio::test]
async fn what_code_does_with_a_value_later_is_not_in_the_recording() {
    let (recorded, recording) = round_trip(&["mutated"]).await;
    assert_eq!(recorded, [r#"2 [("2", 1)]"#]);
    assert_eq!(returned(&recording.interceptions().next().unwrap().outcome), json!({ "1": 1 }));
}

#[tokio::test]
async fn a_map_is_the_same_argument_in_whatever_order_it_is() {
    let (_, recording) = round_trip(&["maps"]).await;
    let [one, other] = calls(&recording).try_into().unwrap();
    assert_eq!(one, other);
}

#[tokio::test]
async fn bytes_are_bytes_on_the_tape_and_a_mebibyte_is_no_trouble() {
    let (_, recording) = round_trip(&["bytes 1048576"]).await;
    match &*recording.interceptions().next().unwrap().outcome {
        Outcome::Returned(Value::Bytes(bytes)) => assert_eq!(bytes.len(), 1 << 20),
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_of_operations_at_once_have_each_their_own_recording() {
    let recorder = recorder();
    let operations = (0..300).map(|number| {
        let recorder = recorder.clone();
        tokio::spawn(async move {
            let (price, put) = (format!("price sku-{number}"), format!("put mine {number}"));
            let recorded = run(&recorder, &["next", &price, &put, "both", "next"]).await;
            (number, recorded.recording.unwrap())
        })
    });
    for operation in operations.collect::<Vec<_>>() {
        let (number, recording) = operation.await.unwrap();
        let recording = Arc::new(recording);
        assert_eq!(calls(&recording)[1].0, format!("price.sku-{number}"));
        assert_eq!(recording.interceptions().count(), 7);
        let playback = replay(&service("sdk"), &recording).await;
        assert!(playback.is_equal(), "{number}: {:?} {:?}", playback.ending, playback.result);
    }
}

/// How many of so many operations are recorded, with and without forcing it.
async fn kept(sampling: Sampling, steps: &[&str]) -> usize {
    kept_by(Samplings::default(), sampling, steps).await
}

async fn kept_by(samplings: Samplings, sampling: Sampling, steps: &[&str]) -> usize {
    let samplings = samplings.seeded(1).with("test".parse().unwrap(), sampling);
    let recorder = recorder().to_builder().samplings(samplings).build().unwrap();
    let mut kept = 0;
    for _ in 0..200 {
        let recorded = run(&recorder, steps).await;
        assert_eq!(texts(&recorded.outcome).len(), steps.len(), "it ran all the same");
        match recorded.recording {
            Ok(_) => kept += 1,
            Err(loss) => assert_eq!(loss, if sampling.skipped { Loss::Skipped } else { Loss::NotSampled }),
        }
    }
    kept
}

#[tokio::test]
async fn a_category_is_sampled_and_an_operation_can_force_its_recording_unless_that_is_ignored() {
    let sampling = Sampling { rate: 0.1, forced: true, skipped: false };
    let some = kept(sampling, &["price apple"]).await;
    assert!((5..50).contains(&some), "{some}");
    assert_eq!(kept(sampling, &["price apple"]).await, some, "the same seed, the same sample");
    assert_eq!(kept(sampling, &["price apple", "force"]).await, 200);
    assert_eq!(kept(Sampling { forced: false, ..sampling }, &["price apple", "force"]).await, some);
    assert_eq!(kept(Sampling { skipped: true, ..sampling }, &["price apple", "force"]).await, 0);
}

#[tokio::test]
async fn a_sampler_draws_as_a_rate_does_and_an_operation_goes_before_it_unless_that_is_ignored() {
    let by = |rate: f64| {
        let sampler = Sampler::new(move |_| std::future::ready(Ok::<_, String>(rate)));
        Samplings::default().with_sampler("test".parse().unwrap(), sampler)
    };
    let (all, rare) = (Sampling::default(), Sampling { rate: 0.1, ..Sampling::default() });
    let some = kept(rare, &["price apple"]).await;
    assert_eq!(kept_by(by(0.1), all, &["price apple"]).await, some);
    assert_eq!(kept_by(by(0.5), rare, &["price apple"]).await, some, "the smaller rate counts");
    assert_eq!(kept_by(by(0.0), all, &["price apple"]).await, 0);
    assert_eq!(kept_by(by(0.0), all, &["price apple", "force"]).await, 200);
    assert_eq!(kept_by(by(0.0), Sampling { forced: false, ..all }, &["price apple", "force"]).await, 0);
    assert_eq!(kept_by(by(f64::NAN), all, &["price apple"]).await, 200, "no rate at all");
}

#[test]
fn the_file_says_how_much_of_a_category_is_recorded_and_the_summary_says_what_was_left_out() {
    let folder = Folder::with(&["ambient"]);
    folder.write("requests.ndjson", "[1]\n".repeat(100));
    folder
        .write("playback.toml", "[record]\nsampling-seed = 3\n[category.naps]\nsampling = { rate = 0.25 }\n");
    let record = "record ambient.wasm --operation sleep-for --from requests.ndjson --category";
    let summary = folder.json(&format!("{record} naps")).pop().unwrap()["summary"].clone();
    let (kept, left) = (summary["recorded"].as_u64().unwrap(), summary["left-out"].as_u64().unwrap());
    assert!((10..45).contains(&kept) && kept + left == 100 && summary["lost"] == 0, "{summary}");
    let told = folder.ok(&format!("{record} naps"));
    let reason = "the recording was not kept: the sample does not include it";
    assert!(
        told.contains(&format!("{left} recordings left out, whose operations ran\n  {left}: {reason}\n")),
        "{told}"
    );
    assert!(folder.ok(&format!("{record} others")).starts_with("100 operations recorded as `others`"));
    folder.write("playback.toml", "[category.naps]\nsampling = { skipped = true }\n");
    let told = folder.ok("record ambient.wasm --category naps --invoke 'sleep-for(1)'");
    assert!(told.ends_with("the recording was not kept: its category is skipped\n"), "{told}");
    folder.write("playback.toml", "[category.naps]\nsampling = { rate = 5 }\n");
    let told = folder.run("record ambient.wasm --invoke 'sleep-for(1)'");
    assert_eq!(told.code, 2);
    assert!(told.error().contains("`naps` is sampled at 5; write a rate from 0 to 1"), "{}", told.stderr);
}
