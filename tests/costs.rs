//! What an operation costs: the numbers are exact, and `compare --cost` holds a build to them.

use crate::comparing::{changed, last_line, report};
use crate::support::command::Folder;
use crate::support::command::portfolio_recorded;
use crate::support::http::{recorded, request};
use crate::support::server::Server;
use crate::support::{arguments, metered, provider_on, record_with, replay, service, service_on};
use playback_host::recording::Recording;
use playback_host::sandbox::{Engine, Metering, Options, Recorder, Replayer};
use playback_host::tape::Cost;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

/// A comparison of a build that does more work for the same outputs.
const DEARER: &str = "compare service_refactored.wasm --baseline service.wasm --cost";

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
    assert!(first.instructions > Some(100_000), "{first:?}");
    // Memory comes in pages.
    assert!(first.memory.is_some_and(|bytes| bytes > 0 && bytes % 65_536 == 0), "{first:?}");
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

#[tokio::test]
async fn a_request_costs_on_replay_what_it_cost_when_it_was_recorded() {
    let server = Server::start().await;
    let get = request("GET", &server.url("/chunks"), json!({}));
    let recording = Arc::new(recorded("fetch", json!([get])).await.recording.unwrap());
    let recorded = Cost::of_recording(&recording);
    assert!(recorded.crossings == 1 && recorded.bytes > 11, "{recorded:?}");
    let replayed = Cost::of_playback(&replay(&service("http"), &recording).await);
    assert_eq!((replayed.crossings, replayed.bytes), (recorded.crossings, recorded.bytes));
}

/// Writes bounds into the configuration.
fn bound(folder: &Folder, bounds: &str) {
    folder.write("playback.toml", bounds);
}

/// The cost of each recording.
fn costs(recordings: &[Json]) -> BTreeMap<String, Json> {
    recordings.iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it["cost"].clone())).collect()
}

#[test]
fn the_numbers_are_the_same_in_ten_runs_one_by_one_and_in_parallel() {
    let folder = portfolio_recorded();
    let run = |jobs: usize| {
        let (recordings, summary) = report(&folder, &format!("{DEARER} --jobs {jobs}"));
        (costs(&recordings), summary["costs"].clone())
    };
    let first = run(1);
    assert_eq!((first.0.len(), &first.1["value"]["recordings"]), (300, &json!(300)));
    for round in 1..10 {
        assert_eq!(run(if round % 2 == 0 { 1 } else { 4 }), first, "round {round}");
    }
}

#[test]
fn a_build_that_does_more_work_is_found_with_its_percentage_and_its_worst_recording() {
    let folder = portfolio_recorded();
    let (recordings, summary) = report(&folder, DEARER);
    let number = |value: &Json| value.as_u64().unwrap();
    let instructions =
        |side: &'static str| move |recording: &Json| number(&recording["cost"][side]["instructions"]);
    let (before, after) = (instructions("before"), instructions("after"));
    let found = &summary["costs"]["value"]["measures"]["instructions"];
    let [total_before, total_after]: [u64; 2] =
        [recordings.iter().map(&before).sum(), recordings.iter().map(&after).sum()];
    assert_eq!((number(&found["before"]), number(&found["after"])), (total_before, total_after));
    let percent = |before: u64, after: u64| ((after as f64 / before as f64 - 1.0) * 1e4).ceil() / 1e2;
    let change = percent(total_before, total_after);
    assert!(change > 1.0 && found["change"] == json!(change), "{change} {}", found["change"]);
    let mut changes: Vec<f64> = recordings.iter().map(|it| percent(before(it), after(it))).collect();
    changes.sort_by(f64::total_cmp);
    for (name, rank) in [("median", 150), ("p99", 297)] {
        let (found, exact) = (found[name].as_f64().unwrap(), changes[rank - 1]);
        assert!(found >= exact && found < exact + 0.1, "{name}: {found} {exact}");
    }
    let worst = recordings.iter().find(|it| it["id"] == found["worst"]["id"]).unwrap();
    let worst = percent(before(worst), after(worst));
    assert_eq!((json!(worst), worst), (found["worst"]["change"].clone(), changes[299]));
    let told = folder.ok(DEARER);
    assert!(told.contains("cost of value, in 300 recordings that ended alike\n"), "{told}");
    assert!(told.contains(&format!("{total_before}    {total_after}  +{change}%  ")), "{told}");
    assert!(told.contains(&format!("% in {}\n", found["worst"]["id"].as_str().unwrap())), "{told}");
    assert_eq!(last_line(&told), "300 equal, 0 different");
}

#[test]
fn a_cost_beyond_its_bound_fails_the_run_and_one_within_it_passes() {
    let folder = portfolio_recorded();
    bound(&folder, "[compare]\nmax-increase = { instructions = \"5%\", crossings = \"0%\" }\n");
    let ran = changed(&folder, &format!("{DEARER} --report playback-report"));
    assert_eq!(last_line(&ran.stdout), "300 equal, 0 different, 1 cost bound exceeded");
    assert!(ran.stdout.contains("value: instructions increased by "), "{}", ran.stdout);
    assert!(ran.stdout.contains(", and may increase by 5%; most in value/"), "{}", ran.stdout);
    let file = |name: &str| fs::read_to_string(folder.path("playback-report").join(name)).unwrap();
    assert!(file("summary.md").contains("| `value` | instructions |"), "{}", file("summary.md"));
    assert!(
        file("junit.xml").contains("<failure message=\"instructions increased by "),
        "{}",
        file("junit.xml")
    );
    assert!(file("report.html").contains("\"verdict\":\"cost-exceeded\""));
    let (recordings, summary) = report(&folder, DEARER);
    let measures = &summary["costs"]["value"]["measures"];
    assert_eq!(recordings.len(), 300);
    assert_eq!(measures["instructions"]["exceeded"], json!(true));
    assert_eq!(measures["instructions"]["max-increase"], json!("5%"));
    assert_eq!(measures["crossings"].get("exceeded"), None);
    // Nobody asks for the cost: nothing is measured, and nothing judged.
    let plain = DEARER.replace(" --cost", "");
    let (recordings, summary) = report(&folder, &plain);
    assert!(recordings.iter().all(|it| it.get("cost").is_none()) && summary.get("costs").is_none());
    for (bounds, line, code) in [
        ("[compare]\nmax-increase = { instructions = \"50%\", bytes = 0 }\n", DEARER, 0),
        ("[compare]\nmax-increase = { instructions = 100 }\n", DEARER, 1),
        ("[compare]\ncost = true\nmax-increase = { instructions = \"5%\" }\n", &*plain, 1),
        // What a category says goes before what is said for all.
        (
            "[compare]\nmax-increase = { instructions = \"5%\" }\n[category.value]\nmax-increase = { instructions = \"50%\" }\n",
            DEARER,
            0,
        ),
        ("[category.value]\nmax-increase = { instructions = \"5%\" }\n", DEARER, 1),
    ] {
        bound(&folder, bounds);
        let ran = folder.run(line);
        assert_eq!(ran.code, code, "{bounds}{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn without_a_baseline_the_recordings_have_crossings_and_bytes_and_no_other_bound_is_judged() {
    let folder = portfolio_recorded();
    bound(&folder, "[compare]\nmax-increase = { crossings = 0, bytes = \"0%\" }\n");
    let told = folder.ok("compare service_refactored.wasm --cost");
    assert!(told.contains("a recording has neither instructions nor memory; --baseline shows"), "{told}");
    bound(&folder, "[compare]\nmax-increase = { memory = \"10%\" }\n");
    let ran = folder.run("compare service_refactored.wasm --cost");
    assert_eq!(ran.code, 3);
    let reason = "`max-increase` bounds `memory`, which a recording does not have; compare with a baseline";
    assert!(ran.stdout.contains(reason), "{}", ran.stdout);
    bound(&folder, "[compare]\nmax-increase = { memory = \"a lot\" }\n");
    let ran = folder.run("compare service_refactored.wasm --cost");
    assert_eq!(ran.code, 2);
    assert!(
        ran.error().contains("playback.toml:2") && ran.error().contains("`a lot` is not an increase"),
        "{}",
        ran.stderr
    );
}

#[test]
fn no_verdict_depends_on_whether_the_cost_is_measured() {
    let folder = portfolio_recorded();
    let run = |more: &str| {
        let line = format!("compare service_regression.wasm --baseline service.wasm{more}");
        let (mut recordings, mut summary) = report(&folder, &line);
        for recording in &mut recordings {
            let recording = recording.as_object_mut().unwrap();
            assert_eq!(recording.remove("cost").is_some(), !more.is_empty());
            recording.remove("duration-us");
        }
        recordings.sort_by_key(|it| it["id"].as_str().unwrap().to_owned());
        summary.as_object_mut().unwrap().remove("costs");
        (recordings, summary)
    };
    assert_eq!(run(" --cost"), run(""));
}

#[test]
fn merged_shards_cost_what_one_run_does_and_are_held_to_the_same_bound() {
    let folder = portfolio_recorded();
    bound(&folder, "[compare]\nmax-increase = { instructions = \"5%\" }\n");
    let whole = report(&folder, DEARER).1;
    for shard in 1..=3 {
        folder.run(&format!("{DEARER} --shard {shard}/3 --report shard-{shard}"));
    }
    let merged = changed(&folder, "report merge shard-1 shard-2 shard-3 --into merged --format json");
    let merged: Json = serde_json::from_str(&merged.stdout).unwrap();
    assert_eq!(merged["summary"]["costs"], whole["costs"]);
    folder.run(&format!("{} --shard 3/3 --report shard-3", DEARER.replace(" --cost", "")));
    let refused = folder.run("report merge shard-1 shard-2 shard-3 --into merged");
    assert_eq!(refused.code, 3);
    assert!(refused.error().contains("different costs or bounds of them"), "{}", refused.stderr);
}
