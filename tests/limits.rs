//! What an operation may use: each limit is a way to end of its own, on record and on replay; fuel ends at one point.

use crate::support::command::{Folder, assert_told, ran};
use crate::support::http::{recorder, request};
use crate::support::server::Server;
use crate::support::{
    arguments, engine, guest, metered, provider_on, record_with, replay, service_on, stopped,
};
use playback_host::recording::{LimitKind, Recording};
use playback_host::sandbox::{
    Grants, Limits, Network, ProviderComponent, Providers, Recorder, Replayer, Service,
};
use playback_host::tape::Playback;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// A guest that needs no provider, where fuel is counted.
fn misbehave() -> Service {
    service_on(metered(), "misbehave")
}

async fn recorded(operation: &str, values: Json, limits: Limits) -> Arc<Recording> {
    let recorder = Recorder::builder(&misbehave()).build().unwrap();
    let recorded =
        record_with(&recorder.to_builder().limits(limits).build().unwrap(), operation, arguments(values))
            .await;
    Arc::new(recorded.recording.unwrap())
}

async fn replayed(recording: &Arc<Recording>, limits: Limits) -> Playback {
    let replayer = Replayer::builder(&misbehave()).limits(limits).build().unwrap();
    replayer.replay(recording).await.unwrap()
}

fn limits(kind: LimitKind, strictness: usize) -> Limits {
    let mut limits = Limits::default().time(Duration::from_secs(600));
    match kind {
        LimitKind::Memory => limits.memory = (4 << 20) / strictness,
        LimitKind::TableElements => limits.table_elements = 2 / strictness,
        LimitKind::Instances => limits.instances = 2 / strictness,
        LimitKind::Time => limits.time = Some(Duration::from_millis(100) / strictness as u32),
        LimitKind::Fuel => limits.fuel = Some(1_000_000 / strictness as u64),
        LimitKind::Written => limits.written = 10_000 / strictness,
        LimitKind::Crossing => limits.crossing = 10_000 / strictness,
        LimitKind::Recording => limits.recording = 10_000 / strictness,
    }
    limits
}

#[tokio::test]
async fn an_operation_that_reaches_a_limit_replays_equal_wherever_a_limit_of_that_kind_is_set() {
    for (operation, values, kind, reason) in [
        ("eat", json!([]), LimitKind::Memory, "stopped at the memory limit of 4 MiB"),
        ("big-return", json!([1u64 << 30]), LimitKind::Memory, "stopped at the memory limit of 4 MiB"),
        ("fine", json!([]), LimitKind::TableElements, "stopped at the limit of 2 table elements"),
        ("fine", json!([]), LimitKind::Instances, "stopped at the limit of 2 core instances"),
        ("spin", json!([]), LimitKind::Time, "stopped at the time limit of 100ms"),
        ("spin", json!([]), LimitKind::Fuel, "stopped at the fuel limit of 1000000"),
        (
            "babble",
            json!([]),
            LimitKind::Written,
            "stopped at the limit of 10000 bytes written to its standard streams",
        ),
        (
            "big-return",
            json!([20_000]),
            LimitKind::Crossing,
            "stopped at the limit of 10000 bytes that the values of one call may take (`crossing`)",
        ),
    ] {
        let recording = recorded(operation, values, limits(kind, 1)).await;
        assert_eq!(stopped(recording.outcome.as_ref().unwrap()), (kind, reason), "{operation}");
        let metadata = &recording.metadata;
        assert_eq!(metadata.exception.as_deref(), Some(reason), "{operation}");
        assert!(metadata.incomplete && metadata.limit == Some(kind), "{operation}: {metadata:?}");
        let same = replayed(&recording, limits(kind, 1)).await;
        assert!(same.is_equal() && same.limit().is_none(), "{operation} {kind}: {:?}", same.ending);
        let stricter = replayed(&recording, limits(kind, 2)).await;
        assert!(stricter.result.is_empty(), "{operation} {kind}: {:?}", stricter.result);
    }
}

#[tokio::test]
async fn an_operation_that_was_stopped_while_it_waited_is_stopped_there_on_replay_and_waits_for_nothing() {
    let time = Duration::from_millis(300);
    let limits = Limits::default().time(time);
    let recorder = crate::ambient::recorder().to_builder().limits(limits).build().unwrap();
    // Each of them waits for longer than the limit, some of them little by little.
    for (operation, values) in [
        // It ends after the limit, and before anybody can stop it.
        ("sleep-for", json!([310])),
        ("nap", json!([5, 1_000_000])),
        ("sleep-for", json!([60_000])),
        ("race", json!([[1, 60_000]])),
        ("race", json!([[60_000, 50_000]])),
    ] {
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        let recording = Arc::new(recorded.recording.unwrap());
        let reason = "stopped at the time limit of 300ms";
        assert_eq!(stopped(recording.outcome.as_ref().unwrap()), (LimitKind::Time, reason), "{operation}");
        // Whatever the replay's own limit is: it does not come to it.
        let replayer = Replayer::builder(recorder.service()).build().unwrap();
        let playback = replayer.replay(&recording).await.unwrap();
        assert!(playback.is_equal(), "{operation}: {:?} {:?}", playback.ending, playback.result);
        assert!(playback.duration < recorded.duration, "it waited");
    }
}

#[tokio::test]
async fn an_operation_that_was_stopped_while_a_server_was_silent_is_stopped_on_replay_too() {
    for (path, operation, more) in [
        ("/never", "fetch", None),
        ("/endless", "fetch", None),
        ("/endless", "peek", Some(json!(1_000))),
        ("/never", "upload", Some(json!(50_000_000))),
    ] {
        let mut server = Server::start().await;
        let recorder = recorder(Network::All)
            .to_builder()
            .limits(Limits::default().time(Duration::from_millis(300)))
            .build()
            .unwrap();
        let url = server.url(path);
        let values = match more {
            Some(bytes) => json!([url, bytes]),
            None => json!([request("GET", &url, json!({}))]),
        };
        let recorded = record_with(&recorder, operation, arguments(values)).await;
        let recording = Arc::new(recorded.recording.unwrap());
        assert_eq!(recording.metadata.limit, Some(LimitKind::Time), "{path} {operation}");
        server.stop().await;
        let playback = replay(recorder.service(), &recording).await;
        assert!(playback.is_equal(), "{path} {operation}: {:?} {:?}", playback.ending, playback.result);
    }
}

#[tokio::test]
async fn a_replay_that_reaches_a_limit_that_its_recording_did_not_says_which() {
    let none = Limits::default();
    let fuel = limits(LimitKind::Fuel, 1);
    for (operation, values, recorded_with, kind) in [
        ("big-return", json!([5_000_000]), none, LimitKind::Memory),
        ("fine", json!([]), none, LimitKind::TableElements),
        ("fine", json!([]), none, LimitKind::Instances),
        ("big-return", json!([20_000]), none, LimitKind::Crossing),
        ("spin", json!([]), fuel, LimitKind::Time),
        ("spin", json!([]), limits(LimitKind::Time, 1), LimitKind::Fuel),
        ("babble", json!([]), fuel, LimitKind::Written),
    ] {
        let recording = recorded(operation, values, recorded_with).await;
        let playback = replayed(&recording, limits(kind, 1)).await;
        assert!(!playback.is_equal(), "{operation} {kind}");
        assert_eq!(playback.limit().map(|limit| limit.kind), Some(kind), "{operation}");
        assert_eq!(playback.result.len(), 1, "{operation}");
    }
}

/// A thousand rolls, lines and sayings, recorded with all the fuel they need.
async fn narrated() -> Arc<Recording> {
    let service = service_on(metered(), "chatty");
    let recorder =
        Recorder::builder(&service).providers(provider_on(metered(), "chatty_provider")).build().unwrap();
    let recorded = record_with(&recorder, "narrate", arguments(json!([1_000]))).await;
    Arc::new(recorded.recording.unwrap())
}

/// Where a replay stopped: its calls, and what it had written.
fn point(playback: &Playback) -> String {
    let calls: Vec<_> = playback.crossings.iter().map(|call| (&call.alias, &call.arguments)).collect();
    format!("{:?} {calls:?} {:?}", playback.ending, playback.written)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_fuel_ends_at_the_same_point_on_all_threads_and_more_gets_further() {
    let recording = narrated().await;
    let replayer = |fuel| {
        let limits = Limits::default().fuel(Some(fuel));
        Replayer::builder(&service_on(metered(), "chatty")).limits(limits).build().unwrap()
    };
    let little = replayer(300_000);
    let first = little.replay(&recording).await.unwrap();
    assert_eq!(first.limit().unwrap().kind, LimitKind::Fuel);
    let replays: Vec<_> = (0..100)
        .map(|_| {
            let (replayer, recording) = (little.clone(), recording.clone());
            tokio::spawn(async move { point(&replayer.replay(&recording).await.unwrap()) })
        })
        .collect();
    for replay in replays {
        assert_eq!(replay.await.unwrap(), point(&first));
    }
    let more = replayer(600_000).replay(&recording).await.unwrap();
    let written = |playback: &Playback| playback.written.iter().map(|(_, text)| text.len()).sum::<usize>();
    assert!(!first.crossings.is_empty() && first.crossings.len() < more.crossings.len());
    assert!(0 < written(&first) && written(&first) < written(&more));
    assert_eq!(more.limit().unwrap().kind, LimitKind::Fuel);
    assert!(replayer(u64::MAX).replay(&recording).await.unwrap().is_equal());
}

#[tokio::test]
async fn fuel_ends_a_recording_and_its_replay_at_the_same_point() {
    let service = service_on(metered(), "chatty");
    let limits = Limits::default().fuel(Some(300_000));
    let recorder =
        Recorder::builder(&service).providers(provider_on(metered(), "chatty_provider")).build().unwrap();
    let recorder = recorder.to_builder().limits(limits).build().unwrap();
    let recorded = record_with(&recorder, "narrate", arguments(json!([1_000]))).await;
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(recording.metadata.limit, Some(LimitKind::Fuel));
    let replayer = Replayer::builder(&service).limits(limits).build().unwrap();
    let playback = replayer.replay(&recording).await.unwrap();
    assert!(playback.is_equal());
    assert_eq!(playback.crossings.len(), recording.interceptions().count());
    assert!(playback.crossings.len() > 1);
}

#[tokio::test]
async fn fuel_is_that_of_the_service_and_not_of_its_providers() {
    let file = guest("chatty_provider");
    let shared = ProviderComponent::from_file(metered(), file, Grants::default()).unwrap().shared().unwrap();
    let providers = [provider_on(metered(), "chatty_provider"), Providers::default().component(shared)];
    for providers in providers {
        let recorder =
            Recorder::builder(&service_on(metered(), "chatty")).providers(providers).build().unwrap();
        let recorder = recorder.to_builder().limits(Limits::default().fuel(Some(300_000))).build().unwrap();
        for _ in 0..2 {
            let recorded = record_with(&recorder, "same", vec![3u32.into()]).await;
            assert!(recorded.recording.unwrap().metadata.exception.is_none());
        }
    }
}

#[tokio::test]
async fn the_longest_time_there_is_limits_nothing() {
    let limits = Limits::default().time(Duration::MAX);
    let shop = crate::support::service("shop");
    let recorder =
        Recorder::builder(&shop).providers(crate::support::provider("shop_provider")).build().unwrap();
    let recorder = recorder.to_builder().limits(limits).build().unwrap();
    let recorded = record_with(&recorder, "quote", arguments(json!(["apple", 1]))).await;
    let recording = Arc::new(recorded.recording.unwrap());
    assert_eq!(recording.metadata.exception, None);
    let replayer = Replayer::builder(&shop).limits(limits).build().unwrap();
    assert!(replayer.replay(&recording).await.unwrap().is_equal());
    let sleepy = crate::ambient::recorder().to_builder().limits(limits).build().unwrap();
    let recorded = record_with(&sleepy, "sleep-for", arguments(json!([1]))).await;
    assert_eq!(recorded.recording.unwrap().metadata.exception, None);
}

#[tokio::test]
async fn fuel_is_not_limited_where_nothing_counts_it() {
    let service = service_on(engine(), "misbehave");
    let limits = Limits::default().fuel(Some(1_000_000));
    let recorder = Recorder::builder(&service).build().unwrap();
    let operation = service.operation(Some("fine")).unwrap();
    let category = "test".parse().unwrap();
    let refused = recorder
        .to_builder()
        .limits(limits)
        .build()
        .unwrap()
        .record(&category, operation, vec![])
        .await
        .unwrap_err();
    let said = "`fuel` is limited, and this engine counts none; start it with `Metering::Fuel`";
    assert_eq!(refused.to_string(), said);
    let replayer = Replayer::builder(&service).limits(limits).build().unwrap();
    let recording = recorded("fine", json!([]), Limits::default()).await;
    assert_eq!(replayer.replay(&recording).await.unwrap_err().to_string(), said);
    // What was recorded where nothing counts replays where something does.
    assert!(replayed(&recording, limits).await.is_equal());
}

#[test]
fn a_limit_is_a_verdict_and_is_counted_by_its_kind() {
    let folder = Folder::with(&["misbehave"]);
    let record = "record misbehave.wasm --max-memory 1GiB --invoke";
    folder.ok(&format!("{record} 'fine()'"));
    folder.ok(&format!("{record} 'big-return(5000000)'"));
    assert_told!(folder.session(&[
        &format!("{record} 'spin()' --fuel 1000000"),
        "list",
        "replay latest misbehave.wasm --fuel 2000000",
        "replay latest misbehave.wasm --max-instances 2",
        "replay --all misbehave.wasm --fuel 1000000 --max-memory 4MiB",
        "replay --all misbehave.wasm --max-instances 2",
        "replay --all misbehave.wasm --fuel 0",
    ]));
    let replays = folder.json("replay --all misbehave.wasm --fuel 1000000 --max-memory 4MiB");
    let verdicts: Vec<_> = replays.iter().filter_map(|replay| replay["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["equal", "memory-limit", "equal"]);
    let reason = "stopped at the memory limit of 4 MiB";
    let ended = json!({ "stopped": { "limit": "memory", "reason": reason } });
    assert_eq!(replays[1]["outcome"]["replayed"], ended);
    assert_eq!(replays[3]["summary"]["stopped"], json!({ "memory": 1 }));
    assert_eq!(replays[3]["summary"]["causes"][0]["cause"], "stopped at a limit: memory");
    assert_eq!(folder.json("list")[0]["limit"], "fuel");
    assert_eq!(folder.json("show latest")[0]["outcome"]["stopped"]["limit"], "fuel");
}

#[test]
fn fuel_and_instances_are_limited_by_flag_variable_or_file() {
    let folder = Folder::with(&["misbehave"]);
    let record = "record misbehave.wasm --format json --invoke 'spin()'";
    let limit = |line: &str, variables: &[(&str, &str)]| {
        let ran = ran(&folder.command(line).envs(variables.iter().copied()).output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json: Json = serde_json::from_str(&ran.stdout).unwrap();
        json["outcome"]["stopped"]["reason"].as_str().unwrap().to_owned()
    };
    folder.write("fuel.toml", "[limits]\nfuel = 1000\n");
    folder.write("instances.toml", "[limits]\ninstances = 1\n");
    let (fuel, instances) =
        (format!("{record} --config fuel.toml"), format!("{record} --config instances.toml"));
    let (variable, count) = (("PLAYBACK_FUEL", "2000"), ("PLAYBACK_MAX_INSTANCES", "2"));
    assert_eq!(limit(&fuel, &[]), "stopped at the fuel limit of 1000");
    assert_eq!(limit(&fuel, &[variable]), "stopped at the fuel limit of 2000");
    assert_eq!(limit(&format!("{fuel} --fuel 3000"), &[variable]), "stopped at the fuel limit of 3000");
    assert_eq!(limit(&instances, &[]), "stopped at the limit of 1 core instances");
    assert_eq!(limit(&instances, &[count]), "stopped at the limit of 2 core instances");
}

#[test]
fn each_limit_is_set_by_its_flag_its_variable_and_the_file() {
    let folder = Folder::with(&["misbehave"]);
    let reason = |line: &str, variables: &[(&str, &str)]| {
        let line = format!("record misbehave.wasm --format json --timeout 600s {line}");
        let ran = ran(&folder.command(&line).envs(variables.iter().copied()).output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json: Json = serde_json::from_str(&ran.stdout).unwrap();
        json["outcome"]["stopped"]["reason"].as_str().unwrap().to_owned()
    };
    for (key, [in_file, in_variable, in_flag], call, said) in [
        ("memory", ["4MiB", "5MiB", "6MiB"], "eat()", "stopped at the memory limit of 4 MiB"),
        ("table-elements", ["1", "2", "3"], "fine()", "stopped at the limit of 1 table elements"),
        (
            "written",
            ["1KiB", "2KiB", "3KiB"],
            "babble()",
            "stopped at the limit of 1 KiB written to its standard streams",
        ),
        (
            "crossing",
            ["1KiB", "2KiB", "3KiB"],
            "big-return(4000)",
            "stopped at the limit of 1 KiB that the values of one call may take (`crossing`)",
        ),
    ] {
        let value = if key == "table-elements" { in_file.to_owned() } else { format!("\"{in_file}\"") };
        folder.write("limits.toml", format!("[limits]\n{key} = {value}\n"));
        let call = format!("--config limits.toml --invoke '{call}'");
        let variable = format!("PLAYBACK_MAX_{}", key.to_uppercase().replace('-', "_"));
        let variables = [(variable.as_str(), in_variable)];
        assert_eq!(reason(&call, &[]), said);
        let number = |text: &str| text.trim_end_matches(char::is_alphabetic).to_owned();
        let with = |set: &str| said.replacen(&number(in_file), &number(set), 1);
        assert_eq!(reason(&call, &variables), with(in_variable));
        assert_eq!(reason(&format!("{call} --max-{key} {in_flag}"), &variables), with(in_flag));
    }
}

#[test]
fn a_recording_and_a_standard_input_above_their_limits_are_refused_with_the_limit() {
    let folder = Folder::with(&["misbehave"]);
    folder.write("limits.toml", "[limits]\nrecording = \"1KiB\"\nstdin = 10\n");
    folder.write("input", "twelve bytes");
    let record = "record misbehave.wasm --config limits.toml --max-written 4KiB --invoke";
    for (line, variables, said) in [
        (format!("{record} 'babble()'"), vec![], "it grew past 1024 bytes"),
        (format!("{record} 'babble()'"), vec![("PLAYBACK_MAX_RECORDING", "2KiB")], "it grew past 2048 bytes"),
        (format!("{record} 'babble()' --max-recording 3KiB"), vec![], "it grew past 3072 bytes"),
        (format!("{record} 'fine()' --stdin input"), vec![], "is larger than the limit of 10 B"),
        (
            format!("{record} 'fine()' --stdin input"),
            vec![("PLAYBACK_MAX_STDIN", "11")],
            "is larger than the limit of 11 B; raise it with `--max-stdin`",
        ),
    ] {
        let ran = ran(&folder.command(&line).envs(variables).output().unwrap());
        assert!(ran.code != 0 && ran.stderr.contains(said), "{line}: {} {}", ran.code, ran.stderr);
    }
    folder.ok(&format!("{record} 'fine()' --stdin input --max-stdin 12"));
    folder.ok(&format!("{record} 'babble()' --max-recording 1MiB"));
}
