//! Outgoing HTTP where something is another than it was recorded, not granted, secret, or too much.

use crate::support::command::Folder;
use crate::support::http::{bytes, diverged, exchanges, keyed, recorded, recorder, request};
use crate::support::server::{COOKIE, PASSWORD, Server};
use crate::support::{arguments, record_with, replay, replay_by, returned, service};
use playback_host::recording::Outcome;
use playback_host::sandbox::{Host, Limits, Network};
use playback_host::tape::{Loss, Rules};
use playback_host::value::Value;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_body_ends_on_replay_where_the_recorded_service_stopped_reading() {
    let mut server = Server::start().await;
    let url = server.url("/endless");
    let recorded = recorded("peek", json!([url, 5])).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome), json!({ "ok": "begun" }));
    let mut recording = recorded.recording.unwrap();
    let playback = replay(&service("http"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?}", playback.ending);

    recording.header.arguments = arguments(json!([url, 6]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(divergence.contains("the recorded one read no further"), "{divergence}");
    assert!(divergence.contains(&url), "{divergence}");
}

#[tokio::test]
async fn a_service_that_waits_longer_than_the_recorded_one_diverges_and_never_hangs() {
    let server = Server::start().await;
    let url = server.url("/never");
    let recorded = recorded("wait", json!([url, 50])).await;
    assert_eq!(returned(&recorded.outcome), json!(false));
    let mut recording = recorded.recording.unwrap();
    // As if the operation had been one that stops waiting, and does not now.
    recording.header.operation.name = "fetch".into();
    recording.header.operation.parameters = vec!["request".into()];
    recording.header.arguments = arguments(json!([request("GET", &url, json!({}))]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(divergence.contains("the recorded one stopped waiting"), "{divergence}");
}

#[tokio::test]
async fn a_service_that_wants_an_answer_before_it_wrote_all_is_matched_with_what_it_wrote() {
    let mut server = Server::start().await;
    let url = server.url("/converse");
    let post = request("POST", &url, json!({ "body": ["ab", "cd"] }));
    let recorded = recorded("converse", json!([post])).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome)["ok"]["body"], json!(["heard ab"]));
    let recording = recorded.recording.unwrap();
    assert_eq!(exchanges(&recording)[0]["body"], bytes("abcd"));
    for rules in [Rules::default(), keyed(&["method", "url"])] {
        let playback = replay_by(&rules, &service("http"), &Arc::new(recording.clone())).await;
        assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
    }
    // What it began like the recorded one, and ends otherwise.
    let mut changed = recording;
    changed.header.arguments = arguments(json!([request("POST", &url, json!({ "body": ["ab", "xy"] }))]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(changed)).await);
    assert!(divergence.contains("these arguments were never recorded"), "{divergence}");
}

#[tokio::test]
async fn a_service_that_waits_for_more_while_another_request_is_open_diverges_and_never_hangs() {
    let mut server = Server::start().await;
    let (held, url) = (server.url("/echo"), server.url("/endless"));
    let recorded = recorded("hold-and-read", json!([held, url, 1])).await;
    server.stop().await;
    let mut recording = recorded.recording.unwrap();
    let playback = replay(&service("http"), &Arc::new(recording.clone())).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);
    recording.header.arguments = arguments(json!([held, url, 2]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(
        divergence.contains("the recorded one read no further") && divergence.contains(&url),
        "{divergence}"
    );
}

#[tokio::test]
async fn a_request_that_sent_something_and_is_not_made_any_more_is_a_difference() {
    let mut server = Server::start().await;
    let get = request("GET", &server.url("/chunks"), json!({}));
    let post = request("POST", &server.url("/echo"), json!({ "body": ["order"] }));
    let recorded = recorded("race", json!([[get, post]])).await;
    server.stop().await;
    let mut recording = recorded.recording.unwrap();
    for (left, is_sent) in [(&get, true), (&post, false)] {
        // As if it returned nothing, so that nothing else differs.
        recording.header.operation.name = "tell".into();
        recording.header.operation.parameters = vec!["request".into()];
        recording.header.arguments = arguments(json!([left]));
        recording.outcome = Some(Outcome::Returned(Value::Null));
        let playback = replay(&service("http"), &Arc::new(recording.clone())).await;
        assert_eq!(playback.is_equal(), !is_sent, "{left}");
        assert_eq!(
            (playback.outputs.len(), playback.inputs_not_made.len()),
            if is_sent { (1, 0) } else { (0, 1) }
        );
        let first = playback.first_difference().map(|difference| difference.to_string());
        assert_eq!(first.is_some_and(|it| it.ends_with("was not made")), is_sent);
    }
}

#[tokio::test]
async fn one_more_request_is_a_divergence_that_names_it_and_the_nearest() {
    let mut server = Server::start().await;
    let get = |path: &str| request("GET", &server.url(path), json!({}));
    let (first, more) = (get("/echo"), get("/more"));
    let mut recording = recorded("race", json!([[first]])).await.recording.unwrap();
    recording.header.arguments = arguments(json!([[first, more]]));
    let hits = server.hits();
    server.stop().await;
    let divergence = diverged(&replay(&service("http"), &Arc::new(recording)).await);
    assert!(divergence.contains("/more"), "{divergence}");
    assert!(divergence.contains("recorded call #1 differs"), "{divergence}");
    assert_eq!(server.hits(), hits);
}

#[tokio::test]
async fn one_more_header_matters_only_where_a_rule_names_it() {
    let mut server = Server::start().await;
    let get = |agent: &str| {
        request("GET", &server.url("/echo"), json!({ "headers": [["x-agent", agent], ["x-trace", "1"]] }))
    };
    let (one, other) = (get("one"), get("other"));
    let mut recording = recorded("fetch", json!([one])).await.recording.unwrap();
    server.stop().await;
    let same = Arc::new(recording.clone());
    recording.header.arguments = arguments(json!([other]));
    let changed = Arc::new(recording);
    assert!(replay(&service("http"), &changed).await.is_equal());
    let by_agent = keyed(&["method", "url", "headers.X-Agent"]);
    assert!(replay_by(&by_agent, &service("http"), &same).await.is_equal());
    let divergence = diverged(&replay_by(&by_agent, &service("http"), &changed).await);
    assert!(divergence.contains("/headers.x-agent/0"), "{divergence}");
    assert!(!divergence.contains("/headers.x-trace"), "{divergence}");
}

#[tokio::test]
async fn a_request_that_is_not_granted_is_refused_and_recorded_and_reaches_nobody() {
    let server = Server::start().await;
    let elsewhere: Host = "elsewhere.example:80".parse().unwrap();
    let here: Host = server.host().parse().unwrap();
    let post = request("POST", &server.url("/echo"), json!({ "body": ["ab", "cd", "ef"] }));
    for (network, hits) in [
        (Network::None, 0),
        (Network::Hosts(vec![]), 0),
        (Network::Hosts(vec![elsewhere.clone()]), 0),
        (Network::Hosts(vec![elsewhere, here]), 1),
    ] {
        let recorded = record_with(&recorder(network), "fetch", arguments(json!([post]))).await;
        assert_eq!(server.hits(), hits);
        let recording = Arc::new(recorded.recording.unwrap());
        let is_refused =
            exchanges(&recording)[0]["result"] == json!({ "err": { "HTTP-request-denied": null } });
        assert_eq!(is_refused, hits == 0);
        assert_eq!(exchanges(&recording)[0]["body"], bytes("abcdef"));
        assert!(replay(&service("http"), &recording).await.is_equal());
        assert_eq!(server.hits(), hits);
    }
}

#[tokio::test]
async fn secrets_are_nowhere_in_a_recording_and_match_nevertheless() {
    let mut server = Server::start().await;
    let recorder =
        recorder(Network::All).to_builder().secret_headers(["X-Tenant".to_owned()]).build().unwrap();
    let recorded = record_with(&recorder, "login", arguments(json!([server.url("/login")]))).await;
    server.stop().await;
    assert_eq!(returned(&recorded.outcome), json!({ "ok": [200, 204] }));
    let recording = recorded.recording.unwrap();
    let stored = playback_host::recording::encode(&recording, &Default::default()).unwrap();
    let content = zstd::decode_all(stored.as_slice()).unwrap();
    let holds = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        holds("Bearer secret-") && holds("sid=secret-") && holds("; Path=/; HttpOnly") && holds("x-tenant")
    );
    assert!(!holds(PASSWORD) && !holds(COOKIE));

    let metadata = recording.metadata.clone();
    let read = playback_host::recording::decode(&stored, metadata, &Default::default()).unwrap();
    assert!(read.header.secret_headers.contains(&"x-tenant".to_owned()));
    let names = ["url", "headers.authorization", "headers.cookie", "headers.x-tenant"];
    let playback = replay_by(&keyed(&names), &service("http"), &Arc::new(read.clone())).await;
    assert!(playback.is_equal(), "{:?} {:?}", playback.ending, playback.result);

    let mut other = read;
    other.header.arguments = arguments(json!([server.url("/elsewhere")]));
    let divergence = diverged(&replay(&service("http"), &Arc::new(other)).await);
    assert!(divergence.contains("/elsewhere") && !divergence.contains(PASSWORD), "{divergence}");
}

#[tokio::test]
async fn what_a_recording_cannot_hold_costs_the_recording_and_not_the_service() {
    let server = Server::start().await;
    let limits = Limits::default().recording(1 << 20);
    let recorder = recorder(Network::All).to_builder().limits(limits).build().unwrap();
    let recorded = record_with(&recorder, "measure", arguments(json!([server.url("/large")]))).await;
    assert_eq!(returned(&recorded.outcome)["ok"][0], 4 << 20);
    assert_eq!(recorded.recording.unwrap_err(), Loss::TooLarge { limit: 1 << 20 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_grants_hosts_and_names_secrets_and_shows_both() {
    let mut server = Server::start().await;
    let folder = Folder::with(&["http"]);
    let record = format!("record http.wasm --invoke 'login(\"{}\")'", server.url("/login"));
    let host = server.host();
    for granted in [
        "--network --secret-header x-tenant".to_owned(),
        format!("--allow-host example.com,{host} --secret-header x-tenant"),
    ] {
        assert!(folder.ok(&format!("{record} {granted}")).contains("{\"ok\":[200,204]}"), "{granted}");
    }
    assert_eq!(server.hits(), 4);
    let refused = "ErrorCode::HttpRequestDenied";
    assert!(folder.ok(&format!("{record} --allow-host example.com")).contains(refused));
    assert!(folder.ok(&record).contains(refused));
    folder.write(
        "playback.toml",
        format!("[service]\nallow-hosts = [\"{host}\"]\nsecret-headers = [\"x-tenant\"]\n"),
    );
    assert!(folder.ok(&record).contains("{\"ok\":[200,204]}"));
    assert_eq!(server.hits(), 6);
    server.stop().await;
    let shown = folder.ok("show latest");
    assert!(shown.contains("wasi:http/outgoing-handler#handle") && shown.contains("/login"), "{shown}");
    assert!(!shown.contains(PASSWORD) && !shown.contains(COOKIE), "{shown}");
    assert_eq!(folder.run("replay --all http.wasm").code, 0);
    let inspected = folder.ok("inspect http.wasm");
    assert!(inspected.contains("key: method, url, body"), "{inspected}");
    for (line, problem) in [
        ("--allow-host http://example.com", "is not a host"),
        ("--network --allow-host example.com", "cannot be used with"),
        ("--secret-header 'a b'", "is not a name of an HTTP header"),
    ] {
        let ran = folder.run(&format!("{record} {line}"));
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.error().contains(problem), "{}", ran.stderr);
    }
    folder.write(
        "playback.toml",
        "[interceptions.\"wasi:http/outgoing-handler#handle\"]\non-missing = \"live\"\n",
    );
    let ran = folder.run("replay latest http.wasm");
    assert!(ran.error().contains("a replay sends no HTTP request"), "{}", ran.stderr);
}
